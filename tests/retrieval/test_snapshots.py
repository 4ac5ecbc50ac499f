"""A new replica begins from a copy of the lexical index."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from retrieval.leadership import Leadership
from retrieval.lexical_replica import LexicalReplica
from retrieval.opening import Library
from retrieval.snapshots import LexicalSnapshots
from retrieval.tables import lexical_snapshots
from tests.ingest.test_indexer import put_numbered
from tests.replicas import Newsroom, Replica


def open_words(library: Library, folder: Path, least_changes: int = 10) -> LexicalReplica:
    storing = Leadership.of("snapshot", library.settings, library.database)
    snapshots = LexicalSnapshots(library.database, storing, least_changes)
    return LexicalReplica(folder, library.generations, snapshots)


def count_parts(library: Library) -> int:
    with library.database.read() as connection:
        return int(
            connection.execute(select(func.count()).select_from(lexical_snapshots)).scalar_one()
        )


def find(replica: Replica, words: LexicalReplica) -> tuple[int, int]:
    """The checkpoint, and how many articles have the word that all of them have."""
    generation = replica.library.generations.active()
    assert generation is not None
    index = words.open(generation)
    return index.checkpoint, len(index.search("event", 10_000))


def test_a_new_replica_begins_where_the_copy_was_made_and_follows_from_there(
    newsroom_of_many: Newsroom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.snapshots._PART_BYTES", 1_000)
    with newsroom_of_many.open("first") as replica:
        archive = replica.library.archive
        put_numbered(replica.library, 20)
        replica.catch_up()
        first = open_words(replica.library, tmp_path / "first")
        first.follow(archive)
        assert count_parts(replica.library) > 3

        put_numbered(replica.library, 24)
        replica.catch_up()
        first.follow(archive)
        second = open_words(replica.library, tmp_path / "second")
        assert find(replica, second) == (20, 20)
        second.follow(archive)
        assert find(replica, second) == (24, 24)

        put_numbered(replica.library, 30)
        replica.catch_up()
        second.follow(archive)
        assert find(replica, open_words(replica.library, tmp_path / "third")) == (30, 30)

        replica.indexer.rebuild(replica.indexes)
        assert count_parts(replica.library) == 0


def test_few_changes_are_not_worth_a_copy(newsroom_of_many: Newsroom, tmp_path: Path) -> None:
    with newsroom_of_many.open("first") as replica:
        put_numbered(replica.library, 9)
        replica.catch_up()
        open_words(replica.library, tmp_path / "first").follow(replica.library.archive)
        assert count_parts(replica.library) == 0
        assert find(replica, open_words(replica.library, tmp_path / "second")) == (0, 0)


def test_one_copies_at_a_time(newsroom_of_many: Newsroom, tmp_path: Path) -> None:
    with newsroom_of_many.open("first") as replica:
        library = replica.library
        put_numbered(library, 20)
        replica.catch_up()
        with Leadership.of("snapshot", library.settings, library.database).held():
            open_words(library, tmp_path / "first").follow(library.archive)
        assert count_parts(library) == 0
