"""What people said of answers, and what it takes to judge those again."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("conversation_turns", sa.Column("record", sa.JSON))
    op.create_index("ix_conversation_turns_answer_id", "conversation_turns", ["answer_id"])
    op.create_table(
        "feedback",
        sa.Column("feedback_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("answer_id", sa.String(32), nullable=False),
        sa.Column("verdict", sa.String(8), nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("moment", sa.BigInteger, nullable=False),
        sa.Column("previous", sa.JSON, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("understood", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("record", sa.JSON, nullable=False),
        sa.Index("ix_feedback_answer", "owner", "answer_id", unique=True),
    )
    op.create_table(
        "feedback_articles",
        sa.Column(
            "feedback_id",
            sa.Integer,
            sa.ForeignKey("feedback.feedback_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("article_id", sa.String(16), primary_key=True, index=True),
    )
