"""Each Slack event once, whatever Slack redelivers and however many processes listen."""

from __future__ import annotations

import time

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from retrieval.database import Database
from retrieval.tables import slack_events


class EventLog:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, event_id: str) -> bool:
        """True for the first to ask, False for every other."""
        row = {"event_id": event_id, "received_at": int(time.time())}
        try:
            with self._database.write() as connection:
                connection.execute(insert(slack_events).values(row))
        except IntegrityError:
            return False
        return True
