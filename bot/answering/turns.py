"""What was said in conversations, kept in the archive's database for a number of days.

Answers quote articles, and their notes name what articles say. Removing an article removes the
conversations that cite or note it, with whatever later questions took from it (`Archive.discard`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from bot.answering.schema import Answer, Question, Turn
from bot.answering.wire import build_entries
from retrieval.database import Database
from retrieval.tables import conversation_turns, turn_citations
from retrieval.wire import build_bound, build_moment

_RECALLED = 3


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it is kept. `record` is the JSON of `build_record`."""

    answer_id: str
    conversation_id: str
    question: str
    understood: str
    answer: str
    record: Mapping[str, Any]


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

    def find(self, owner: str, answer_id: str) -> KeptAnswer | None:
        """None of an answer that is unknown, expired, somebody else's, or quoted an article that
        was removed."""
        table = conversation_turns
        query = select(table).where(*self._is_kept(owner, answer_id))
        with self._database.read() as connection:
            row = connection.execute(query.order_by(table.c.turn_id).limit(1)).one_or_none()
        return (
            None
            if row is None
            else KeptAnswer(
                answer_id=row.answer_id,
                conversation_id=row.conversation_id,
                question=row.question,
                understood=row.understood,
                answer=row.answer,
                record=row.record,
            )
        )

    def share(self, owner: str, answer_id: str, with_owner: str, conversation_id: str) -> bool:
        """Make an answer another owner's too, as the first of a conversation. False if it already
        is, or is not kept: of several that share it at once, one is told that it did."""
        table = conversation_turns
        own = select(table).where(*self._is_kept(owner, answer_id)).limit(1).with_for_update()
        theirs = select(table.c.turn_id).where(*self._is_kept(with_owner, answer_id))
        with self._database.write() as connection:
            row = connection.execute(own).one_or_none()
            if row is None or connection.execute(theirs).first() is not None:
                return False
            copied = {name: value for name, value in row._mapping.items() if name != "turn_id"}
            copied |= {"owner": with_owner, "conversation_id": conversation_id}
            inserted = connection.execute(insert(table).values(copied))
            assert inserted.inserted_primary_key is not None
            (turn_id,) = inserted.inserted_primary_key
            of_turn = turn_citations.c.turn_id
            cited = select(turn_citations.c.article_id).where(of_turn == row.turn_id)
            rows = [
                {"turn_id": turn_id, "article_id": article_id}
                for article_id in connection.execute(cited).scalars()
            ]
            if rows:
                connection.execute(insert(turn_citations), rows)
        return True

    def unshare(self, owner: str, answer_id: str) -> None:
        """Undo `share`, where what was shared did not arrive."""
        kept = self._is_kept(owner, answer_id)
        with self._database.write() as connection:
            connection.execute(delete(conversation_turns).where(*kept))

    def move(self, owner: str, answer_id: str, conversation_id: str) -> None:
        """To the conversation in which people go on to ask."""
        kept = self._is_kept(owner, answer_id)
        moved = update(conversation_turns).where(*kept).values(conversation_id=conversation_id)
        with self._database.write() as connection:
            connection.execute(moved)

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
            inserted = connection.execute(insert(conversation_turns), turn)
            assert inserted.inserted_primary_key is not None
            (turn_id,) = inserted.inserted_primary_key
            held = sorted({*answer.noted, *(each.article_id for each in answer.citations)})
            if held:
                rows = [{"turn_id": turn_id, "article_id": article_id} for article_id in held]
                connection.execute(insert(turn_citations), rows)

    def _is_kept(self, owner: str, answer_id: str) -> tuple[ColumnElement[bool], ...]:
        table = conversation_turns
        return (
            table.c.owner == owner,
            table.c.answer_id == answer_id,
            table.c.moment >= self._oldest(),
            table.c.record.is_not(None),
        )

    def _oldest(self) -> int:
        return int((datetime.now(UTC) - self._kept_for).timestamp())


def build_record(asked: Question, answer: Answer) -> dict[str, Any]:
    """What it takes to judge an answer again, beside its question and its text, as JSON.

    Of articles that are neither cited nor noted nothing is kept: removing one would leave it here.
    """
    window, abstention = asked.filters.window, answer.abstention
    resolved = answer.window
    return {
        "asked_at": build_moment(asked.asked_at),
        "as_of": build_bound(window.as_of),
        "since": build_bound(window.since),
        "until": build_bound(window.until),
        "window": {
            "as_of": build_bound(resolved.as_of),
            "since": build_bound(resolved.since),
            "until": build_bound(resolved.until),
            "prefer_since": build_bound(resolved.prefer_since),
            "prefer_until": build_bound(resolved.prefer_until),
        },
        "notes": [storable(note) for note in answer.notes],
        "sources": [storable(source) for source in asked.filters.sources],
        "abstention": None if abstention is None else abstention.reason,
        "citations": [
            {"article_id": citation.article_id, "quote": citation.quote}
            for citation in answer.citations
        ],
        "confidence": answer.confidence,
        "mode": answer.mode,
        "model": answer.model,
        "form": answer.form,
        "entries": build_entries(answer.entries),
    }


def storable(text: str) -> str:
    """PostgreSQL keeps no NUL."""
    return text.replace("\x00", "")
