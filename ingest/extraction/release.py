"""What news agencies say of an item's release: which version it is, whether it may be used, and
since when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ingest.cleaning import clean_name
from ingest.dating import parse_structured
from ingest.errors import NotForUse, UnreadableInput
from retrieval.schema import Edition, Standing, make_article_id

_WITHDRAWN = re.compile(
    r"cancel|kill|with(?:draw|h[eo]ld)|recall|retract|revoke|rescind|delete|remove|spike|unpublish"
)
_HELD = ("embargoed", "embargo", "scheduled")
_USABLE = ("", "usable", "published", "publish", "corrected", "updated", "live", "public", "final")
_BY = re.compile(r"^by:?\s+", re.I)
_ANY_TIME = timedelta(days=36_500)
_LONGEST_NUMBER = 18


@dataclass(frozen=True, slots=True)
class Release:
    """An item's id, version, status and moments, as they are written; of the moments of its
    creation the first that can be read counts."""

    identity: str
    version: object
    status: object
    created: Sequence[object]
    version_created: object
    embargoed: object
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """When an item was published, when it was modified since, and which edition it is."""

    published_at: datetime | None
    modified_at: datetime | None
    edition: Edition


def read_release(release: Release, now: datetime) -> Released:
    """What was held under an embargo is published when that ends. Raises NotForUse for what its
    publisher has withdrawn or not yet released."""
    version = parse_structured(release.version_created, now)
    edition = Edition(_read_version(release.version), version)
    status = _read_status(release.status)
    if is_withdrawal(status):
        reason = f"is {status} by its publisher: do not use it"
        raise _hold(release, edition, "withdrawn", reason)
    embargo = _read_embargo(release, status)
    released = parse_structured(embargo, now + _ANY_TIME)
    if embargo and (released is None or released > now):
        reason = f"is embargoed until {embargo[:40]}: ingest it again after that"
        raise _hold(release, edition, "embargoed", reason)
    if status not in (*_USABLE, *_HELD):
        raise UnreadableInput(f"has the status {status[:40]!r}, which does not allow its use")
    moments = [parse_structured(each, now) for each in release.created]
    created = next((moment for moment in moments if moment), version)
    if created is None:
        return Released(None, None, edition)
    published = max(created, released or created)
    modified = version if version and version > published else None
    return Released(published, modified, edition)


def is_withdrawal(status: object) -> bool:
    return _WITHDRAWN.match(_read_status(status)) is not None


def read_author(byline: str | None) -> tuple[str, ...]:
    """Who `By Ann Ekholm` names."""
    name = _BY.sub("", byline or "")
    return (name,) if name else ()


def _hold(release: Release, edition: Edition, standing: Standing, reason: str) -> NotForUse:
    notice = replace(
        edition, standing=standing, identity=release.identity, publisher=release.publisher
    )
    return NotForUse(reason, make_article_id(release.identity), notice)


def _read_status(status: object) -> str:
    """What stands last in `stat:usable`, or in the address that it is short for."""
    return (clean_name(status) or "").replace("/", ":").rsplit(":", 1)[-1].lower()


def _read_embargo(release: Release, status: str) -> str | None:
    """Until when it is held, as it is written; what states no end is held until further notice."""
    stated = release.embargoed
    if stated is None or stated is False:
        return "further notice" if status in _HELD else None
    return clean_name(stated) or "further notice"


def _read_version(stated: object) -> int | None:
    """A number; one from JSON is a float."""
    if isinstance(stated, float) and stated.is_integer():
        return int(stated)
    name = clean_name(stated) or ""
    is_number = name.isascii() and name.isdecimal() and len(name) <= _LONGEST_NUMBER
    return int(name) if is_number else None
