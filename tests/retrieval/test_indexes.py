"""The lock on the indexes, and what is said when they are not as expected."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.indexer import Indexer
from retrieval.errors import IndexBusy, IndexMismatch, IndexMissing
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, build_retriever, open_library
from retrieval.settings import RetrievalSettings
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder


@pytest.fixture
def filled(library: Library, indexer: Indexer) -> Library:
    """A library with one article indexed, and the indexes free again."""
    put_article(library.archive, make_article())
    with hold_indexes(library.settings, library.generations) as indexes:
        indexer.catch_up(indexes)
    return library


def test_a_second_holder_is_told_who_is_in_the_way(library: Library, indexes: Indexes) -> None:
    del indexes
    with (
        pytest.raises(IndexBusy, match="another process has used the indexes") as caught,
        hold_indexes(library.settings, library.generations, timeout_s=0),
    ):
        pass
    assert str(library.settings.home) in str(caught.value)


def test_a_second_holder_waits_as_long_as_the_setting_says(
    library: Library, indexes: Indexes
) -> None:
    del indexes
    settings = library.settings.model_copy(update={"lock_timeout_s": 0.2})
    started = time.monotonic()
    with pytest.raises(IndexBusy), hold_indexes(settings, library.generations):
        pass
    assert 0.2 <= time.monotonic() - started < 5


def test_a_second_holder_gets_the_indexes_when_the_first_is_done(library: Library) -> None:
    got_them = threading.Event()

    def hold() -> None:
        with hold_indexes(library.settings, library.generations, timeout_s=30):
            got_them.set()

    with hold_indexes(library.settings, library.generations):
        thread = threading.Thread(target=hold)
        thread.start()
        assert not got_them.wait(0.2)
    thread.join(timeout=30)
    assert got_them.is_set()


def test_the_indexes_are_free_again_after_a_failure(library: Library) -> None:
    def fail() -> None:
        with hold_indexes(library.settings, library.generations):
            raise KeyError("half way")

    with pytest.raises(KeyError):
        fail()
    with hold_indexes(library.settings, library.generations, timeout_s=0) as indexes:
        assert indexes.open_active() is None


def test_the_indexes_can_be_held_where_the_archive_is_elsewhere(
    settings: RetrievalSettings, tmp_path: Path
) -> None:
    elsewhere = settings.model_copy(
        update={"archive_url": SecretStr(f"sqlite:///{tmp_path / 'archive.db'}")}
    )
    assert not settings.home.exists()
    with (
        open_library(elsewhere, KeywordEmbedder()) as library,
        hold_indexes(elsewhere, library.generations) as indexes,
    ):
        put_article(library.archive, make_article())
        assert Indexer(library).catch_up(indexes) == 1


def test_nothing_is_open_before_anything_was_indexed(indexes: Indexes) -> None:
    assert indexes.open_active() is None


def test_the_active_generation_is_opened_once(indexes: Indexes) -> None:
    created = indexes.create(active=True)
    opened = indexes.open_active()
    assert opened is not None
    assert opened.generation == created
    assert opened == indexes.open_active()


@pytest.mark.parametrize(
    ("setting", "value"),
    [("embedding_model", "another/model"), ("chunk_size_tokens", 100)],
)
def test_an_index_made_with_other_settings_is_a_mismatch(
    filled: Library, setting: str, value: object
) -> None:
    changed = filled.settings.model_copy(update={setting: value})
    with (
        hold_indexes(changed, filled.generations) as indexes,
        pytest.raises(IndexMismatch) as caught,
    ):
        indexes.open_active()
    stored = getattr(filled.settings, setting)
    for fact in (f"retrieval.{setting}", str(stored), str(value), "dateline reindex"):
        assert fact in str(caught.value)


def test_settings_that_do_not_shape_the_index_may_change(filled: Library) -> None:
    changed = filled.settings.model_copy(update={"top_k": 3, "lock_timeout_s": 1.0})
    with hold_indexes(changed, filled.generations) as indexes:
        assert indexes.open_active() is not None


def test_a_missing_lexical_folder_is_made_anew_from_the_chunks(
    filled: Library, embedder: KeywordEmbedder
) -> None:
    shutil.rmtree(filled.settings.home / "lexical")
    embedder.embedded.clear()
    with hold_indexes(filled.settings, filled.generations) as indexes:
        retriever = build_retriever(filled, indexes)
        indexes.follow_words(filled.archive)
        (passage,) = retriever.retrieve("Who chaired the talks?")
        opened = indexes.open_active()
        assert opened is not None
        assert len(opened.lexical.search("chaired", 10)) == 1
    assert passage.article.title == make_article().title
    assert embedder.embedded == []


@pytest.mark.embedded
def test_a_missing_chroma_folder_is_a_missing_index(filled: Library, tmp_path: Path) -> None:
    # Chroma keeps an opened folder in this process, so that a copy without it is opened.
    home = tmp_path / "copy"
    shutil.copytree(filled.settings.home, home, ignore=shutil.ignore_patterns("chroma"))
    settings = filled.settings.model_copy(update={"home": home})
    with (
        open_library(settings, KeywordEmbedder()) as library,
        hold_indexes(settings, library.generations) as indexes,
        pytest.raises(IndexMissing, match="the vector index is missing"),
    ):
        build_retriever(library, indexes)


@pytest.mark.parametrize("folder", ["chroma", "lexical"])
def test_a_missing_index_is_rebuilt_from_the_archive(
    filled: Library, tmp_path: Path, folder: str
) -> None:
    home = tmp_path / "copy"
    shutil.copytree(filled.settings.home, home, ignore=shutil.ignore_patterns(folder))
    settings = filled.settings.model_copy(update={"home": home})
    with (
        open_library(settings, KeywordEmbedder()) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        Indexer(library).rebuild(indexes)
        (passage,) = build_retriever(library, indexes).retrieve("Who chaired the talks?")
    assert passage.article.title == make_article().title


def test_dropping_inactive_generations_keeps_the_active_one(
    library: Library, indexes: Indexes
) -> None:
    kept = indexes.create(active=True)
    dropped = indexes.create(active=False)
    indexes.follow_words(library.archive)
    folder = library.settings.home / "lexical"
    names = {str(kept.generation_id), str(dropped.generation_id)}
    assert {path.name for path in folder.iterdir()} == names
    indexes.drop_inactive()
    assert library.generations.inactive() == ()
    indexes.follow_words(library.archive)
    assert [path.name for path in folder.iterdir()] == [str(kept.generation_id)]
