"""The archive's tables. Alembic migrations in `retrieval/migrations` create them.

Moments are integer seconds since 1970-01-01T00:00Z; spans and vectors are compact blobs.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

articles = Table(
    "articles",
    metadata,
    Column("article_id", String(16), primary_key=True),
    Column("revision", BigInteger, nullable=False, unique=True),
    Column("story_id", String(16), nullable=False, index=True),
    Column("url", Text),
    Column("path", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("source", Text),
    Column("source_key", Text, index=True),
    Column("published_at", BigInteger, index=True),
    Column("date_provenance", String(16), nullable=False),
    Column("authors", JSON, nullable=False),
    Column("language", String(16)),
    Column("modified_at", BigInteger),
    # Of the zone that published_at is stated in, east of UTC; none where it is UTC.
    Column("published_offset_minutes", Integer),
)

story_bands = Table(
    "story_bands",
    metadata,
    Column("band", BigInteger, primary_key=True),
    Column(
        "article_id",
        String(16),
        ForeignKey("articles.article_id", ondelete="CASCADE"),
        primary_key=True,
        index=True,
    ),
)

visits = Table(
    "visits",
    metadata,
    Column("url", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("updated", Text),
    Column("article_id", String(16), index=True),
)

tombstones = Table(
    "tombstones",
    metadata,
    Column("article_id", String(16), primary_key=True),
    Column("revision", BigInteger, nullable=False, index=True),
)

# What is known of the editions that were given, also of an article that was withdrawn.
editions = Table(
    "editions",
    metadata,
    Column("article_id", String(16), primary_key=True),
    Column("version", BigInteger),
    Column("created_at", BigInteger),
    Column("captured_at", BigInteger),
    Column("standing", String(16), nullable=False),
    # Of an article that was withdrawn or embargoed: what it is known by, and who did it.
    Column("identity", Text),
    Column("publisher", Text),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)

generations = Table(
    "generations",
    metadata,
    Column("generation_id", Integer, primary_key=True, autoincrement=True),
    Column("embedding_model", Text, nullable=False),
    Column("chunk_size_tokens", Integer, nullable=False),
    Column("checkpoint", BigInteger, nullable=False),
    Column("active", Boolean, nullable=False),
)

chunks = Table(
    "chunks",
    metadata,
    Column(
        "generation_id",
        Integer,
        ForeignKey("generations.generation_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("article_id", String(16), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("sentences", LargeBinary, nullable=False),
    Column("sentence_vectors", LargeBinary, nullable=False),
)

lexical_snapshots = Table(
    "lexical_snapshots",
    metadata,
    Column(
        "generation_id",
        Integer,
        ForeignKey("generations.generation_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("part", Integer, primary_key=True),
    Column("checkpoint", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

slack_events = Table(
    "slack_events",
    metadata,
    Column("event_id", String(64), primary_key=True),
    Column("received_at", BigInteger, nullable=False),
    Column("message", Text),
    Column("conversation", Text),
    Column("asker", Text),
    Column("payload", Text),
    Column("holder", String(32)),
    Column("lease_until", BigInteger),
    Column("attempt", Integer),
    Column("posted", Text),
    Column("stopped_at", BigInteger),
    Index("ix_slack_events_message", "message", unique=True),
    Index("ix_slack_events_asker", "asker", "received_at"),
    Index("ix_slack_events_lease_until", "lease_until"),
    Index("ix_slack_events_conversation", "conversation"),
)

conversation_turns = Table(
    "conversation_turns",
    metadata,
    Column("turn_id", Integer, primary_key=True, autoincrement=True),
    Column("owner", Text, nullable=False),
    Column("conversation_id", Text, nullable=False),
    Column("answer_id", String(32), nullable=False),
    Column("moment", BigInteger, nullable=False, index=True),
    Column("question", Text, nullable=False),
    Column("understood", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("record", JSON),
    Index("ix_conversation_turns_conversation", "owner", "conversation_id"),
    Index("ix_conversation_turns_answer_id", "answer_id"),
)

turn_citations = Table(
    "turn_citations",
    metadata,
    Column(
        "turn_id",
        Integer,
        ForeignKey("conversation_turns.turn_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("article_id", String(16), primary_key=True, index=True),
)

feedback = Table(
    "feedback",
    metadata,
    Column("feedback_id", Integer, primary_key=True, autoincrement=True),
    Column("owner", Text, nullable=False),
    Column("answer_id", String(32), nullable=False),
    Column("verdict", String(8), nullable=False),
    Column("comment", Text),
    Column("moment", BigInteger, nullable=False),
    Column("previous", JSON, nullable=False),
    Column("question", Text, nullable=False),
    Column("understood", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("record", JSON, nullable=False),
    Index("ix_feedback_answer", "owner", "answer_id", unique=True),
)

feedback_articles = Table(
    "feedback_articles",
    metadata,
    Column(
        "feedback_id",
        Integer,
        ForeignKey("feedback.feedback_id", ondelete="CASCADE"),
        primary_key=True,
    ),
    Column("article_id", String(16), primary_key=True, index=True),
)

# slack_sdk's columns, with room for ciphertext.
slack_bots = Table(
    "slack_bots",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("client_id", String(32), nullable=False),
    Column("app_id", String(32), nullable=False),
    Column("enterprise_id", String(32)),
    Column("enterprise_name", String(200)),
    Column("team_id", String(32)),
    Column("team_name", String(200)),
    Column("bot_token", Text),
    Column("bot_id", String(32)),
    Column("bot_user_id", String(32)),
    Column("bot_scopes", String(1000)),
    Column("bot_refresh_token", Text),
    Column("bot_token_expires_at", DateTime),
    Column("is_enterprise_install", Boolean, nullable=False),
    Column("installed_at", DateTime, nullable=False),
    Index("slack_bots_idx", "client_id", "enterprise_id", "team_id", "installed_at"),
)

slack_oauth_states = Table(
    "slack_oauth_states",
    metadata,
    Column("state", String(64), primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)
