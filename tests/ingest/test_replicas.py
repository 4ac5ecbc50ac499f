"""Replicas with a home each, on one PostgreSQL and one Chroma server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from ingest.indexer import Indexer, catch_up_or_wait, ignore_progress
from retrieval.embedder import ChunkText, ChunkVectors
from retrieval.errors import IndexBusy, Superseded
from retrieval.indexes import hold_vectors
from retrieval.opening import Library, build_retriever
from retrieval.schema import Filters
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder
from tests.ingest.test_indexer import make_numbered, put_numbered
from tests.replicas import Newsroom, Replica


class InterruptedEmbedder(KeywordEmbedder):
    """Something happens before it has embedded its first batch."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__()
        self._happens = [happens]

    def embed_chunks(self, texts: Sequence[ChunkText]) -> Iterator[tuple[int, ChunkVectors]]:
        if self._happens:
            self._happens.pop()()
        return super().embed_chunks(texts)


@pytest.fixture
def first(newsroom_of_many: Newsroom) -> Iterator[Replica]:
    with newsroom_of_many.open("first") as replica:
        yield replica


@pytest.fixture
def second(newsroom_of_many: Newsroom) -> Iterator[Replica]:
    with newsroom_of_many.open("second") as replica:
        yield replica


def ids(*numbers: int) -> set[str]:
    return {make_numbered(number).article_id for number in numbers}


def test_what_one_indexes_all_find_and_nobody_embeds_it_again(
    first: Replica, second: Replica
) -> None:
    put_numbered(first.library, 3)
    assert first.catch_up() == 3
    second.follow()
    assert second.find_words("event") == first.find_words("event") == ids(0, 1, 2)
    assert second.find("What took place in town 1?")[0] == "Article 1"
    assert second.embedded == []
    first.library.archive.remove(make_numbered(0).article_id)
    put_article(first.library.archive, make_numbered(1, "The fair was put off to the autumn."))
    first.catch_up()
    second.follow()
    assert second.find_words("event") == ids(2)
    assert second.find_words("autumn") == ids(1)


def test_a_follower_far_behind_takes_what_is_current_of_what_changed_since(
    first: Replica, second: Replica
) -> None:
    """Also what is archived and not indexed yet: its old offsets are not in its new text."""
    put_numbered(first.library, 40)
    first.catch_up()
    for number in range(20):
        put_article(first.library.archive, make_numbered(number, f"The fair {number} was late."))
    first.library.archive.remove(make_numbered(39).article_id)
    second.follow()
    assert second.find_words("event") == ids(*range(20, 39))
    first.catch_up()
    second.follow()
    assert second.find_words("fair") == ids(*range(20))
    assert second.find_words("event") == ids(*range(20, 39))


def test_only_one_indexes_and_the_other_takes_over(first: Replica, second: Replica) -> None:
    assert first.indexer.leadership.take()
    put_numbered(first.library, 3)
    with pytest.raises(IndexBusy):
        second.catch_up()
    first.indexer.leadership.release()
    assert second.catch_up() == 3


def test_a_leader_that_was_away_undoes_nothing_of_its_successor(newsroom_of_many: Newsroom) -> None:
    """It comes back with a batch that the other has indexed meanwhile, and more."""

    def take_over() -> None:
        stalled.indexer.leadership.release()
        with newsroom_of_many.open("second") as second:
            archive = second.library.archive
            put_article(archive, make_numbered(0, "The fair was put off to the autumn."))
            archive.remove(make_numbered(1).article_id)
            second.catch_up()

    with newsroom_of_many.open("first", InterruptedEmbedder(take_over)) as stalled:
        put_numbered(stalled.library, 3)
        with pytest.raises(Superseded):
            stalled.catch_up()
        assert_complete(stalled, {0: "autumn", 2: "event"})


def test_a_leader_that_does_not_know_that_it_was_replaced_undoes_nothing_either(
    newsroom_of_many: Newsroom,
) -> None:
    """Both write, and neither lock tells the one from the other."""

    def write_too() -> None:
        with newsroom_of_many.open("second") as second:
            archive = second.library.archive
            put_article(archive, make_numbered(0, "The fair was put off to the autumn."))
            archive.remove(make_numbered(1).article_id)
            second.indexer.leadership = stalled.indexer.leadership
            second.catch_up()

    with newsroom_of_many.open("first", InterruptedEmbedder(write_too)) as stalled:
        put_numbered(stalled.library, 3)
        with pytest.raises(Superseded):
            stalled.catch_up()
        assert_complete(stalled, {0: "autumn", 2: "event"})


