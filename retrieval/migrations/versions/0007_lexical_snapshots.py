"""Copies of a lexical index, from which a new replica begins."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "lexical_snapshots",
        sa.Column(
            "generation_id",
            sa.Integer,
            sa.ForeignKey("generations.generation_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("part", sa.Integer, primary_key=True),
        sa.Column("checkpoint", sa.BigInteger, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
