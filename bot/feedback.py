"""What people say of answers, kept with what it takes to judge them again.

A verdict is kept until it is removed, for longer than the conversation: it is there to be read
later, by people who make gold questions of it. Removing an article removes the feedback on every
conversation that had cited it (`Archive.discard`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.answering.citations import drop_markers
from bot.answering.turns import storable
from retrieval.database import Database
from retrieval.errors import DatelineError
from retrieval.schema import Article
from retrieval.tables import conversation_turns, feedback, feedback_articles, turn_citations
from retrieval.wire import build_moment

Verdict = Literal["up", "down"]


class AnswerNotFound(DatelineError):
    """Unknown, forgotten or somebody else's: the caller cannot tell which."""

    exit_code = 2

    def __init__(self, answer_id: str) -> None:
        super().__init__(
            f"no answer has the id {answer_id!r}: use the `id` of an answer whose conversation is "
            "still kept"
        )


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict and the answer it is on.

    `previous` are the questions before it in its conversation. `record` is the JSON of
    `bot.answering.turns.build_record`.
    """

    answer_id: str
    verdict: Verdict
    comment: str | None
    given_at: datetime
    previous: tuple[str, ...]
    question: str
    understood: str
    answer: str
    record: Mapping[str, Any]


class FeedbackLog:
    """The archive's table of feedback."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, owner: str, answer_id: str, verdict: Verdict, comment: str | None) -> None:
        """The owner's second verdict on an answer replaces the first. Raises AnswerNotFound."""
        given = {
            "verdict": verdict,
            "comment": None if comment is None else storable(comment),
            "moment": int(datetime.now(UTC).timestamp()),
        }
        own = (feedback.c.owner == owner, feedback.c.answer_id == answer_id)
        with self._database.write() as connection:
            turn = _lock_turn(connection, owner, answer_id)
            if connection.execute(update(feedback).where(*own).values(given)).rowcount:
                return
            if turn is None:
                raise AnswerNotFound(answer_id)
            _insert(connection, turn, given)

    def read(self, verdict: Verdict | None = None) -> tuple[Feedback, ...]:
        """Everybody's, the oldest first."""
        query = select(feedback).order_by(feedback.c.feedback_id)
        if verdict is not None:
            query = query.where(feedback.c.verdict == verdict)
        with self._database.read() as connection:
            return tuple(map(_to_feedback, connection.execute(query)))

    def remove(self, answer_ids: Iterable[str]) -> int:
        """How many there were."""
        named = feedback.c.answer_id.in_(list(answer_ids))
        with self._database.write() as connection:
            return connection.execute(delete(feedback).where(named)).rowcount


def build_feedback(given: Feedback) -> dict[str, Any]:
    return {
        "answer_id": given.answer_id,
        "verdict": given.verdict,
        "comment": given.comment,
        "given_at": build_moment(given.given_at),
        "previous": list(given.previous),
        "question": given.question,
        "understood": given.understood,
        "answer": given.answer,
        **given.record,
    }


def build_candidate(given: Feedback, articles: Mapping[str, Article]) -> dict[str, Any]:
    """A line of a gold set (docs/evaluation.md) that lacks what only a person can say.

    `articles` are those that it quotes, by id. An answer found good brings itself and its quotes,
    as far as they stand in the articles as they are; one found bad brings its question alone.
    """
    record, good = given.record, given.verdict == "up"
    quoted = [
        {"article": article.url or article.path or "", "quote": citation["quote"]}
        for citation in record["citations"]
        if (article := articles.get(citation["article_id"])) and citation["quote"] in article.text
    ]
    return {
        "id": given.answer_id,
        "kind": "feedback",
        "question": given.question,
        "answerable": not good or record["abstention"] is None,
        "answer": drop_markers(given.answer) if good else "",
        "accepted": [],
        "evidence": quoted if good else [],
        "asked_at": record["asked_at"],
        "as_of": record["as_of"],
        "since": record["since"],
        "until": record["until"],
        "sources": record["sources"],
        "previous": list(given.previous),
    }


def _lock_turn(connection: Connection, owner: str, answer_id: str) -> Row[Any] | None:
    """Locked, so that of two first verdicts at once the second finds the one before it, and none
    is given while an article that the turn cites is removed."""
    table = conversation_turns
    query = select(table).where(
        table.c.owner == owner, table.c.answer_id == answer_id, table.c.record.is_not(None)
    )
    return connection.execute(query.with_for_update()).one_or_none()


def _insert(connection: Connection, turn: Row[Any], given: Mapping[str, Any]) -> None:
    table = conversation_turns
    until_then = (
        table.c.owner == turn.owner,
        table.c.conversation_id == turn.conversation_id,
        table.c.turn_id <= turn.turn_id,
    )
    before = select(table.c.question).where(*until_then, table.c.turn_id < turn.turn_id)
    previous = connection.execute(before.order_by(table.c.turn_id)).scalars().all()
    row = {
        **given,
        "owner": turn.owner,
        "answer_id": turn.answer_id,
        "previous": list(previous),
        "question": turn.question,
        "understood": turn.understood,
        "answer": turn.answer,
        "record": turn.record,
    }
    inserted = connection.execute(insert(feedback).values(row))
    assert inserted.inserted_primary_key is not None
    (feedback_id,) = inserted.inserted_primary_key
    # A follow-up may have taken words from whatever its conversation had cited before.
    cited = (
        select(turn_citations.c.article_id)
        .join(table, table.c.turn_id == turn_citations.c.turn_id)
        .where(*until_then)
        .distinct()
    )
    article_ids = connection.execute(cited).scalars().all()
    if article_ids:
        rows = [{"feedback_id": feedback_id, "article_id": each} for each in article_ids]
        connection.execute(insert(feedback_articles), rows)


def _to_feedback(row: Row[Any]) -> Feedback:
    return Feedback(
        answer_id=row.answer_id,
        verdict=row.verdict,
        comment=row.comment,
        given_at=datetime.fromtimestamp(row.moment, UTC),
        previous=tuple(row.previous),
        question=row.question,
        understood=row.understood,
        answer=row.answer,
        record=row.record,
    )
