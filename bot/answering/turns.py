"""What was said in conversations, kept in the archive's database for a number of days.

Answers quote articles. Removing an article removes the conversations that cite it, with whatever
later questions took from it (`Archive.discard`).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from bot.answering.schema import Answer, Question, Turn
from retrieval.database import Database
from retrieval.tables import conversation_turns, turn_citations
from retrieval.wire import build_moment

_RECALLED = 3


class TurnLog:
    """Conversations are their owner's alone: another's of the same id is a different one."""

    def __init__(self, database: Database, kept_for: timedelta) -> None:
        self._database = database
        self._kept_for = kept_for

    def read(self, owner: str, conversation_id: str) -> tuple[Turn, ...]:
        """The last turns, oldest first; none of a conversation that is unknown or expired."""
        table = conversation_turns
        query = (
            select(table.c.question, table.c.understood, table.c.answer)
            .where(table.c.owner == owner, table.c.conversation_id == conversation_id)
            .where(table.c.moment >= self._oldest())
            .order_by(table.c.turn_id.desc())
            .limit(_RECALLED)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Turn(row.question, row.understood, row.answer) for row in reversed(rows))

    def write(self, asked: Question, understood: str, answer: Answer) -> None:
        """Keep one turn, and drop every turn of anybody's that has expired."""
        turn = {
            "owner": asked.owner,
            "conversation_id": answer.conversation_id,
            "answer_id": answer.answer_id,
            "moment": int(datetime.now(UTC).timestamp()),
            "question": storable(asked.text),
            "understood": storable(understood),
            "answer": storable(answer.text),
            "record": build_record(asked, answer),
        }
        expired = conversation_turns.c.moment < self._oldest()
        with self._database.write() as connection:
            connection.execute(delete(conversation_turns).where(expired))
            inserted = connection.execute(insert(conversation_turns).values(turn))
            assert inserted.inserted_primary_key is not None
            (turn_id,) = inserted.inserted_primary_key
            cited = sorted({citation.article_id for citation in answer.citations})
            if cited:
                rows = [{"turn_id": turn_id, "article_id": article_id} for article_id in cited]
                connection.execute(insert(turn_citations), rows)

    def _oldest(self) -> int:
        return int((datetime.now(UTC) - self._kept_for).timestamp())


def build_record(asked: Question, answer: Answer) -> dict[str, Any]:
    """What it takes to judge an answer again, beside its question and its text, as JSON.

    Of articles that are not cited nothing is kept: removing one would leave it here.
    """
    window, abstention = asked.filters.window, answer.abstention
    return {
        "asked_at": build_moment(asked.asked_at),
        "as_of": build_moment(window.as_of),
        "since": build_moment(window.since),
        "until": build_moment(window.until),
        "sources": [storable(source) for source in asked.filters.sources],
        "abstention": None if abstention is None else abstention.reason,
        "citations": [
            {"article_id": citation.article_id, "quote": citation.quote}
            for citation in answer.citations
        ],
        "confidence": answer.confidence,
        "mode": answer.mode,
        "model": answer.model,
    }


def storable(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    return text.replace("\x00", "")
