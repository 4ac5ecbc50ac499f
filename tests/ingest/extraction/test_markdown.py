"""Markdown with and without front matter."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from ingest.errors import UnreadableInput
from ingest.extraction.markdown import extract_markdown
from retrieval.schema import Article
from tests.factories import make_document

NOW = datetime(2026, 3, 1, tzinfo=UTC)
BODY = (
    "The ministers signed the accord on Monday after two years of talks, and it lets ships of "
    "both countries use the strait."
)


def extract(front_matter: str | None, body: str = BODY) -> Article:
    head = "" if front_matter is None else f"---\n{front_matter}\n---\n\n"
    return extract_markdown(make_document(f"{head}{body}\n", "news/accord.md"), NOW)


def test_front_matter_gives_every_fact() -> None:
    article = extract(
        "title: 'Ministers sign: an accord'\n"
        "date: 2026-02-12T18:30:00+01:00\n"
        "url: https://example.org/accord\n"
        "source: Harbour Courier\n"
        "authors: [Ann Ekholm, Bo Lund]\n"
        "language: en"
    )
    assert article == Article(
        title="Ministers sign: an accord",
        text=BODY,
        url="https://example.org/accord",
        source="Harbour Courier",
        published_at=datetime(2026, 2, 12, 17, 30, tzinfo=UTC),
        date_provenance="structured",
        authors=("Ann Ekholm", "Bo Lund"),
        language="en",
    )


@pytest.mark.parametrize(
    ("stated", "moment"),
    [
        ("date: 2026-02-12", datetime(2026, 2, 12, tzinfo=UTC)),
        ("date: '2026-02-12'", datetime(2026, 2, 12, tzinfo=UTC)),
        ("date: 2026-02-12 18:30:00", datetime(2026, 2, 12, 18, 30, tzinfo=UTC)),
        ("published_at: 2026-02-12T18:30:00Z", datetime(2026, 2, 12, 18, 30, tzinfo=UTC)),
        ("published_at: 2026-02-12\ndate: 2020-01-01", datetime(2026, 2, 12, tzinfo=UTC)),
        ("date: 2027-02-12", None),
        ("date: some day", None),
        ("date:", None),
        ("lastmod: 2026-02-12", None),
    ],
)
def test_dates_of_every_yaml_kind_are_read(stated: str, moment: datetime | None) -> None:
    article = extract(f"title: Accord\n{stated}")
    assert article.published_at == moment
    assert article.date_provenance == ("structured" if moment else "unknown")


def test_one_author_may_be_a_bare_name() -> None:
    assert extract("author: Ann Ekholm").authors == ("Ann Ekholm",)


def test_a_heading_is_the_title_where_none_is_given_and_not_repeated() -> None:
    article = extract(None, f"# Ministers *sign* accord\n\n{BODY}")
    assert article.title == "Ministers sign accord"
    assert article.text == BODY
    assert article.path == "news/accord.md"


def test_a_heading_like_the_title_is_not_repeated() -> None:
    assert extract("title: Accord", f"# Accord\n\n{BODY}").text == BODY
    assert extract("title: Accord", f"# Why now\n\n{BODY}").text == f"Why now\n\n{BODY}"


def test_marks_are_taken_off_and_words_kept() -> None:
    article = extract(
        None,
        "# Accord\n\n"
        "The [ministers](https://example.org) **signed** _the_ `accord`\n"
        "on Monday.  \nBoth &amp; all \\*agreed\\*.\n\n"
        "- ships of one country\n- ships of the other\n\n"
        "> Quoted words of the minister\n",
    )
    assert article.text.split("\n\n") == [
        "The ministers signed the accord on Monday. Both & all *agreed*.",
        "ships of one country",
        "ships of the other",
        "Quoted words of the minister",
    ]


def test_raw_html_is_left_out() -> None:
    article = extract(None, f"{BODY} <b>Bold</b> words.\n\n<script>alert('no')</script>\n")
    assert article.text == f"{BODY} Bold words."


@pytest.mark.parametrize(
    "front_matter",
    ["title: Accord: signed", "title: [Accord", "title: 'Accord", "t: !!python/object:os.system x"],
)
def test_front_matter_that_is_not_plain_yaml_is_unreadable(front_matter: str) -> None:
    with pytest.raises(UnreadableInput, match="front matter"):
        extract(front_matter)


@pytest.mark.parametrize("front_matter", ["", "- a\n- list", "one word"])
def test_front_matter_without_facts_is_passed_over(front_matter: str) -> None:
    article = extract(front_matter, f"# Accord\n\n{BODY}")
    assert (article.title, article.text) == ("Accord", BODY)


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "[a, list]", "accord.html", "'http://[bad'"]
)
def test_an_address_that_is_not_of_the_web_is_not_taken(url: str) -> None:
    article = extract(f"title: Accord\nurl: {url}")
    assert article.url is None
    assert article.path == "news/accord.md"


def test_a_file_without_an_article_is_unreadable() -> None:
    with pytest.raises(UnreadableInput, match="no article text"):
        extract("title: Accord", "Too short.")


@pytest.mark.parametrize(
    "text",
    [
        f'+++\ntitle = "Accord"\ndate = 2026-02-12T10:00:00Z\n+++\n{BODY}',
        f'+++\ntitle = "Accord"\ndate = 2026-02-12\n+++\n\n{BODY}',
        f'+++\ntitle = "Accord"\npublishDate = "2026-02-12"\n+++\n{BODY}',
        f"---\ntitle: Accord\ndate: February 12, 2026\n---\n{BODY}",
        f"---\ntitle: Accord\nlanguage: de\ndate: 12. Februar 2026\n---\n{BODY}",
        f"---\ntitle: Accord\npubDate: Thu, 12 Feb 2026 10:00:00 GMT\n---\n{BODY}",
        f'{{\n"title": "Accord",\n"date": "2026-02-12"\n}}\n\n{BODY}',
    ],
)
def test_front_matter_is_read_in_every_form(text: str) -> None:
    article = extract_markdown(make_document(text, "news/accord.md"), NOW)
    assert article.title == "Accord"
    assert article.text == BODY
    assert article.published_at is not None
    assert article.published_at.date() == date(2026, 2, 12)


def test_front_matter_in_broken_toml_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="not valid TOML"):
        extract_markdown(make_document(f"+++\ntitle = Accord\n+++\n{BODY}", "a.md"), NOW)
