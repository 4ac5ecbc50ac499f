"""One process indexes at a time, and another takes over where it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from retrieval.database import Database
from retrieval.errors import IndexBusy, Superseded
from retrieval.leadership import Leadership
from retrieval.settings import RetrievalSettings
from tests.replicas import Newsroom

HOLDER = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"


@pytest.fixture(params=["postgresql", "sqlite"])
def shared(
    request: pytest.FixtureRequest, settings: RetrievalSettings
) -> Iterator[RetrievalSettings]:
    """An archive beside a Chroma server, which nobody asks here."""
    if request.param == "postgresql":
        yield request.getfixturevalue("newsroom_of_many").settings("home")
    else:
        yield settings.model_copy(update={"archive_url": None, "chroma_url": "http://127.0.0.1:1"})


@pytest.fixture
def databases() -> Iterator[ExitStack]:
    with ExitStack() as opened:
        yield opened


def lead(databases: ExitStack, settings: RetrievalSettings) -> Leadership:
    """As a process of its own would."""
    database = Database.open(settings)
    databases.callback(database.close)
    leadership = Leadership.of("index", settings, database)
    databases.callback(leadership.release)
    return leadership


def test_one_leads_and_another_takes_over_when_it_lets_go(
    shared: RetrievalSettings, databases: ExitStack
) -> None:
    first, second = lead(databases, shared), lead(databases, shared)
    assert first.take()
    assert first.take()
    assert not second.take()
    first.check()
    with pytest.raises(Superseded):
        second.check()
    first.release()
    assert second.take()
    assert not first.take()


def test_a_piece_of_work_keeps_what_it_found_and_gives_back_what_it_took(
    shared: RetrievalSettings, databases: ExitStack
) -> None:
    first, second = lead(databases, shared), lead(databases, shared)
    with first.held(), pytest.raises(IndexBusy), second.held():
        pass
    assert second.take()
    with second.held():
        pass
    assert not first.take()


def test_filling_and_rebuilding_do_not_exclude_each_other(
    shared: RetrievalSettings, databases: ExitStack
) -> None:
    database = Database.open(shared)
    databases.callback(database.close)
    rebuilding = Leadership.of("rebuild", shared, database)
    databases.callback(rebuilding.release)
    assert lead(databases, shared).take()
    assert rebuilding.take()


def test_where_the_vectors_are_embedded_the_home_s_lock_is_enough(
    settings: RetrievalSettings, databases: ExitStack
) -> None:
    embedded = settings.model_copy(update={"archive_url": None, "chroma_url": None})
    leadership = lead(databases, embedded)
    assert leadership.take()
    leadership.check()
    assert not list(embedded.home.glob("*.lock"))


def test_a_session_that_the_server_ended_leads_no_more(
    newsroom_of_many: Newsroom, databases: ExitStack
) -> None:
    settings = newsroom_of_many.settings("home")
    first, second = lead(databases, settings), lead(databases, settings)
    assert first.take()
    database = Database.open(settings)
    databases.callback(database.close)
    with database.write() as connection:
        assert connection.execute(text(HOLDER)).scalars().all() == [True]
    with pytest.raises(Superseded):
        first.check()
    assert second.take()
    assert not first.take()


def test_archives_in_one_database_have_a_leader_each(
    newsroom_of_many: Newsroom, shared_servers: object, databases: ExitStack
) -> None:
    settings = newsroom_of_many.settings("home")
    other = newsroom_of_many.folder / "other"
    environment = shared_servers.build_environment(other)  # type: ignore[attr-defined]
    elsewhere = Newsroom(other, environment).settings("home")
    assert lead(databases, settings).take()
    assert lead(databases, elsewhere).take()
    databases.callback(shared_servers.forget, other)  # type: ignore[attr-defined]
