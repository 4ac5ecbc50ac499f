"""Which articles carry one story."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.deduplication import band_hashes, find_story
from retrieval.archive import Archive
from retrieval.opening import Library, open_library
from retrieval.schema import Article
from tests.factories import make_article, put_article
from tests.stores import make_settings

STORY = (
    "The ministers of both countries signed the accord on Monday after two years of talks in the "
    "capital. It lets 40 ships a day use the northern strait without a pilot on board.\n\n"
    "Fishing crews on both shores welcomed the text, and said that the rules had been unclear "
    "for decades. The accord enters into force once both parliaments have voted on it."
)
REPORT = (
    "A storm tore the roofs off 212 houses in Port Alder on Tuesday and left 14 people in "
    "hospital. Mayor Ines Duarte opened the sports hall to those who had lost their homes.\n\n"
    "Gusts of 143 kilometres an hour were measured at the lighthouse. “We have not seen such a "
    "night since 1987,” said Duarte, who thanked crews from Brackwater for their help.\n\n"
    "The regional grid, run by Norvolt, lost three of its lines. Its engineers expect to mend "
    "them by Friday, at a cost of 1,250,000 crowns, or 6 percent of this year's budget.\n\n"
    "The ferry to the United States stays in port until 9 November 2025. Schools open again on "
    "Monday. Couldn't the town have been warned? Forecasters say that they did warn it.\n\n"
    "Insurers put the damage at 30 million crowns. Lukas Brandt of the insurers' union said that "
    "claims would be paid within eight weeks, and that callers should have photographs ready."
)
NUMBERS = tuple(re.finditer(r"\d+(?:,\d+)*|three|eight", REPORT))
NAMES = tuple(re.finditer(r"(?<=[a-z] )(?!United)[A-Z][a-z]+|Lukas|Mayor(?= I)", REPORT))
WORDS = re.findall(r"\b[a-z]+\b", REPORT)


@pytest.fixture
def archive(library: Library) -> Archive:
    return library.archive


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """An archive that holds REPORT, for all examples of a property."""
    with open_library(make_settings(tmp_path_factory.mktemp("shelf"))) as library:
        put_article(library.archive, make_story("shelf", REPORT))
        yield library.archive


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


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(REPORT.split("\n\n")[:3]),
        f"{REPORT}\n\nSign up for our newsletter, read by 90,000 people. It comes out at 7 a.m.",
        f"{REPORT}\n\nIn Brackwater, 35 trees fell. Ada Voss, a baker, slept in her shop.",
        REPORT.replace("Gusts of", "Jonas Ley/NPA The harbour wall broke in 2 places.\n\nGusts of"),
        f"Updated 4 Nov. 2025, 3:04 p.m.\n\nPORT ALDER (NPA) — {REPORT}\n\nContributing: A. Roe.",
        f"PORT ALDER, Norland — {REPORT}",
        f"Port Alder (AP) {REPORT}",
        REPORT.replace("6 percent", "6%").replace("1,250,000", "1250000"),
        REPORT.replace("three", "3").replace("14 people", "fourteen people").replace("eight", "8"),
        REPORT.replace("“", '"').replace("”", '"').replace("'", "’"),
        REPORT.replace("the United States", "the U.S.").replace("9 November", "9 Nov."),
        REPORT.replace("Couldn't", "Could not").replace("said Duarte", "said Ines Duarte"),
        REPORT.replace("Brandt", "Brandtt").replace("Duarte", "Duárte"),
        REPORT.replace("who had lost their homes", "whose homes were gone"),
    ],
    ids=[
        "cut to three fifths",
        "newsletter below",
        "paragraph with facts of its own",
        "caption between",
        "agency, time stamp and credit",
        "dateline",
        "agency in mixed case",
        "percent sign and no separators",
        "figures for words and words for figures",
        "quotation marks",
        "short forms",
        "long forms and first names",
        "doubled letter and accent",
        "a clause reworded",
    ],
)
def test_what_carriers_cut_add_and_spell_makes_no_other_story(archive: Archive, text: str) -> None:
    put_article(archive, make_story("first", REPORT))
    assert put_article(archive, make_story("copy", text)) == "duplicate"


@pytest.mark.parametrize("number", NUMBERS, ids=[number[0] for number in NUMBERS])
def test_each_number_of_a_report_is_a_fact(shelf: Archive, number: re.Match[str]) -> None:
    changed = make_story("changed", change(number, "11"))
    assert find_story(changed, band_hashes(changed), shelf) is None


@pytest.mark.parametrize("name", NAMES, ids=[f"{name[0]} at {name.start()}" for name in NAMES])
def test_each_name_of_a_report_is_a_fact(shelf: Archive, name: re.Match[str]) -> None:
    changed = make_story("changed", change(name, "Quillon"))
    assert find_story(changed, band_hashes(changed), shelf) is None


@pytest.mark.parametrize(
    "text",
    [
        REPORT.replace("should have", "should not have"),
        REPORT.replace("30 million", "30 billion"),
        "\n\n".join(REPORT.split("\n\n")[:3]).replace("143", "134"),
        f"{REPORT.replace('212', '221')}\n\nIn Brackwater, 35 trees fell.",
    ],
    ids=[
        "denied",
        "a thousand times as much",
        "cut and changed",
        "changed and with a paragraph more",
    ],
)
def test_a_contradiction_counts_whatever_else_was_done(archive: Archive, text: str) -> None:
    put_article(archive, make_story("first", REPORT))
    assert put_article(archive, make_story("changed", text)) == "added"


def test_a_brief_that_differs_in_one_name_is_a_story_of_its_own(archive: Archive) -> None:
    brief = "Ana Soto won the regional chess final in Lund on Sunday. Soto beat last year's winner."
    put_article(archive, make_story("first", brief))
    assert put_article(archive, make_story("changed", brief.replace("Soto", "Kern"))) == "added"
    assert put_article(archive, make_story("copy", brief)) == "duplicate"


def test_a_copy_does_not_join_a_story_that_another_carrier_contradicts(archive: Archive) -> None:
    start = "\n\n".join(REPORT.split("\n\n")[:3])
    put_article(archive, make_story("whole", REPORT))
    assert put_article(archive, make_story("start", start)) == "duplicate"
    changed = make_story("changed", REPORT.replace("30 million", "90 million"))
    assert put_article(archive, changed) == "added"


def test_news_under_a_new_opening_is_a_story_of_its_own(archive: Archive) -> None:
    put_article(archive, make_story("first", REPORT))
    rest = REPORT.split("\n\n")[2:]
    update = (
        "The army began to clear the streets of the harbour town on Wednesday, a day after winds "
        "took the roofs from hundreds of homes and sent more than a dozen residents to hospital. "
        "Soldiers carried beds into the sports hall, where families spent a first night. Doctors "
        "let most of the injured go home in the morning. The government sent blankets, generators "
        "and a field kitchen that serves a thousand meals a day, and promised money for repairs."
    )
    assert put_article(archive, make_story("update", "\n\n".join([update, *rest]))) == "added"


def test_stories_with_one_long_appendix_in_common_are_two(archive: Archive) -> None:
    for name, text in (("chess", STORY), ("storm", "Rain fell for a third day in the hills.")):
        article = make_story(name, f"{text} {text}\n\n{REPORT}" if name == "chess" else REPORT)
        assert put_article(archive, article) == "added"


def test_an_explainer_of_another_year_is_a_story_of_its_own(archive: Archive) -> None:
    told = make_story("first", REPORT)
    again = make_story("again", REPORT.replace("who had lost their homes", "whose homes were gone"))
    a_year_later = datetime(2026, 6, 25, tzinfo=UTC)
    put_article(archive, told)
    assert put_article(archive, replace(again, published_at=a_year_later)) == "added"
    verbatim = replace(make_story("verbatim", REPORT), published_at=a_year_later)
    assert put_article(archive, verbatim) == "duplicate"
    soon = replace(again, url="https://soon.org/", published_at=a_year_later - timedelta(days=360))
    assert put_article(archive, soon) == "duplicate"


def test_pages_of_which_a_form_was_stored_carry_no_common_story(archive: Archive) -> None:
    form = (
        "We use what you tell us to manage your account, as our privacy policy says. You can "
        "object to that at any time. Tick the box below if you wish to hear from our partners."
    )
    headlines = ("Harbour tunnel opens after nine years", "Minister resigns over visit to casino")
    for headline in headlines:
        page = make_article(title=headline, text=form, url=f"https://example.org/{headline}")
        assert put_article(archive, page) == "added"


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(NUMBERS), st.integers(13, 10**9).filter(lambda n: str(n) not in REPORT))
def test_any_other_number_makes_another_story(
    shelf: Archive, number: re.Match[str], value: int
) -> None:
    for written in (str(value), f"{value:,}"):
        changed = make_story("changed", change(number, written))
        assert find_story(changed, band_hashes(changed), shelf) is None


@settings(max_examples=50, deadline=None, derandomize=True, database=None)
@given(
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=9).map(" ".join),
    st.sampled_from(["\n", "\n\n", "\n \n\n", "\r\n\r\n"]),
    st.sampled_from([" ", "  ", "\t", "\N{NO-BREAK SPACE}"]),
)
def test_headline_and_white_space_make_no_other_story(
    shelf: Archive, headline: str, paragraph_end: str, space: str
) -> None:
    text = REPORT.replace("\n\n", paragraph_end).replace(" ", space)
    copy = replace(make_story("copy", text), title=headline)
    assert find_story(copy, band_hashes(copy), shelf) is not None


def change(place: re.Match[str], replacement: str) -> str:
    return REPORT[: place.start()] + replacement + REPORT[place.end() :]


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
    assert len(set(bands)) == 21
    assert all(-(2**63) <= band < 2**63 for band in bands)
    assert bands == band_hashes(make_story("copy"))
    # Computed once: stored bands that a later version does not find would split every story.
    assert bands[0] == 1544298909851681101
    assert band_hashes(make_story("short", "Short.")) == ()