def assert_complete(replica: Replica, expected: dict[int, str]) -> None:
    replica.catch_up()
    opened = replica.indexes.open_active()
    assert opened is not None
    listed = replica.library.generations.list_chunks(opened.generation, Filters())
    assert {ref.article_id for ref in listed} == ids(*expected)
    assert opened.vectors.count() == len(expected)
    for number, word in expected.items():
        assert ids(number) <= replica.find_words(word)


def test_a_rebuild_elsewhere_takes_over_and_the_words_are_there_already(
    first: Replica, second: Replica, newsroom_of_many: Newsroom
) -> None:
    put_numbered(first.library, 3)
    assert first.indexer.leadership.take()
    first.catch_up()
    retriever = build_retriever(second.library, second.indexes)
    second.follow()

    def look_on() -> None:
        second.follow()
        assert second.find_words("event") == ids(0, 1, 2)

    with newsroom_of_many.open_library("third", InterruptedEmbedder(look_on)) as library:
        rebuild(library)
    assert retriever.retrieve("What took place in town 1?")[0].article.title == "Article 1"
    put_numbered(first.library, 5)
    first.catch_up()
    for replica in (first, second):
        replica.follow()
        assert replica.find_words("event") == ids(*range(5))
        folders = [path.name for path in (replica.library.settings.home / "lexical").iterdir()]
        active = replica.library.generations.active()
        assert active is not None
        assert folders == [str(active.generation_id)]
    assert not (newsroom_of_many.folder / "third").exists()


def rebuild(library: Library) -> None:
    with hold_vectors(library.settings, library.generations) as indexes:
        Indexer(library).rebuild(indexes)


def test_a_question_is_answered_in_the_moment_that_another_generation_takes_over(
    first: Replica, newsroom_of_many: Newsroom
) -> None:
    """The old one is dropped between a question's search and the reading of what it found."""
    put_numbered(first.library, 3)
    first.catch_up()

    class Swapping(KeywordEmbedder):
        def embed_question(self, question: str) -> object:  # type: ignore[override]
            if self.embedded == []:
                self.embedded.append(question)
                with newsroom_of_many.open_library("third") as library:
                    rebuild(library)
            return super().embed_question(question)

    with newsroom_of_many.open("second", Swapping()) as second:
        second.follow()
        assert second.find("What took place in town 1?")[0] == "Article 1"


def test_two_rebuilds_at_once_are_one_and_a_busy_one(newsroom_of_many: Newsroom) -> None:
    def rebuild_too() -> None:
        with (
            newsroom_of_many.open_library("second") as library,
            pytest.raises(IndexBusy),
        ):
            rebuild(library)

    with newsroom_of_many.open_library("first", InterruptedEmbedder(rebuild_too)) as library:
        put_numbered(library, 3)
        rebuild(library)
        assert library.generations.inactive() == ()


def test_a_command_indexes_where_nobody_does_and_waits_where_another_does(
    first: Replica, newsroom_of_many: Newsroom
) -> None:
    with newsroom_of_many.open_library("second") as library:
        put_numbered(library, 1)
        assert catch_up_or_wait(library, Indexer(library), ignore_progress) == 1
        assert first.indexer.leadership.take()
        put_numbered(library, 3)
        leader = threading.Timer(0.3, first.catch_up)
        leader.start()
        assert catch_up_or_wait(library, Indexer(library), ignore_progress) == 0
        leader.join()
        assert not first.indexer.is_behind()


def test_a_replica_is_new_until_it_has_caught_up_once(first: Replica, second: Replica) -> None:
    put_numbered(first.library, 3)
    first.catch_up()
    assert first.indexes.words is not None
    assert second.indexes.words is not None
    assert not first.indexes.words.measure_lag().is_new
    lag = second.indexes.words.measure_lag()
    assert (lag.changes, lag.is_new) == (3, True)
    second.follow()
    lag = second.indexes.words.measure_lag()
    assert (lag.changes, lag.is_new) == (0, False)
    put_article(first.library.archive, make_article())
    first.catch_up()
    lag = second.indexes.words.measure_lag()
    assert (lag.changes, lag.is_new) == (1, False)
