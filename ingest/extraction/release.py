"""What news agencies say of an item's release: whether it may be used, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.cleaning import clean_name
from ingest.dating import parse_structured
from ingest.errors import UnreadableInput

_NOT_FOR_USE = ("canceled", "cancelled", "withheld")
_ANY_TIME = timedelta(days=36_500)


@dataclass(frozen=True, slots=True)
class Release:
    """An item's status and moments, as they are written; the first that can be read counts."""

    status: object
    created: Sequence[object]
    version_created: object
    embargoed: object


def read_moments(release: Release, now: datetime) -> tuple[datetime | None, datetime | None]:
    """When it was published, and when modified since.

    What was held under an embargo is published when that ends. Raises UnreadableInput for what
    its publisher has withdrawn or not yet released.
    """
    status = (clean_name(release.status) or "").replace("/", ":").rsplit(":", 1)[-1].lower()
    if status in _NOT_FOR_USE:
        raise UnreadableInput(f"is {status} by its publisher: it is not to be used")
    released = _read_embargo(release.embargoed, now)
    moments = [parse_structured(each, now) for each in release.created]
    version = parse_structured(release.version_created, now)
    created = next((moment for moment in moments if moment), version)
    if created is None:
        return None, None
    published = max(created, released or created)
    return published, version if version and version > published else None


def _read_embargo(embargoed: object, now: datetime) -> datetime | None:
    stated = clean_name(embargoed)
    if stated is None:
        return None
    released = parse_structured(stated, now + _ANY_TIME)
    if released is None or released > now:
        raise UnreadableInput(f"is embargoed until {stated[:40]}: read it again after that")
    return released
