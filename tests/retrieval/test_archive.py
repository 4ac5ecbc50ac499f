"""The archive on a real SQLite file."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from retrieval.archive import Archive, Change, Position, PutOutcome
from retrieval.errors import ArticleNotFound, StorageError
from retrieval.opening import Library
from retrieval.schema import Article, Filters, Window
from tests.factories import make_article

JUNE = datetime(2025, 6, 25, 16, 0, tzinfo=UTC)
BANDS = (1, -2, 2**63 - 1, -(2**63))


@pytest.fixture
def archive(library: Library) -> Archive:
    return library.archive


def put(archive: Archive, article: Article, story_of: Article | None = None) -> PutOutcome:
    return archive.put(article, story_of.article_id if story_of else None, BANDS)


def article_number(number: int, published_at: datetime | None = JUNE) -> Article:
    return make_article(
        title=f"Article {number}", url=f"https://example.org/{number}", published_at=published_at
    )


def test_archive_gives_back_every_field_as_it_was_put(archive: Archive) -> None:
    article = replace(
        make_article(title="Żółw „mówi” 🐢", path="a/b.txt", authors=("Ann", "Łukasz")),
        published_at=datetime(2026, 2, 12, 18, 30, tzinfo=timezone(timedelta(hours=1))),
        date_provenance="byline",
        language="pl",
    )
    assert put(archive, article) == "added"
    assert archive.get(article.article_id) == replace(
        article, revision=1, story_id=article.article_id
    )


def test_archive_keeps_an_undated_article_undated(archive: Archive) -> None:
    article = make_article(published_at=None)
    put(archive, article)
    stored = archive.get(article.article_id)
    assert stored.published_at is None
    assert stored.date_provenance == "unknown"


def test_put_gives_unchanged_content_no_new_revision(archive: Archive) -> None:
    put(archive, make_article())
    assert put(archive, make_article()) == "unchanged"
    assert archive.latest_revision() == 1
    assert archive.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        make_article(text="The talks were put off to the autumn."),
        make_article(title="Allies do not meet"),
        make_article(source="Harbour Courier"),
        make_article(published_at=JUNE + timedelta(days=1)),
        make_article(authors=("Ann Ekholm",)),
    ],
    ids=["text", "title", "source", "date", "authors"],
)
def test_put_writes_a_changed_article_anew(archive: Archive, changed: Article) -> None:
    put(archive, make_article())
    assert put(archive, changed) == "updated"
    assert archive.count() == 1
    stored = archive.get(changed.article_id)
    assert replace(stored, revision=0, story_id="") == changed
    assert stored.revision == 2


def test_put_calls_another_carrier_of_a_story_a_duplicate(archive: Archive) -> None:
    first, copy = article_number(1), article_number(2)
    put(archive, first)
    assert put(archive, copy, story_of=first) == "duplicate"
    assert archive.get(copy.article_id).story_id == first.article_id
    assert archive.count() == 2


def test_revisions_grow_with_every_change(archive: Archive) -> None:
    for number in (1, 2):
        put(archive, article_number(number))
    put(archive, replace(article_number(1), title="New"))
    archive.remove(article_number(2).article_id)
    put(archive, article_number(3))
    assert archive.latest_revision() == 5
    assert [change.revision for change in archive.changes_since(0, 10)] == [3, 4, 5]


def test_revisions_are_distinct_when_several_threads_write(archive: Archive) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: put(archive, article_number(number)), range(40)))
    assert sorted(article.revision for article in archive) == list(range(1, 41))


def test_an_article_that_several_put_at_once_is_added_once(archive: Archive) -> None:
    for number in range(5):
        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(lambda _: put(archive, article_number(number)), range(6)))  # noqa: B023
        assert sorted(outcomes) == ["added", *["unchanged"] * 5]
    assert archive.latest_revision() == 5


def test_an_article_that_several_remove_at_once_is_removed_once(archive: Archive) -> None:
    for number in range(5):
        put(archive, article_number(number))
        article_id = article_number(number).article_id
        with ThreadPoolExecutor(6) as pool:
            outcomes = list(pool.map(archive.discard, [article_id] * 6))
        assert sorted(outcomes) == [False] * 5 + [True]
    assert archive.latest_revision() == 10


def test_those_who_change_and_remove_one_article_at_once_all_succeed(archive: Archive) -> None:
    article = article_number(1)

    def change(turn: int) -> None:
        if turn % 3:
            put(archive, replace(article, title=f"Version {turn}"))
        else:
            archive.discard(article.article_id)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(change, range(90)))
    assert archive.count() + archive.is_removed(article.article_id) == 1


def test_more_may_put_at_once_than_there_are_connections(archive: Archive) -> None:
    def put_new(number: int) -> PutOutcome:
        def find_story() -> None:
            assert archive.sharing_a_band((number,)) == ()

        return archive.put(article_number(number), find_story, (number,))

    with ThreadPoolExecutor(40) as pool:
        outcomes = list(pool.map(put_new, range(80)))
    assert outcomes == ["added"] * 80


def test_a_removed_article_is_a_removal_among_the_changes(archive: Archive) -> None:
    kept, removed = article_number(1), article_number(2)
    put(archive, kept)
    put(archive, removed)
    archive.remove(removed.article_id)
    assert archive.changes_since(0, 10) == (
        Change(kept.article_id, 1, removed=False),
        Change(removed.article_id, 3, removed=True),
    )
    assert archive.sharing_a_band(BANDS) == (archive.get(kept.article_id),)


def test_an_article_that_comes_back_is_no_removal_any_more(archive: Archive) -> None:
    article = make_article()
    put(archive, article)
    archive.remove(article.article_id)
    assert put(archive, article) == "added"
    assert archive.changes_since(0, 10) == (Change(article.article_id, 3, removed=False),)


def test_changes_come_in_order_and_no_more_than_asked_for(archive: Archive) -> None:
    for number in range(5):
        put(archive, article_number(number))
    archive.remove(article_number(0).article_id)
    assert [change.revision for change in archive.changes_since(2, 2)] == [3, 4]
    assert [change.revision for change in archive.changes_since(4, 2)] == [5, 6]
    assert archive.changes_since(6, 2) == ()


def test_get_and_remove_of_an_unknown_id_name_it(archive: Archive) -> None:
    with pytest.raises(ArticleNotFound, match="no article has the id 'nothing'"):
        archive.get("nothing")
    with pytest.raises(ArticleNotFound, match="nothing"):
        archive.remove("nothing")
    with pytest.raises(ArticleNotFound):
        archive.get("\x00")
    assert archive.latest_revision() == 0


def test_get_many_leaves_out_what_is_not_there(archive: Archive) -> None:
    article = make_article()
    put(archive, article)
    found = archive.get_many([article.article_id, "nothing"])
    assert list(found) == [article.article_id]
    assert archive.get_many([]) == {}


def test_archive_lists_the_newest_first_and_undated_ones_last(archive: Archive) -> None:
    moments = (JUNE, None, JUNE + timedelta(days=2), JUNE - timedelta(days=9000))
    for number, moment in enumerate(moments):
        put(archive, article_number(number, moment))
    titles = [article.title for article in archive]
    assert titles == ["Article 2", "Article 0", "Article 3", "Article 1"]
    assert archive.count_undated() == 1


def test_pages_go_on_after_an_article_that_may_be_gone(archive: Archive) -> None:
    for number in range(4):
        moment = None if number == 3 else datetime(2025, 6, 1, tzinfo=UTC)
        archive.put(make_article(url=f"https://e.org/{number}", published_at=moment), None, ())
    listed = list(archive)
    assert archive.read_page(None, 10) == tuple(listed)
    archive.remove(listed[1].article_id)
    assert archive.read_page(Position.of(listed[1]), 1) == (listed[2],)
    assert archive.read_page(Position.of(listed[2]), 10) == (listed[3],)
    assert archive.read_page(Position.of(listed[3]), 10) == ()


def test_counting_follows_the_filters_to_the_second(archive: Archive) -> None:
    sources = ("ŁÓDŹ Herald", "Straße", "Meridian Wire", None)
    moments = (JUNE, JUNE + timedelta(seconds=1), datetime(1969, 7, 20, tzinfo=UTC), None)
    stored = [
        replace(article_number(len(moments) * i + j, moment), source=source)
        for i, source in enumerate(sources)
        for j, moment in enumerate(moments)
    ]
    for article in stored:
        put(archive, article)
    windows = (
        Window(),
        Window(since=JUNE),
        Window(until=JUNE),
        Window(as_of=JUNE, since=JUNE),
        Window(until=datetime(1970, 1, 1, tzinfo=UTC)),
        Window(since=JUNE + timedelta(days=1)),
        Window(prefer_since=JUNE + timedelta(days=1)),
    )
    for window in windows:
        for names in ((), ("łódź herald",), ("STRASSE", "meridian wire"), ("Nobody",)):
            filters = Filters(window, names)
            expected = sum(filters.allows(a.published_at, a.source) for a in stored)
            assert archive.count(filters) == expected, filters


def test_counting_finds_a_source_whatever_its_case(archive: Archive) -> None:
    put(archive, make_article(source="Łódź HERALD"))
    assert archive.count(Filters(sources=("ŁÓDŹ herald",))) == 1
    assert archive.count(Filters(sources=("Lodz Herald",))) == 0


def test_articles_are_found_by_a_band_in_common(archive: Archive) -> None:
    first, second = article_number(1), article_number(2)
    archive.put(second, second.article_id, (2, 3))
    archive.put(first, first.article_id, (1, 2))
    titles = [article.title for article in archive.sharing_a_band((2,))]
    assert titles == ["Article 2", "Article 1"]
    assert [article.title for article in archive.sharing_a_band((1, 9))] == ["Article 1"]
    assert archive.sharing_a_band((9,)) == ()


def test_an_update_replaces_the_bands(archive: Archive) -> None:
    article = make_article()
    archive.put(article, article.article_id, (1, 2))
    archive.put(replace(article, title="New"), article.article_id, (2, 3))
    assert archive.sharing_a_band((1,)) == ()
    assert len(archive.sharing_a_band((3,))) == 1


def test_a_put_that_fails_leaves_nothing_behind(archive: Archive) -> None:
    put(archive, article_number(1))
    too_wide = (2**63,)
    with pytest.raises((OverflowError, StorageError)):
        archive.put(article_number(2), "story", too_wide)
    assert archive.count() == 1
    assert archive.latest_revision() == 1


def test_copies_that_are_put_at_once_share_a_story(archive: Archive) -> None:
    def put_copy(number: int) -> PutOutcome:
        article = article_number(number)
        return archive.put(article, lambda: find(article), BANDS)

    def find(article: Article) -> str | None:
        others = [a for a in archive.sharing_a_band(BANDS) if a.article_id != article.article_id]
        return others[0].story_id if others else None

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(put_copy, range(12)))
    assert sorted(outcomes) == ["added", *["duplicate"] * 11]
    assert len({article.story_id for article in archive}) == 1
