"""The day of an article is that of where it was published: stored, found and left out by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from retrieval.carriers import Carriers
from retrieval.opening import Library
from retrieval.schema import Article, Filters, Window
from retrieval.windows import parse_moment, resolve_window
from retrieval.wire import build_bound, build_listing, build_published
from tests.factories import make_article, put_article


def at(stated: str) -> Article:
    return make_article(published_at=datetime.fromisoformat(stated))


BERLIN = at("2026-03-05T00:30:00+01:00")
TOKYO = at("2026-03-05T07:30:00+09:00")
BOSTON = at("2026-03-04T20:00:00-05:00")
LONDON = at("2026-03-04T23:00:00+00:00")


@pytest.mark.parametrize("article", [BERLIN, TOKYO, BOSTON, LONDON])
def test_the_zone_comes_back_from_the_archive(library: Library, article: Article) -> None:
    put_article(library.archive, article)
    (stored,) = library.archive
    assert stored.published_at is not None
    assert article.published_at is not None
    assert stored.published_at.isoformat() == article.published_at.isoformat()
    assert library.archive.holds(article)
    found = library.archive.carriers.find([article.article_id])[article.article_id]
    assert found.published_at is not None
    assert found.published_at.isoformat() == article.published_at.isoformat()


def test_another_zone_of_the_same_moment_is_a_new_revision(library: Library) -> None:
    put_article(
        library.archive, make_article(published_at=datetime(2026, 3, 4, 23, 30, tzinfo=UTC))
    )
    assert put_article(library.archive, BERLIN) == "updated"


@pytest.mark.parametrize(
    ("window", "allowed"),
    [
        ({"as_of": "2026-03-04"}, (BOSTON, LONDON)),
        ({"until": "2026-03-04"}, (BOSTON, LONDON)),
        ({"since": "2026-03-05"}, (BERLIN, TOKYO)),
        ({"as_of": "2026-03-04T23:00:00Z"}, (TOKYO, LONDON)),
        ({"as_of": "2026-03-04T23:59:59Z"}, (BERLIN, TOKYO, LONDON)),
        ({"since": "2026-03-05T00:00:00Z"}, (BOSTON,)),
        ({"until": "2026-03-05", "as_of": "2026-03-04T23:00:00Z"}, (TOKYO, LONDON)),
        ({"until": "2026-03-04", "as_of": "2026-03-04T23:45:00Z"}, (LONDON,)),
    ],
    ids=str,
)
def test_a_day_is_compared_with_the_article_s_own_and_a_moment_with_its_moment(
    library: Library, window: dict[str, str], allowed: tuple[Article, ...]
) -> None:
    bounds = {name: parse_moment(text, end_of_day=name != "since") for name, text in window.items()}
    filters = Filters(Window(**bounds))
    for article in (BERLIN, TOKYO, BOSTON, LONDON):
        assert filters.allows(article.published_at, None) == (article in allowed)
        put_article(library.archive, article)
        assert library.archive.count(filters) == (article in allowed)
        carriers = Carriers(library.database).of_stories([article.article_id], filters)
        assert len(carriers) == (article in allowed)


def test_time_words_prefer_the_article_s_own_day() -> None:
    asked_at = datetime(2026, 3, 10, tzinfo=UTC)
    window = resolve_window("What happened on 4 March 2026?", asked_at, Window())
    assert [window.prefers(each.published_at) for each in (BERLIN, TOKYO, BOSTON, LONDON)] == [
        False,
        False,
        True,
        True,
    ]
    stated = resolve_window("Who leads, as of 4 March 2026?", asked_at, Window())
    assert not stated.allows(BERLIN.published_at)
    assert stated.allows(BOSTON.published_at)


@pytest.mark.parametrize("text", ["2026-03-04", "2026-03-04T18:00:00Z"])
def test_a_bound_is_written_as_it_is_read(text: str) -> None:
    bound = parse_moment(text, end_of_day=True)
    assert build_bound(bound) == text
    assert build_bound(parse_moment(text)) == text
    assert build_bound(None) is None


def test_a_moment_of_publication_is_written_in_its_zone() -> None:
    assert build_listing(BERLIN)["published_at"] == "2026-03-05T00:30:00+01:00"
    assert build_listing(LONDON)["published_at"] == "2026-03-04T23:00:00Z"
    half = timezone(timedelta(hours=5, minutes=30))
    assert build_published(datetime(2026, 3, 5, tzinfo=half)) == "2026-03-05T00:00:00+05:30"
    assert build_published(None) is None
