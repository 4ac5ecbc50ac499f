"""In which zone an article states when it was published."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("articles", sa.Column("published_offset_minutes", sa.Integer))
