"""Which articles carry one story."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.deduplication import band_hashes, find_story
from retrieval.archive import Archive
from retrieval.opening import Library
from retrieval.schema import Article
from tests.factories import make_article, put_article

STORY = (
    "The ministers of both countries signed the accord on Monday after two years of talks in the "
    "capital. It lets 40 ships a day use the northern strait without a pilot on board.\n\n"
    "Fishing crews on both shores welcomed the text, and said that the rules had been unclear "
    "for decades. The accord enters into force once both parliaments have voted on it."
)


@pytest.fixture
def archive(library: Library) -> Archive:
    return library.archive


def make_story(name: str, text: str = STORY) -> Article:
    return make_article(title=f"From {name}", text=text, url=f"https://{name}.org/", source=name)


def story_of(archive: Archive, article: Article) -> str:
    return archive.get(article.article_id).story_id


def test_the_first_article_of_a_story_gives_it_its_id(archive: Archive) -> None:
    article = make_story("first")
    assert find_story(article, band_hashes(article), archive) is None
    put_article(archive, article)
    assert story_of(archive, article) == article.article_id


def test_a_copy_is_of_the_same_story(archive: Archive) -> None:
    first, copy = make_story("first"), make_story("copy")
    assert put_article(archive, first) == "added"
    assert put_article(archive, copy) == "duplicate"
    assert story_of(archive, copy) == first.article_id


@pytest.mark.parametrize(
    "text",
    [
        f"Ministers sign accord\n\nHarbour Gazette\n\n12 February 2026\n\n{STORY}\n\nSource: PAP",
        f"MERIDIAN WIRE\n\n{STORY}",
        STORY.upper(),
        STORY.replace("Monday", "Monday evening"),
        STORY.replace("\n\n", "\n"),
    ],
    ids=["agency line and byline", "wire name", "capitals", "one word more", "other breaks"],
)
def test_what_carriers_add_around_a_story_makes_no_other(archive: Archive, text: str) -> None:
    put_article(archive, make_story("first"))
    assert put_article(archive, make_story("copy", text)) == "duplicate"


def test_a_copy_with_another_number_is_a_story_of_its_own(archive: Archive) -> None:
    put_article(archive, make_story("first"))
    changed = make_story("changed", STORY.replace("40 ships", "60 ships"))
    assert put_article(archive, changed) == "added"
    assert story_of(archive, changed) == changed.article_id


@pytest.mark.parametrize(
    "text",
    [
        "A cable on the sea floor was cut by a tanker's anchor. Repairs are to take two weeks.",
        STORY.split("\n\n", maxsplit=1)[0] + " " + "Elsewhere the talks went on without end. " * 9,
        "",
        "No sentence here",
    ],
    ids=["unrelated", "half the same", "empty", "too short"],
)
def test_other_texts_are_stories_of_their_own(archive: Archive, text: str) -> None:
    put_article(archive, make_story("first"))
    assert put_article(archive, make_story("other", text)) == "added"


def test_two_articles_too_short_to_compare_are_two_stories(archive: Archive) -> None:
    assert put_article(archive, make_story("first", "Short.")) == "added"
    assert put_article(archive, make_story("second", "Short.")) == "added"


def test_a_third_carrier_joins_the_story_of_the_first(archive: Archive) -> None:
    carriers = [make_story(name) for name in ("first", "second", "third")]
    for carrier in carriers:
        put_article(archive, carrier)
    assert {story_of(archive, carrier) for carrier in carriers} == {carriers[0].article_id}


def test_an_article_put_again_keeps_its_story(archive: Archive) -> None:
    first, copy = make_story("first"), make_story("copy")
    put_article(archive, first)
    put_article(archive, copy)
    assert put_article(archive, replace(first, title="New title")) == "updated"
    assert put_article(archive, replace(copy, title="New title")) == "updated"
    assert story_of(archive, first) == story_of(archive, copy) == first.article_id


def test_a_carrier_that_changes_its_number_leaves_the_story(archive: Archive) -> None:
    first, copy = make_story("first"), make_story("copy")
    put_article(archive, first)
    put_article(archive, copy)
    put_article(archive, replace(copy, text=STORY.replace("40 ships", "60 ships")))
    assert story_of(archive, copy) != story_of(archive, first)


def test_a_first_carrier_that_changes_its_number_leaves_the_story(archive: Archive) -> None:
    first, copy = make_story("first"), make_story("copy")
    put_article(archive, first)
    put_article(archive, copy)
    put_article(archive, replace(first, text=STORY.replace("40 ships", "60 ships")))
    assert story_of(archive, first) != story_of(archive, copy)


def test_a_story_outlives_its_first_carrier(archive: Archive) -> None:
    first, second, third = (make_story(name) for name in ("first", "second", "third"))
    put_article(archive, first)
    put_article(archive, second)
    archive.remove(first.article_id)
    assert put_article(archive, third) == "duplicate"
    assert story_of(archive, third) == story_of(archive, second)
    assert put_article(archive, first) == "duplicate"


def test_bands_are_the_same_in_every_process_and_fit_the_database() -> None:
    bands = band_hashes(make_story("first"))
    assert len(set(bands)) == 16
    assert all(-(2**63) <= band < 2**63 for band in bands)
    assert bands == band_hashes(make_story("copy"))
    # Computed once: stored bands that a later version does not find would split every story.
    assert bands[0] == 8275602513177392772
    assert band_hashes(make_story("short", "Short.")) == ()
