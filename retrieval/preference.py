"""What a question prefers and does not insist on: days, the newest evidence, a named source."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from retrieval.carriers import Carrier
from retrieval.named_sources import find_named_sources
from retrieval.schema import ChunkRef, Hit, Window, read_clock
from retrieval.windows import asks_for_newest

# What closeness is worth beside a relevance of 1, the distance in days at which closeness is
# half, and what is left of an article that came after the question. Measured:
# docs/architecture.md.
_WEIGHT = 2.0
_HALF_DAYS = 7.0
_LATE_SHARE = 1 / 3
_SOURCE_BONUS = 1.0
_UNDATED = datetime.min.replace(tzinfo=UTC)
_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Preference:
    """What the words of a question prefer, and the moment it was asked, where that is known."""

    query: str
    window: Window
    asked_at: datetime | None = None

    @property
    def now(self) -> datetime | None:
        """What has been published by then can be known to the question."""
        moments = [moment for moment in (self.asked_at, self.window.latest) if moment is not None]
        return min(moments, default=None)


def prefer(
    scores: Mapping[ChunkRef, float], carriers: Mapping[str, Carrier], preference: Preference
) -> list[Hit]:
    """Raise scores by how close they are to what is preferred; best first, of equals the newer.

    A score is multiplied, not added to: what hardly bears on the question gains little from
    being new. A score of 1 is the best on both counts.
    """
    found = {ref.article_id: carriers[ref.article_id] for ref in scores}
    closeness = _measure_closeness(found, preference)
    whole = 1.0 + _WEIGHT * max(closeness.values(), default=0.0)
    now = preference.now
    gains: dict[str, float] = {}
    moments: dict[str, float] = {}
    for article_id, carrier in found.items():
        moment = carrier.published_at or _UNDATED
        late = now is not None and read_clock(moment, now) > now
        gains[article_id] = _LATE_SHARE if late else 1.0 + _WEIGHT * closeness[article_id]
        moments[article_id] = moment.timestamp()

    def order(hit: Hit) -> tuple[float, float, ChunkRef]:
        return -hit.score, -moments[hit.ref.article_id], hit.ref

    raised = [Hit(ref, score * gains[ref.article_id] / whole) for ref, score in scores.items()]
    return sorted(raised, key=order)


def _measure_closeness(carriers: Mapping[str, Carrier], preference: Preference) -> dict[str, float]:
    """0 to 1 for the days, and more for a named source or where the newest is asked for.

    An undated article is as close in days as the median of the dated: it neither wins nor
    vanishes.
    """
    now = preference.now
    moments = {
        article_id: carrier.published_at
        for article_id, carrier in carriers.items()
        if carrier.published_at is not None
    }
    dated = {
        article_id: _closeness_in_time(moment, now, preference.window)
        for article_id, moment in moments.items()
    }
    usual = median(dated.values()) if dated else 0.0
    if asks_for_newest(preference.query):
        for article_id, position in _positions(moments, now).items():
            dated[article_id] += position
    named = find_named_sources(
        preference.query, {carrier.source for carrier in carriers.values() if carrier.source}
    )
    return {
        article_id: dated.get(article_id, usual)
        + (_SOURCE_BONUS if carrier.source in named else 0.0)
        for article_id, carrier in carriers.items()
    }


def _closeness_in_time(moment: datetime, now: datetime | None, window: Window) -> float:
    """To the days that the question names, else to the moment it was asked."""
    age_s = math.inf if now is None else (now - read_clock(moment, now)).total_seconds()
    recency = 0.0 if age_s < 0 else _decay(age_s)
    if not window.from_question:
        return recency
    if window.prefers(moment):
        # Of all that came since, the newer is the likelier to be meant.
        return 0.5 * (1.0 + recency) if window.prefer_until is None else 1.0
    outside_s = (
        (window.prefer_since - moment).total_seconds()
        if window.prefer_since is not None and moment < window.prefer_since
        else (moment - (window.prefer_until or moment)).total_seconds()
    )
    outside_s = max(outside_s, 0.0)
    # The day may be that of an event, and today's report what is asked for.
    return max(_decay(outside_s) * (0.5 if window.prefer_until is None else 1.0), 0.5 * recency)


def _decay(distance_s: float) -> float:
    """1 at no distance, a half at a week, and a slow tail."""
    return 1.0 / (1.0 + distance_s / _DAY_S / _HALF_DAYS)


def _positions(moments: Mapping[str, datetime], now: datetime | None) -> dict[str, float]:
    """Where each lies between the oldest, 0, and the newest, 1, by the logarithm of its age."""
    newest = max(moments.values(), default=_UNDATED)
    known = newest if now is None else min(newest, now)
    ages = {
        article_id: -math.log(_decay(max((known - moment).total_seconds(), 0.0)))
        for article_id, moment in moments.items()
    }
    oldest = max(ages.values(), default=0.0)
    return {article_id: 1.0 - (age / oldest if oldest else 0.0) for article_id, age in ages.items()}
