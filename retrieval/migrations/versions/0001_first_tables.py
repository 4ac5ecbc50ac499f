"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "articles",
        sa.Column("article_id", sa.String(16), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False, unique=True),
        sa.Column("story_id", sa.String(16), nullable=False, index=True),
        sa.Column("url", sa.Text),
        sa.Column("path", sa.Text),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        sa.Column("source_key", sa.Text, index=True),
        sa.Column("published_at", sa.BigInteger, index=True),
        sa.Column("date_provenance", sa.String(16), nullable=False),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("language", sa.String(16)),
    )
    op.create_table(
        "story_bands",
        sa.Column("band", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column(
            "article_id",
            sa.String(16),
            sa.ForeignKey("articles.article_id", ondelete="CASCADE"),
            primary_key=True,
            index=True,
        ),
    )
    op.create_table(
        "tombstones",
        sa.Column("article_id", sa.String(16), primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False, index=True),
    )
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counters, [{"name": "revision", "value": 0}])
    op.create_table(
        "generations",
        sa.Column("generation_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("embedding_model", sa.Text, nullable=False),
        sa.Column("chunk_size_tokens", sa.Integer, nullable=False),
        sa.Column("checkpoint", sa.BigInteger, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "chunks",
        sa.Column(
            "generation_id",
            sa.Integer,
            sa.ForeignKey("generations.generation_id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("article_id", sa.String(16), primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("end", sa.Integer, nullable=False),
        sa.Column("sentences", sa.LargeBinary, nullable=False),
        sa.Column("sentence_vectors", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "slack_events",
        sa.Column("event_id", sa.String(64), primary_key=True),
        sa.Column("received_at", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "slack_events",
        "chunks",
        "generations",
        "counters",
        "tombstones",
        "story_bands",
        "articles",
    ):
        op.drop_table(table)
