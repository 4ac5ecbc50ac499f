"""Which edition of an article the archive has, and what its publisher has withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "editions",
        sa.Column("article_id", sa.String(16), primary_key=True),
        sa.Column("version", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger),
        sa.Column("captured_at", sa.BigInteger),
        sa.Column("standing", sa.String(16), nullable=False),
    )
