"""What the bot's tests share: a shelf of articles, and Slack's stand-in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.indexer import Indexer
from retrieval.indexes import Indexes
from retrieval.opening import Library
from tests.bot.factories import Shelf
from tests.slack_server import SlackServer


@pytest.fixture
def shelf(library: Library, indexes: Indexes, indexer: Indexer) -> Shelf:
    return Shelf(library, indexes, indexer)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    server = SlackServer()
    try:
        yield server
    finally:
        server.stop()
