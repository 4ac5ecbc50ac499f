"""Each question in Slack once, whatever Slack redelivers and however many processes listen.

A row is a claim on one message. While it is being answered it holds the question, and a lease that
its process renews; when that process dies the lease runs out, and another takes the claim over.
Leases are compared by the clocks of the machines: these may differ by less than a lease.
"""

from __future__ import annotations

import json
import logging
import math
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from bot.slack.listening import Asked
from retrieval.database import Database
from retrieval.tables import slack_events as table

_log = logging.getLogger(__name__)
LEASE_S = 30.0
_MINUTE_S = 60
# Slack gives up on an event within hours.
_KEPT_S = 7 * 86_400
_MOST_ID_CHARACTERS = 64
_MOST_TAKEN_OVER = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """A question that this process has to answer.

    `wait_s` is not 0 where its asker has asked too much. `posted` are the messages (`ts`) that
    the reply has so far: a claim taken over may have some.
    """

    event_id: str
    asked: Asked
    wait_s: int = 0
    attempt: int = 1
    posted: tuple[str, ...] = ()


class EventLog:
    """The archive's table of Slack's events; `most_a_minute` are the questions of one user, 0 for
    no limit."""

    def __init__(
        self,
        database: Database,
        most_a_minute: int = 0,
        lease_s: float = LEASE_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.lease_s = lease_s
        self._database = database
        self._most_a_minute = most_a_minute
        self._clock = clock
        self._holder = uuid.uuid4().hex

    def claim(self, event_id: str, asked: Asked) -> Claim | None:
        """For the first to ask, by the event or by its message; None for every other."""
        now = int(self._clock())
        asker = f"{asked.team}:{asked.user}"
        event_id = event_id[:_MOST_ID_CHARACTERS]
        row = {
            "event_id": event_id,
            "message": asked.key,
            "conversation": asked.conversation_id,
            "received_at": now,
            "payload": json.dumps(asdict(asked)),
            "attempt": 1,
            "posted": "",
        }
        try:
            with self._database.write() as connection:
                wait_s = self._wait(connection, asker, now)
                # Who is refused may ask again as soon as the earlier questions are a minute old.
                counted = None if wait_s else asker
                connection.execute(insert(table).values(row | self._held() | {"asker": counted}))
        except IntegrityError:
            return None
        return Claim(event_id, asked, wait_s)

    def take_over(self, but: Collection[str] = ()) -> tuple[Claim, ...]:
        """What processes left unanswered whose leases ran out; each goes to one who asks. `but`
        are the ids that this process is at work on, whose leases ran out while it was held up."""
        ran_out = (
            table.c.payload.is_not(None),
            table.c.lease_until < int(self._clock()),
            table.c.event_id.not_in(but),
        )
        with self._database.read() as connection:
            rows = connection.execute(
                select(table).where(*ran_out).order_by(table.c.received_at).limit(_MOST_TAKEN_OVER)
            ).all()
        claims = (self._read(row) for row in rows if self._take(row))
        return tuple(claim for claim in claims if claim is not None)

    def renew(self, event_ids: Collection[str]) -> set[str]:
        """Keep the leases; the ids of those that are still ours."""
        if not event_ids:
            return set()
        ours = (*self._ours(), table.c.event_id.in_(event_ids))
        with self._database.write() as connection:
            connection.execute(update(table).where(*ours).values(self._held()))
            return set(connection.execute(select(table.c.event_id).where(*ours)).scalars())

    def is_ours(self, event_id: str) -> bool:
        with self._database.read() as connection:
            query = select(table.c.event_id).where(*self._ours(), table.c.event_id == event_id)
            return connection.execute(query).first() is not None

    def record(self, event_id: str, posted: Sequence[str]) -> bool:
        """Keep which messages the reply has; False where another process has the claim now."""
        return self._change(event_id, posted=" ".join(posted))

    def finish(self, event_id: str) -> None:
        """Answered: what was asked is forgotten."""
        self._change(event_id, payload=None, lease_until=None)

    def release(self, event_ids: Collection[str]) -> None:
        """Leave to others what this process cannot finish."""
        for event_id in event_ids:
            self._change(event_id, lease_until=0)

    def postpone(self, event_id: str) -> None:
        """Try again when the lease has run out, as the second attempt, which looks for what the
        first may have posted: that Slack was away is not the question's fault."""
        self._change(event_id, **self._held(), attempt=1)

    def stop(self, conversation_id: str) -> None:
        """Ask whichever process answers in the conversation to stop."""
        running = (table.c.conversation == conversation_id, table.c.payload.is_not(None))
        with self._database.write() as connection:
            now = int(self._clock())
            connection.execute(update(table).where(*running).values(stopped_at=now))

    def read_stopped(self) -> set[str]:
        """The ids of our claims that somebody wants stopped."""
        stopped = select(table.c.event_id).where(*self._ours(), table.c.stopped_at.is_not(None))
        with self._database.read() as connection:
            return set(connection.execute(stopped).scalars())

    def read_posted(self, conversation_id: str) -> set[str]:
        """The messages of every reply in the conversation."""
        query = select(table.c.posted).where(table.c.conversation == conversation_id)
        with self._database.read() as connection:
            rows = connection.execute(query).scalars()
            return {ts for posted in rows for ts in (posted or "").split()}

    def forget_old(self) -> None:
        oldest = int(self._clock()) - _KEPT_S
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.received_at < oldest))

    def _wait(self, connection: Connection, asker: str, now: int) -> int:
        """Seconds until this user may ask again, 0 for now."""
        if not self._most_a_minute:
            return 0
        recent = (table.c.asker == asker, table.c.received_at > now - _MINUTE_S)
        count, first = connection.execute(
            select(func.count(), func.min(table.c.received_at)).where(*recent)
        ).one()
        return 0 if count < self._most_a_minute else max(1, first + _MINUTE_S - now)

    def _take(self, row: Row[tuple[object, ...]]) -> bool:
        """Only one who saw this lease gets the claim."""
        seen = (table.c.event_id == row.event_id, table.c.lease_until == row.lease_until)
        taken = update(table).where(*seen, table.c.payload.is_not(None))
        values = self._held() | {"attempt": row.attempt + 1}
        with self._database.write() as connection:
            return connection.execute(taken.values(values)).rowcount == 1

    def _read(self, row: Row[tuple[object, ...]]) -> Claim | None:
        """None, and given up, where another version wrote what this one cannot read."""
        try:
            asked = Asked(**json.loads(row.payload))
        except (TypeError, ValueError):
            _log.error("the claim %s cannot be read and is given up", row.event_id)
            self.finish(row.event_id)
            return None
        return Claim(row.event_id, asked, 0, row.attempt + 1, tuple(row.posted.split()))

    def _change(self, event_id: str, **values: object) -> bool:
        ours = (*self._ours(), table.c.event_id == event_id)
        with self._database.write() as connection:
            return connection.execute(update(table).where(*ours).values(values)).rowcount == 1

    def _ours(self) -> tuple[ColumnElement[bool], ...]:
        return table.c.holder == self._holder, table.c.payload.is_not(None)

    def _held(self) -> dict[str, object]:
        return {"holder": self._holder, "lease_until": math.ceil(self._clock() + self.lease_s)}
