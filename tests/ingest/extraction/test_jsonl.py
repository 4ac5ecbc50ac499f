"""One line of a JSONL file."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from ingest.errors import UnreadableInput
from ingest.extraction.jsonl import extract_json_article
from retrieval.schema import Article
from retrieval.wire import build_article
from tests.factories import make_document

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEXT = (
    "The ministers signed the accord on Monday after two years of talks, and it lets ships of "
    "both countries use the strait."
)


def extract(**fields: object) -> Article:
    line = json.dumps({"title": "Accord", "text": TEXT, **fields})
    return extract_json_article(make_document(line, "wire.jsonl:7"), NOW)


def test_every_field_is_taken() -> None:
    article = extract(
        url="https://example.org/accord",
        source="Meridian Wire",
        published_at="2026-02-12T18:30:00+01:00",
        authors=["Ann Ekholm"],
        language="en",
    )
    assert article == Article(
        title="Accord",
        text=TEXT,
        url="https://example.org/accord",
        source="Meridian Wire",
        published_at=datetime(2026, 2, 12, 17, 30, tzinfo=UTC),
        date_provenance="structured",
        authors=("Ann Ekholm",),
        language="en",
    )


def test_title_and_text_are_enough() -> None:
    article = extract()
    assert article == Article(title="Accord", text=TEXT, path="wire.jsonl:7")


def test_nulls_are_fields_left_out_and_other_keys_are_left_alone() -> None:
    nothing = dict.fromkeys(("url", "source", "published_at", "language"))
    assert extract(**nothing, section="World", id=5) == extract()


def test_paragraphs_of_the_text_are_kept_and_put_in_order() -> None:
    assert extract(text=f"{TEXT}\r\n \n\n{TEXT}\u00a0\n").text == f"{TEXT}\n\n{TEXT}"


@pytest.mark.parametrize("raw", ["{", "not JSON", '{"title": "Accord",}', "[" * 100_000])
def test_a_line_that_is_no_json_is_unreadable(raw: str) -> None:
    with pytest.raises(UnreadableInput, match="is not JSON"):
        extract_json_article(make_document(raw, "wire.jsonl:7"), NOW)


@pytest.mark.parametrize("raw", ["[]", "null", "5", '"text"'])
def test_a_line_that_is_no_object_is_unreadable(raw: str) -> None:
    with pytest.raises(UnreadableInput, match="the line: "):
        extract_json_article(make_document(raw, "wire.jsonl:7"), NOW)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5),
        ("title", None),
        ("title", "  "),
        ("text", ["a", "b"]),
        ("url", 5),
        ("url", "javascript:alert(1)"),
        ("source", {"name": "Wire"}),
        ("published_at", 1770000000),
        ("published_at", "soon"),
        ("published_at", "12/02/2026"),
        ("published_at", "2026-02-30"),
        ("published_at", "2027-02-12"),
        ("published_at", "0001-01-01T00:00:00+05:00"),
        ("date_provenance", "guess"),
        ("modified_at", "2027-02-12"),
        ("modified_at", "soon"),
        ("path", 5),
        ("path", "a\nb"),
        ("path", "a\u202eb"),
        ("path", "\ud83d"),
        ("authors", "Ann Ekholm"),
        ("authors", [5]),
    ],
)
def test_a_field_that_is_wrong_is_named(field: str, value: object) -> None:
    with pytest.raises(UnreadableInput, match=field):
        extract(**{field: value})


@pytest.mark.parametrize("field", ["title", "text"])
def test_a_field_that_is_missing_is_named(field: str) -> None:
    whole = {"title": "Accord", "text": TEXT}
    line = json.dumps({key: value for key, value in whole.items() if key != field})
    with pytest.raises(UnreadableInput, match=f"{field}: Field required"):
        extract_json_article(make_document(line, "wire.jsonl:7"), NOW)


@pytest.mark.parametrize(
    "article",
    [
        Article(title="Accord", text=f"{TEXT}\n\n{TEXT}", path="world/accord  2.txt"),
        Article(
            title="Accord",
            text=TEXT,
            url="https://example.org/accord?id=5",
            source="Meridian Wire",
            published_at=datetime(2026, 2, 12, 17, 30, tzinfo=UTC),
            date_provenance="byline",
            authors=("Ann Ekholm", "Bo Lund"),
            language="en",
            modified_at=datetime(2026, 2, 13, tzinfo=UTC),
        ),
        Article(
            title="Accord",
            text=TEXT,
            url="https://example.org/accord",
            path="world/accord.html",
            published_at=datetime(2026, 2, 12, tzinfo=UTC),
            date_provenance="url",
        ),
        Article(title="Accord", text=TEXT, path="a", modified_at=datetime(2026, 2, 13, tzinfo=UTC)),
    ],
    ids=["undated file", "page", "page and file", "modified"],
)
def test_an_article_that_was_exported_comes_back_as_it_was(article: Article) -> None:
    line = json.dumps(build_article(article))
    back = extract_json_article(make_document(line, "export.jsonl:1"), NOW)
    assert back == article
    assert back.article_id == article.article_id


@pytest.mark.parametrize(
    ("provenance", "published_at"), [("unknown", "2026-02-12"), ("byline", None), ("url", None)]
)
def test_a_provenance_that_contradicts_the_date_is_refused(
    provenance: str, published_at: str | None
) -> None:
    with pytest.raises(UnreadableInput, match=r"date_provenance: .* does not go with"):
        extract(date_provenance=provenance, published_at=published_at)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ('"title": "Again"', "'title' appears twice"),
        ('"weight": NaN', "NaN is not a number"),
        ('"weight": 1' + "0" * 5_000, "a number is too large"),
    ],
)
def test_json_that_readers_disagree_about_is_refused(raw: str, problem: str) -> None:
    line = json.dumps({"title": "Accord", "text": TEXT})
    with pytest.raises(UnreadableInput, match=f"is not JSON: .*{problem}"):
        extract_json_article(make_document(f"{line[:-1]}, {raw}}}", "a.jsonl"), NOW)


def test_a_text_that_is_too_short_is_unreadable() -> None:
    with pytest.raises(UnreadableInput, match="no article text"):
        extract(text="Too short.")


@pytest.mark.parametrize("field", ["title", "text", "source"])
def test_half_a_surrogate_pair_does_no_harm(field: str) -> None:
    article = extract(**{field: f"{TEXT} \ud83d end"})
    assert str(getattr(article, field)).encode()


@pytest.mark.parametrize(
    "fields",
    [
        {"date": "2026-02-12"},
        {"publication_date": "2026-02-12T10:00:00Z"},
        {"publish_date": "2026-02-12 10:00:00"},
        {"date_publish": "2026-02-12 10:00:00", "date_download": "2026-02-28 10:00:00"},
        {"datePublished": "2026-02-12T10:00:00+01:00"},
        {"publishedAt": "2026-02-12T10:00:00Z"},
        {"pubDate": "Thu, 12 Feb 2026 10:00:00 GMT"},
        {"date": "February 12, 2026"},
        {"date": "12. Februar 2026", "language": "de"},
        {"published": 1770890400},
        {"date": "2026-02-12", "filedate": "2026-02-28"},
    ],
)
def test_the_date_is_read_by_whatever_name_other_tools_give_it(fields: dict[str, object]) -> None:
    article = extract(**fields)
    assert article.published_at is not None
    assert article.published_at.date() == date(2026, 2, 12)
    assert article.date_provenance == "structured"


@pytest.mark.parametrize(
    "fields",
    [
        {"date": "soon"},
        {"date": "03/04/2025"},
        {"filedate": "2026-02-12"},
        {"date_download": "2026"},
    ],
)
def test_what_is_no_date_of_publication_leaves_other_tools_articles_undated(
    fields: dict[str, object],
) -> None:
    assert extract(**fields).published_at is None


def test_the_json_of_other_tools_is_read() -> None:
    news_please = {"title": "Accord", "maintext": TEXT, "source_domain": "example.org"}
    zyte = {"headline": "Accord", "articleBody": TEXT, "authors": [{"name": "Ann Ekholm"}]}
    trafilatura = {
        **{
            "title": "Accord",
            "text": TEXT,
            "sitename": "Valley News",
            "author": "Ann Ekholm; Bo Lund",
        },
        **{"source": "https://example.org/a"},
    }
    news_api = {
        **{"source": {"id": None, "name": "Wire"}, "author": "Ann Ekholm", "title": "Accord"},
        **{"publishedAt": "2026-02-12T10:00:00Z", "content": TEXT},
    }
    read = [
        extract_json_article(make_document(json.dumps(item), "a.jsonl:1"), NOW)
        for item in (news_please, zyte, trafilatura, news_api)
    ]
    assert [article.text for article in read] == [TEXT] * 4
    assert (read[3].source, read[3].authors) == ("Wire", ("Ann Ekholm",))
    assert read[0].source == "example.org"
    assert read[1].authors == ("Ann Ekholm",)
    assert (read[2].source, read[2].authors) == ("Valley News", ("Ann Ekholm", "Bo Lund"))
    assert read[2].url == "https://example.org/a"
