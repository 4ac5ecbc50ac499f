"""A web server to fetch from, and the log of what was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ingest.visits import VisitLog
from retrieval.opening import Library
from tests.web_server import Page, WebServer, serve_web


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serve_web() as server:
        server.pages["/"] = Page()
        yield server


@pytest.fixture
def log(library: Library) -> VisitLog:
    return VisitLog(library.database)
