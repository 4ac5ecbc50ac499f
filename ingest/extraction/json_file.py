"""A JSON file: one article, an array of them, or an object with a list of them; ours or IPTC ninjs;
or a JSON Feed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ingest.charsets import decode_text
from ingest.documents import Container, Document, Failure, Link, too_large
from ingest.errors import UnreadableInput
from ingest.extraction.json_feed import is_json_feed, split_json_feed
from ingest.extraction.jsonl import JSON_ARTICLE
from ingest.extraction.ninjs import is_ninjs
from ingest.extraction.strict_json import load_json
from ingest.settings import IngestSettings


def split_json(
    container: Container, settings: IngestSettings
) -> Iterator[Document | Link | Failure]:
    """Raises UnreadableInput where there are no articles."""
    content = container.file.read(settings.max_article_bytes + 1)
    if len(content) > settings.max_article_bytes:
        problem = too_large(len(content), settings)
        raise UnreadableInput(f"{problem}; or write it as JSONL, one article per line")
    whole = Document(container.name, container.path, JSON_ARTICLE, content)
    loaded = load_json(decode_text(whole))
    if is_json_feed(loaded):
        yield from split_json_feed(loaded, container, settings)
        return
    loaded = _unwrap(loaded)
    if isinstance(loaded, dict):
        yield _build_document(loaded, container.name, container.path)
        return
    for number, item in enumerate(_check_items(loaded), 1):
        yield _build_document(item, f"{container.name}:{number}", f"{container.path}:{number}")


def _unwrap(loaded: object) -> object:
    """The list of articles, by whatever name an agency's interface has it: the only list of
    objects in an object that is no article itself."""
    if not isinstance(loaded, dict) or is_ninjs(loaded) or "text" in loaded:
        return loaded
    if isinstance(loaded.get("articles"), list):
        return loaded["articles"]
    lists = [each for each in loaded.values() if isinstance(each, list) and each]
    of_objects = [each for each in lists if all(isinstance(item, dict) for item in each)]
    return of_objects[0] if len(of_objects) == 1 and "title" not in loaded else loaded


def _check_items(loaded: object) -> list[dict[str, Any]]:
    """One that is no object tells that the file holds something else than articles."""
    if not isinstance(loaded, list):
        raise UnreadableInput("is not an article: write it as an object, or an array of objects")
    if not loaded:
        raise UnreadableInput("holds no articles: it is an empty array")
    for number, item in enumerate(loaded, 1):
        if not isinstance(item, dict):
            raise UnreadableInput(f"is not an array of articles: item {number} is not an object")
    return loaded


def _build_document(item: dict[str, Any], name: str, path: str) -> Document:
    return Document(name, path, JSON_ARTICLE, json.dumps(item).encode())
