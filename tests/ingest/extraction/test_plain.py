"""Plain text saved from web pages, as readers save it."""

from __future__ import annotations

import textwrap
from datetime import UTC, date, datetime

import pytest

from ingest.errors import UnreadableInput
from ingest.extraction.plain import extract_plain
from retrieval.schema import Article
from tests.factories import make_document

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HEADLINE = "Ministers sign accord on the northern strait"
BODY = (
    "The ministers signed the accord on Monday after two years of talks. It lets ships of both "
    "countries use the northern strait without a pilot.\n\n"
    "The accord enters into force once both parliaments have voted, which is expected in autumn."
)


def extract(*lines: str, path: str = "news/accord.txt") -> Article:
    return extract_plain(make_document("\n".join(lines), path), NOW)


def test_headline_date_and_paragraphs_are_told_apart() -> None:
    article = extract(HEADLINE, "12 February 2026", "", BODY)
    assert article.title == HEADLINE
    assert article.published_at == datetime(2026, 2, 12, tzinfo=UTC)
    assert article.date_provenance == "byline"
    assert article.text == f"{HEADLINE}\n\n12 February 2026\n\n{BODY}"
    assert article.path == "news/accord.txt"
    assert article.url is None


def test_an_article_that_states_no_date_is_undated() -> None:
    event = "The talks of 12 February 2026 failed, the minister told reporters in the capital."
    article = extract(HEADLINE, "", event, "", BODY)
    assert article.published_at is None
    assert article.date_provenance == "unknown"


def test_a_date_that_could_be_two_dates_is_none() -> None:
    assert extract(HEADLINE, "03/04/2025", "", BODY).published_at is None
    hint = "The first round was held on 25/12/2024 in the capital, with both ministers there."
    told = extract(HEADLINE, "03/04/2025", "", BODY, "", hint)
    assert told.published_at == datetime(2025, 4, 3, tzinfo=UTC)


def test_a_date_above_the_headline_counts() -> None:
    article = extract("12 February 2026", HEADLINE, "", BODY)
    assert article.title == HEADLINE
    assert article.published_at == datetime(2026, 2, 12, tzinfo=UTC)


def test_a_long_headline_is_not_joined_with_the_date_below_it() -> None:
    headline = "Ministers of both countries sign an accord on ships in the northern strait"
    article = extract(headline, "12 February 2026", "", BODY)
    assert article.title == headline
    assert article.published_at == datetime(2026, 2, 12, tzinfo=UTC)


def test_a_question_may_be_a_headline() -> None:
    question = "Will the two ministers sign the accord on the strait this year?"
    article = extract(question, "12 February 2026", "", BODY)
    assert article.title == question
    assert article.published_at == datetime(2026, 2, 12, tzinfo=UTC)


def test_an_agency_is_the_source_and_gives_the_time_its_zone() -> None:
    article = extract(HEADLINE, "12.02.2026 18:30", "", BODY, "", "Source: PAP")
    assert article.source == "PAP"
    assert article.published_at == datetime(2026, 2, 12, 17, 30, tzinfo=UTC)


def test_an_agency_named_above_the_text_counts_as_well() -> None:
    article = extract(HEADLINE, "Source: PAP", "12.02.2026 18:30", "", BODY)
    assert article.source == "PAP"
    assert article.published_at == datetime(2026, 2, 12, 17, 30, tzinfo=UTC)


def test_publisher_and_author_stand_under_the_headline() -> None:
    article = extract(HEADLINE, "Harbour Gazette", "By Ann Ekholm", "12 February 2026", "", BODY)
    assert article.source == "Harbour Gazette"
    assert article.authors == ("Ann Ekholm",)


def test_a_publisher_may_stand_in_front_of_the_reading_time() -> None:
    article = extract(HEADLINE, "", "Harbour Gazette 3 min read", "", BODY)
    assert article.source == "Harbour Gazette"
    assert "min read" not in article.text


def test_the_publisher_is_the_source_where_an_agency_is_named_too() -> None:
    article = extract(HEADLINE, "Harbour Gazette", "12.02.2026 18:30", "", BODY, "", "Source: PAP")
    assert article.source == "Harbour Gazette"
    assert article.published_at == datetime(2026, 2, 12, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "furniture",
    [
        "We use cookies to improve your visit. Change the settings of your browser at any time.",
        "This website uses cookies. By going on you give your consent to our privacy policy.",
        "Share",
        "Share this article",
        "Facebook",
        "E-mail",
        "Copy link",
        "Read more",
        "Back to top",
        "12 comments",
        "Leave a comment",
        "Related articles",
        "Skip to main content",
        "Photo: Ann Ekholm / Harbour Gazette",
        '{"@type": "NewsArticle", "headline": "Ministers sign"}',
        '["a", "list"]',
    ],
)
def test_what_belongs_to_the_page_is_left_out(furniture: str) -> None:
    for lines in ((furniture, HEADLINE, "", BODY), (HEADLINE, "", BODY, "", furniture)):
        article = extract(*lines)
        assert article.title == HEADLINE
        assert article.text == f"{HEADLINE}\n\n{BODY}"


@pytest.mark.parametrize(
    "paragraph",
    [
        "Shops must ask for consent before they set cookies, the court of justice ruled on Monday.",
        "The privacy watchdog fined the company because its website set cookies against the law.",
        "Share prices in the north fell by a tenth after the news of the accord on Monday.",
        "“Print that,” the minister told the reporters who had asked him about the accord.",
        "{The editors changed the third paragraph of this article after it was published.}",
    ],
)
def test_what_only_resembles_furniture_stays(paragraph: str) -> None:
    assert paragraph in extract(HEADLINE, "", BODY, "", paragraph).text


