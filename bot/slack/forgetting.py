"""A workspace that removes the app takes along what was said there."""

from __future__ import annotations

from sqlalchemy import delete

from bot.slack.listening import build_owner
from retrieval.database import Database
from retrieval.tables import conversation_turns, feedback, slack_events


def forget_team(database: Database, team: str) -> None:
    """Delete its conversations, its feedback and what is known of its events."""
    owned = build_owner(team, "")
    with database.write() as connection:
        for column, beginning in (
            (slack_events.c.message, f"{team}:"),
            (conversation_turns.c.owner, f"{owned}:"),
            (feedback.c.owner, f"{owned}:"),
        ):
            of_team = column.startswith(beginning, autoescape=True)
            connection.execute(delete(column.table).where(of_team))
