"""IPTC ninjs, 1.x to 3.x: a news item as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ingest.cleaning import clean_characters, clean_name, join_paragraphs
from ingest.errors import UnreadableInput
from ingest.extraction.markup import read_paragraphs
from ingest.extraction.release import Release, read_release
from ingest.pages.identity import tidy_address
from retrieval.schema import Article

_MARKUP = re.compile(r"<(?:p|div|section|br|h[1-6]|ul|ol)\b", re.I)
_BY = re.compile(r"^by:?\s+", re.I)


def is_ninjs(item: dict[str, Any]) -> bool:
    """Every ninjs item has a `uri`, or a `guid` as Superdesk writes it; the body of none is called
    `text`."""
    return ("uri" in item or "guid" in item) and "text" not in item


def extract_ninjs(item: dict[str, Any], path: str, now: datetime) -> Article:
    """One item of text. Raises UnreadableInput."""
    # Version 3 writes as `versionCreated` what was `versioncreated`.
    facts = {key.lower(): value for key, value in item.items()}
    kind = clean_name(facts.get("type")) or "text"
    if kind != "text":
        raise UnreadableInput(f"is a ninjs item of the type {kind[:40]!r}: only text can be read")
    named = clean_name(facts.get("uri")) or clean_name(facts.get("guid"))
    url = tidy_address(named)
    identity = url or named or path
    released = read_release(_read_release(facts, identity), now)
    text = join_paragraphs(max(_read_bodies(facts), key=_count_words, default=[]))
    return Article(
        title=_read_headline(facts) or text.split("\n", 1)[0],
        text=text,
        url=url,
        path=None if url else identity,
        source=_read_source(facts),
        published_at=released.published_at,
        date_provenance="unknown" if released.published_at is None else "structured",
        authors=_read_authors(facts),
        language=clean_name(facts.get("language")),
        modified_at=released.modified_at,
        edition=released.edition,
    )


def _read_release(facts: dict[str, Any], identity: str) -> Release:
    return Release(
        identity=identity,
        version=facts.get("version"),
        status=facts.get("pubstatus"),
        created=[facts.get(key) for key in ("firstpublished", "firstcreated", "contentcreated")],
        version_created=facts.get("versioncreated"),
        embargoed=facts.get("embargoed") or None,
    )


def _read_bodies(facts: dict[str, Any]) -> Iterator[list[str]]:
    """The paragraphs of each form that the body comes in, marked-up forms first."""
    plain: list[str] = []
    for value in _list_values(facts, "body", "bodies"):
        if _MARKUP.search(value):
            yield read_paragraphs(value)
        else:
            plain.append(value)
    for value in plain:
        yield clean_characters(value).split("\n")


def _read_headline(facts: dict[str, Any]) -> str | None:
    stated = (*_list_values(facts, "headline", "headlines"), facts.get("title"))
    return next((headline for each in stated if (headline := clean_name(each))), None)


def _list_values(facts: dict[str, Any], name: str, plural: str) -> list[str]:
    """`headline`, `headline_short` and so on before version 2, objects with roles since."""
    listed = facts.get(plural)
    objects = [o for o in listed if isinstance(o, dict)] if isinstance(listed, list) else []
    main_first = sorted(objects, key=lambda each: each.get("role") != "main")
    older = [facts[key] for key in sorted(facts) if key == name or key.startswith(f"{name}_")]
    values = [*(each.get("value") for each in main_first), *older]
    return [value for value in values if isinstance(value, str)]


def _read_source(facts: dict[str, Any]) -> str | None:
    for key in ("provider", "source", "copyrightholder"):
        stated = facts.get(key)
        name = clean_name(stated.get("name") if isinstance(stated, dict) else stated)
        if name:
            return name
    return None


def _read_authors(facts: dict[str, Any]) -> tuple[str, ...]:
    byline = clean_name(facts.get("byline")) or clean_name(facts.get("by"))
    name = _BY.sub("", byline or "")
    return (name,) if name else ()


def _count_words(paragraphs: list[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)
