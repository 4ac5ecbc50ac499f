"""Carriers of stories, read from a real SQLite file and remembered until it changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from retrieval.archive import Archive
from retrieval.opening import Library, open_library
from retrieval.schema import Article, Filters, Window
from tests.factories import make_article

JUNE = datetime(2025, 6, 25, 16, 0, tzinfo=UTC)


@pytest.fixture
def archive(library: Library) -> Archive:
    return library.archive


def put(archive: Archive, article: Article, story_of: Article | None = None) -> None:
    archive.put(article, story_of.article_id if story_of else None, ())


def article_number(number: int, published_at: datetime | None = JUNE) -> Article:
    return make_article(
        title=f"Article {number}", url=f"https://example.org/{number}", published_at=published_at
    )


def test_carriers_are_all_of_the_story_the_first_published_first(archive: Archive) -> None:
    late = replace(article_number(1, JUNE + timedelta(hours=2)), source="Late Wire")
    early = replace(article_number(2, JUNE), source=None)
    undated = replace(article_number(3, None), source="Undated Post")
    unrelated = article_number(4)
    for article in (late, early, undated):
        put(archive, article, story_of=late)
    put(archive, unrelated)
    carriers = archive.carriers.of_stories([undated.article_id], Filters())
    assert [carrier.name for carrier in carriers] == ["Article 2", "Late Wire", "Undated Post"]
    assert [carrier.revision for carrier in carriers] == [2, 1, 3]
    assert {carrier.story_id for carrier in carriers} == {late.article_id}
    assert [carrier.published_at for carrier in carriers] == [
        early.published_at,
        JUNE + timedelta(hours=2),
        None,
    ]


def test_carriers_are_only_those_that_the_filters_allow(archive: Archive) -> None:
    early, late = article_number(1), article_number(2, JUNE + timedelta(days=1))
    put(archive, early)
    put(archive, late, story_of=early)
    filters = Filters(Window(as_of=JUNE))
    assert [c.article_id for c in archive.carriers.of_stories([late.article_id], filters)] == [
        early.article_id
    ]
    assert archive.carriers.of_stories([], Filters()) == ()


def test_found_are_those_that_exist(archive: Archive) -> None:
    first, second = article_number(1), article_number(2)
    put(archive, first)
    put(archive, second)
    found = archive.carriers.find([second.article_id, "0" * 16])
    assert {article_id: carrier.name for article_id, carrier in found.items()} == {
        second.article_id: second.source
    }
    assert archive.carriers.find([]) == {}


def test_what_another_process_changes_is_found_as_it_became(library: Library) -> None:
    changed, removed, kept = map(article_number, (1, 2, 3))
    ids = [article.article_id for article in (changed, removed, kept)]
    for article in (changed, removed, kept):
        put(library.archive, article)
    assert set(library.archive.carriers.find(ids)) == set(ids)
    with open_library(library.settings) as other:
        put(other.archive, replace(changed, published_at=JUNE + timedelta(days=1)))
        other.archive.remove(removed.article_id)
    found = library.archive.carriers.find(ids)
    assert set(found) == {changed.article_id, kept.article_id}
    assert found[changed.article_id].published_at == JUNE + timedelta(days=1)
    assert found[changed.article_id].revision == 4


def test_more_than_is_remembered_is_found_all_the_same(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.carriers._MOST_KNOWN", 2)
    ids = []
    for number in range(5):
        put(archive, article_number(number))
        ids.append(article_number(number).article_id)
    for size in (2, 3, 5):
        assert set(archive.carriers.find(ids[:size])) == set(ids[:size])
