"""JSON files: what they hold, and what is no JSON at all."""

from __future__ import annotations

import json

import pytest

from ingest.documents import Document
from ingest.errors import UnreadableInput
from ingest.extraction.json_file import split_json
from ingest.extraction.jsonl import JSON_ARTICLE
from ingest.settings import IngestSettings
from tests.ingest.extraction.samples import BODY, HEADLINE, documents, split

OURS = {"title": HEADLINE, "text": BODY}
NINJS = {"uri": "urn:a", "headline": HEADLINE, "body_text": BODY}


def read(content: object) -> list[Document]:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return documents(split(split_json, raw, "news.json"))


def test_one_article_is_the_file_itself() -> None:
    (document,) = read(OURS)
    assert (document.name, document.path) == ("in/news.json", "news.json")
    assert (document.format, json.loads(document.content)) == (JSON_ARTICLE, OURS)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda items: items,
        lambda items: {"articles": items},
        lambda items: {"_items": items, "_links": {"self": 1}, "_meta": {"total": 2}},
        lambda items: {"status": "ok", "tags": ["a", "b"], "results": items},
    ],
)
def test_articles_of_an_array_are_numbered(wrap: object) -> None:
    assert callable(wrap)
    ours, ninjs = read(wrap([OURS, NINJS]))
    assert (ours.name, ours.path, ours.format) == ("in/news.json:1", "news.json:1", JSON_ARTICLE)
    assert (ninjs.path, ninjs.format) == ("news.json:2", JSON_ARTICLE)


@pytest.mark.parametrize("item", [OURS, NINJS, {"title": HEADLINE, "content": BODY}])
def test_what_hangs_on_an_article_is_not_a_list_of_articles(item: dict[str, object]) -> None:
    (document,) = read(item | {"associations": [{"type": "picture"}], "headline": "Accord"})
    assert document.path == "news.json"


def test_half_a_surrogate_pair_is_passed_on() -> None:
    (document,) = read(b'{"title": "a \\ud83d", "text": "b"}')
    assert json.loads(document.content)["title"] == "a \ud83d"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\x00\x01", "is binary"),
        (b"{", "is not JSON"),
        (b'{"title": "a"} {"title": "b"}', "is not JSON"),
        (b"[" * 200_000, "nested too deep"),
        (b'{"a":' * 200_000, "nested too deep"),
        (b'{"title": NaN}', "NaN is not a number"),
        (b'{"title": -Infinity}', "-Infinity is not a number"),
        (b'{"title": 1e999}', "a number is too large"),
        (b'{"title": ' + b"9" * 1_000_000 + b"}", "a number is too large"),
        (b'{"title": "a", "title": "b"}', "'title' appears twice"),
        (b'[{"a": {"b": 1, "b": 2}}]', "'b' appears twice"),
        (b"5", "is not an article"),
        (b'"words"', "is not an article"),
        (b"null", "is not an article"),
        (b"[]", "empty array"),
        (b'{"articles": []}', "empty array"),
        (b"[1, 2, 3]", "item 1 is not an object"),
        (b'[{}, "words"]', "item 2 is not an object"),
    ],
)
def test_what_holds_no_articles_is_refused(content: bytes, problem: str) -> None:
    with pytest.raises(UnreadableInput, match=problem):
        read(content)


def test_a_file_too_large_to_be_read_at_once_is_refused() -> None:
    small = IngestSettings(max_article_bytes=1_000)
    with pytest.raises(UnreadableInput, match="or write it as JSONL"):
        split(split_json, b"[" + b" " * 1_000, settings=small)
