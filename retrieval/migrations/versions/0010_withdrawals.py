"""Who withdrew an article, and what it was known by."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("editions", sa.Column("identity", sa.Text))
    op.add_column("editions", sa.Column("publisher", sa.Text))
