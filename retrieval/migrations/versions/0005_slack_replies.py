"""What is being answered in Slack, so that another process can finish it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for column in (
        sa.Column("message", sa.Text),
        sa.Column("conversation", sa.Text),
        sa.Column("asker", sa.Text),
        sa.Column("payload", sa.Text),
        sa.Column("holder", sa.String(32)),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("attempt", sa.Integer),
        sa.Column("posted", sa.Text),
        sa.Column("stopped_at", sa.BigInteger),
    ):
        op.add_column("slack_events", column)
    op.create_index("ix_slack_events_message", "slack_events", ["message"], unique=True)
    op.create_index("ix_slack_events_asker", "slack_events", ["asker", "received_at"])
    op.create_index("ix_slack_events_lease_until", "slack_events", ["lease_until"])
    op.create_index("ix_slack_events_conversation", "slack_events", ["conversation"])