def test_a_caption_that_is_repeated_with_its_credit_stands_once() -> None:
    caption = "A ferry crosses the strait"
    article = extract(HEADLINE, caption, f"{caption} Photo: Ann Ekholm", "", BODY)
    assert article.text.count(caption) == 1
    assert "Photo" not in article.text


def test_navigation_above_the_headline_is_left_out() -> None:
    article = extract("World", "News", HEADLINE, "", BODY)
    assert article.title == HEADLINE
    assert article.text == f"{HEADLINE}\n\n{BODY}"


def test_lines_of_a_fixed_width_are_joined_to_paragraphs() -> None:
    wrapped = "\n\n".join(textwrap.fill(paragraph, 72) for paragraph in BODY.split("\n\n"))
    assert extract(HEADLINE, "", wrapped).text == f"{HEADLINE}\n\n{BODY}"


def test_lines_that_are_paragraphs_of_their_own_are_not_joined() -> None:
    lines = (
        "The ministers signed the accord on Monday after two years of talks.",
        "Ships of both countries may use the northern strait without a pilot.",
        "Both parliaments will vote on the accord in the autumn of this year.",
    )
    assert extract(*lines).text == "\n\n".join(lines)


def test_an_article_without_headline_is_named_by_its_first_sentence() -> None:
    article = extract(BODY)
    assert article.title == "The ministers signed the accord on Monday after two years of talks"
    assert article.text == BODY


def test_a_long_first_sentence_makes_a_title_that_ends_between_words() -> None:
    sentence = "The accord " + "on ships and ferries and tugs " * 10 + "was signed."
    title = extract(sentence).title
    assert len(title) <= 141
    assert title.endswith("…")
    assert sentence.startswith(title[:-1] + " ")


@pytest.mark.parametrize("raw", ["", "\n \n", "Too short.", "Share\nFacebook\nRead more", "{}"])
def test_a_file_without_an_article_is_unreadable(raw: str) -> None:
    with pytest.raises(UnreadableInput, match=r"no article text|is empty"):
        extract(raw)


def test_line_ends_of_other_systems_make_no_difference() -> None:
    raw = f"{HEADLINE}\n12 February 2026\n\n{BODY}"
    unix = extract_plain(make_document(raw), NOW)
    assert extract_plain(make_document(raw.replace("\n", "\r\n")), NOW) == unix


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Ann Ekholm, 12 February 2026", ("Ann Ekholm",)),
        ("BRUSSELS, 12.2.2026", ()),
        ("12 de febrero de 2026", ()),
        ("12 February 2026, Bergen", ()),
        ("Von Bo Lund, 12. Februar 2026, 18:30 Uhr", ("Bo Lund",)),
    ],
)
def test_a_date_line_may_say_where_and_by_whom(line: str, author: tuple[str, ...]) -> None:
    article = extract(HEADLINE, line, "", BODY)
    assert article.title == HEADLINE
    assert article.published_at is not None
    assert article.published_at.date() == date(2026, 2, 12)
    assert article.authors == author
    assert article.source is None


def test_the_date_of_a_change_is_kept_apart_from_that_of_publication() -> None:
    line = "Published 12 February 2026 10:15 GMT | Updated 14 February 2026"
    article = extract(HEADLINE, line, "", BODY)
    assert article.published_at == datetime(2026, 2, 12, 10, 15, tzinfo=UTC)
    assert article.modified_at == datetime(2026, 2, 14, tzinfo=UTC)


def test_a_short_headline_is_told_from_the_date_below_it() -> None:
    assert extract("Accord signed", "12 de febrero de 2026", "", BODY).title == "Accord signed"


@pytest.mark.parametrize("name", ["Ann Ekholm", "Bo van der Lund", "Ann B. Ekholm"])
def test_a_person_s_name_under_the_headline_is_the_author(name: str) -> None:
    article = extract(HEADLINE, name, "12 February 2026", "", BODY)
    assert (article.authors, article.source) == ((name,), None)


@pytest.mark.parametrize(
    "name", ["Harbour Gazette", "Reuters", "Kanal Post", "Le Monde", "BBC World"]
)
def test_a_publication_s_name_under_the_headline_is_the_source(name: str) -> None:
    article = extract(HEADLINE, name, "12 February 2026", "", BODY)
    assert (article.authors, article.source) == ((), name)


def test_the_dates_of_a_chronology_are_no_dates_of_publication() -> None:
    entries = ("12 May 1999", BODY, "", "3 June 2004", BODY, "", "7 July 2011", BODY)
    assert extract("The strait over the years", *entries).published_at is None
    dated = extract("The strait over the years", "12 February 2026", *entries)
    assert dated.published_at == datetime(2026, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("line", ["Event: 12 February 2026", "Printed on 12 February 2026"])
def test_the_date_of_an_event_or_a_copy_is_no_date_of_publication(line: str) -> None:
    assert extract(HEADLINE, line, "", BODY).published_at is None


def test_a_release_may_begin_with_place_and_date() -> None:
    article = extract(HEADLINE, "", f"BERGEN, 12 February 2026 – {BODY}")
    assert article.published_at == datetime(2026, 2, 12, tzinfo=UTC)
