"""IPTC ninjs, 1.x to 3.x: a news item as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ingest.cleaning import clean_name, join_paragraphs
from ingest.errors import UnreadableInput
from ingest.extraction.forms import Form, read_fullest
from ingest.extraction.release import Release, is_withdrawal, read_author, read_release
from ingest.pages.identity import tidy_address
from retrieval.schema import Article

_EMBARGOES = ("embargoed", "embargo", "embargoeduntil", "embargo_until")
_OWN_KEY = re.compile(r"uri|guid|bodies|body_\w+", re.I)


def is_ninjs(item: dict[str, Any]) -> bool:
    """Every ninjs item has a `uri`, or a `guid` as Superdesk writes it, or at least a body by one
    of its names; the body of none is called `text`."""
    return "text" not in item and any(_OWN_KEY.fullmatch(key) for key in item)


def extract_ninjs(item: dict[str, Any], path: str, now: datetime) -> Article:
    """One item of text. Raises UnreadableInput."""
    # Version 3 writes as `versionCreated` what was `versioncreated`.
    facts = {key.lower(): value for key, value in item.items()}
    kind = clean_name(facts.get("type")) or "text"
    if kind != "text":
        raise UnreadableInput(f"is a ninjs item of type {kind[:40]!r}: only text can be read")
    named = read_id(facts)
    url = tidy_address(named)
    identity = url or named or path
    released = read_release(_read_release(facts, identity), now)
    text = join_paragraphs(read_fullest(_read_forms(facts)))
    return Article(
        title=_read_headline(facts) or text.split("\n", 1)[0],
        text=text,
        url=url,
        path=None if url else identity,
        source=_read_source(facts),
        published_at=released.published_at,
        date_provenance="unknown" if released.published_at is None else "structured",
        authors=read_author(clean_name(facts.get("byline")) or clean_name(facts.get("by"))),
        language=clean_name(facts.get("language")),
        modified_at=released.modified_at,
        edition=released.edition,
    )


def read_id(facts: dict[str, Any]) -> str | None:
    """What the item is called everywhere; a bare `id` is one only among its giver's own."""
    ids = (clean_name(facts.get(key)) for key in ("uri", "guid", "_id", "id"))
    sure = {clean_name(facts.get(key)) for key in ("uri", "guid")}
    return next((each for each in ids if each and (each in sure or ":" in each)), None)


def _read_release(facts: dict[str, Any], identity: str) -> Release:
    return Release(
        identity=identity,
        version=facts.get("version"),
        status=_read_status(facts),
        created=[facts.get(key) for key in ("firstpublished", "firstcreated", "contentcreated")],
        version_created=facts.get("versioncreated"),
        embargoed=next((facts[key] for key in _EMBARGOES if facts.get(key)), None),
        publisher=_read_source(facts),
    )


def _read_status(facts: dict[str, Any]) -> object:
    """Superdesk's own `state` tells of a kill that its `pubstatus` may not."""
    return facts["state"] if is_withdrawal(facts.get("state")) else facts.get("pubstatus")


def _read_forms(facts: dict[str, Any]) -> Iterator[Form]:
    """Objects with roles since version 2, `body_html`, `body_text` and so on before."""
    for each in _list_objects(facts.get("bodies")):
        if isinstance(each.get("value"), str):
            yield Form(each["value"], str(each.get("contenttype") or ""))
    for key in sorted(facts):
        if (key == "body" or key.startswith("body_")) and isinstance(facts[key], str):
            yield Form(facts[key])


def _list_objects(listed: object) -> list[dict[str, Any]]:
    objects = (
        [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    )
    return [{key.lower(): value for key, value in each.items()} for each in objects]


def _read_headline(facts: dict[str, Any]) -> str | None:
    objects = _list_objects(facts.get("headlines"))
    main_first = sorted(objects, key=lambda each: each.get("role") != "main")
    older = [key for key in sorted(facts) if key == "headline" or key.startswith("headline_")]
    stated = [*(each.get("value") for each in main_first), *(facts[key] for key in older)]
    return next(
        (name for each in (*stated, facts.get("title")) if (name := clean_name(each))), None
    )


def _read_source(facts: dict[str, Any]) -> str | None:
    for key in ("provider", "source", "copyrightholder"):
        stated = facts.get(key)
        name = clean_name(stated.get("name") if isinstance(stated, dict) else stated)
        if name:
            return name
    return None
