"""What was said in conversations, and which articles it cited."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "conversation_turns",
        sa.Column("turn_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("conversation_id", sa.Text, nullable=False),
        sa.Column("answer_id", sa.String(32), nullable=False),
        sa.Column("moment", sa.BigInteger, nullable=False, index=True),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("understood", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Index("ix_conversation_turns_conversation", "owner", "conversation_id"),
    )
    op.create_table(
        "turn_citations",
        sa.Column(
            "turn_id",
            sa.Integer,
            sa.ForeignKey("conversation_turns.turn_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("article_id", sa.String(16), primary_key=True, index=True),
    )
