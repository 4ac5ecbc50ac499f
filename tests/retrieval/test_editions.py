"""Which edition of an article stands, whichever comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from retrieval.opening import Library
from retrieval.schema import Article, Edition
from tests.factories import make_article, put_article

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 1, 18, tzinfo=UTC)


def build(words: str, edition: Edition, modified_at: datetime | None = None) -> Article:
    return replace(make_article(text=words), edition=edition, modified_at=modified_at)


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        (Edition(version=10, created_at=NOON), Edition(version=9, created_at=LATER)),
        (Edition(version=2, created_at=LATER), Edition(version=2, created_at=NOON)),
        (Edition(created_at=LATER), Edition(created_at=NOON)),
        (Edition(captured_at=LATER), Edition(captured_at=NOON)),
        (Edition(created_at=LATER), Edition(captured_at=NOON)),
    ],
)
def test_the_newer_edition_stands(library: Library, newer: Edition, older: Edition) -> None:
    assert put_article(library.archive, build("Newer.", newer)) == "added"
    assert put_article(library.archive, build("Older.", older)) == "unchanged"
    assert [article.text for article in library.archive] == ["Newer."]


def test_a_later_capture_stands_though_its_page_took_back_a_change(library: Library) -> None:
    changed = build("Changed.", Edition(captured_at=NOON), modified_at=NOON)
    back = build("As before.", Edition(captured_at=LATER), make_article().published_at)
    assert put_article(library.archive, changed) == "added"
    assert put_article(library.archive, back) == "updated"


def test_the_same_text_of_a_later_edition_is_remembered_as_that(library: Library) -> None:
    first, again = (build("Same.", Edition(captured_at=moment)) for moment in (NOON, LATER))
    put_article(library.archive, first)
    assert library.archive.holds(first)
    assert not library.archive.holds(again)
    assert put_article(library.archive, again) == "unchanged"
    assert library.archive.holds(again)


def test_an_article_removed_by_hand_comes_back_in_any_edition(library: Library) -> None:
    newer, older = (build("Words.", Edition(version=version)) for version in (2, 1))
    put_article(library.archive, newer)
    library.archive.remove(newer.article_id)
    assert put_article(library.archive, older) == "added"


def test_a_page_that_can_still_be_fetched_does_not_bring_back_what_was_withdrawn(
    library: Library,
) -> None:
    page = build("Words.", Edition(captured_at=LATER))
    notice = Edition(created_at=NOON, standing="withdrawn")
    assert library.archive.withdraw(page.article_id, notice) == "withdrawn"
    assert put_article(library.archive, page) == "withdrawn"
    corrected = replace(page, modified_at=LATER)
    assert put_article(library.archive, corrected) == "added"
