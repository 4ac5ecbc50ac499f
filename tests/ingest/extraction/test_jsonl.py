"""One line of a JSONL file."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ingest.errors import UnreadableInput
from ingest.extraction.jsonl import extract_json_article
from retrieval.schema import Article
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


def test_a_text_that_is_too_short_is_unreadable() -> None:
    with pytest.raises(UnreadableInput, match="no article text"):
        extract(text="Too short.")


@pytest.mark.parametrize("field", ["title", "text", "source"])
def test_half_a_surrogate_pair_does_no_harm(field: str) -> None:
    article = extract(**{field: f"{TEXT} \ud83d end"})
    assert str(getattr(article, field)).encode()
