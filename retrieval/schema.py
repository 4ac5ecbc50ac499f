"""The values that travel: what was published, how it is stored, what is found."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal, NamedTuple

DateProvenance = Literal["structured", "feed", "url", "byline", "given", "unknown"]
Standing = Literal["usable", "withdrawn", "embargoed"]
Span = tuple[int, int]
# The zone of a bound that is a day: the day of wherever each article was published.
BY_DAY = timezone(timedelta(0), "by day")


@dataclass(frozen=True, slots=True)
class Edition:
    """Which of an article's texts this is, as far as its publisher or its capture tells.

    `created_at` is when the publisher made this version, `captured_at` when it was fetched.
    `identity` and `publisher` are kept of what is not usable, since its article is not.
    """

    version: int | None = None
    created_at: datetime | None = None
    captured_at: datetime | None = None
    standing: Standing = "usable"
    identity: str | None = None
    publisher: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One published article. Moments are timezone-aware, or None when the article states none;
    that of publication is in the zone that the article states it in, whose day its readers saw.

    `revision` and `story_id` are set by the archive; an article not yet archived has neither.
    `edition` is what it came with: the archive keeps it apart and does not give it back. `left_out`
    is what its document says besides, and the archive does not keep.
    """

    title: str
    text: str
    url: str | None = None
    path: str | None = None
    source: str | None = None
    published_at: datetime | None = None
    date_provenance: DateProvenance = "unknown"
    authors: tuple[str, ...] = ()
    language: str | None = None
    modified_at: datetime | None = None
    revision: int = 0
    story_id: str = ""
    edition: Edition = field(default=Edition(), compare=False)
    left_out: tuple[str, ...] = field(default=(), compare=False)

    @property
    def article_id(self) -> str:
        """Derived from the canonical URL, else from the wire's id or the file's path below what
        was named."""
        return make_article_id(self.url or self.path or self.title)


def make_article_id(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stored piece of an article; every span is in characters of the article's text."""

    ordinal: int
    start: int
    end: int
    sentences: tuple[Span, ...]


class ChunkRef(NamedTuple):
    """The identity of an indexed chunk: which piece of which revision of which article.

    A tuple, as a hit is: a question makes and compares a thousand of them.
    """

    article_id: str
    ordinal: int
    revision: int

    @property
    def chunk_id(self) -> str:
        return f"{self.article_id}#{self.ordinal}"


class Hit(NamedTuple):
    """What one index found. `score` orders one index's list only."""

    ref: ChunkRef
    score: float


def is_by_day(bound: datetime) -> bool:
    return bound.tzname() == BY_DAY.tzname(None)


def read_clock(published_at: datetime, bound: datetime) -> datetime:
    """What to compare with a bound: of one that is a day, the clock's time where the article was
    published."""
    return published_at.replace(tzinfo=UTC) if is_by_day(bound) else published_at


@dataclass(frozen=True, slots=True)
class Window:
    """A span of publication time, both ends included. Hard when a caller gave it.

    A bound that is a day (`BY_DAY`) is that day where each article was published.
    `prefer_since` and `prefer_until` come from time words in the question: a preference,
    because a later article may report the event.
    """

    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    prefer_since: datetime | None = None
    prefer_until: datetime | None = None

    @property
    def from_question(self) -> bool:
        return self.prefer_since is not None or self.prefer_until is not None

    @property
    def ends(self) -> tuple[datetime, ...]:
        """Nothing published after any of them is allowed."""
        return tuple(end for end in (self.until, self.as_of) if end is not None)

    @property
    def latest(self) -> datetime | None:
        return min(self.ends, default=None)

    @property
    def is_hard(self) -> bool:
        return self.since is not None or self.latest is not None

    def allows(self, published_at: datetime | None) -> bool:
        """Whether an article published then may be used; an undated one only without bounds."""
        if not self.is_hard:
            return True
        if published_at is None:
            return False
        return (self.since is None or read_clock(published_at, self.since) >= self.since) and all(
            read_clock(published_at, end) <= end for end in self.ends
        )

    def prefers(self, published_at: datetime | None) -> bool:
        if not self.from_question or published_at is None:
            return False
        first, last = self.prefer_since, self.prefer_until
        return (first is None or read_clock(published_at, first) >= first) and (
            last is None or read_clock(published_at, last) <= last
        )


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be found: a window of publication time and, if any are named, the sources."""

    window: Window = Window()
    sources: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return not self.sources and not self.window.is_hard

    def allows(self, published_at: datetime | None, source: str | None) -> bool:
        named = not self.sources or (source or "").casefold() in {
            name.casefold() for name in self.sources
        }
        return named and self.window.allows(published_at)


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk ranked for one query, with the cosine of each of its sentences to that query."""

    article: Article
    chunk: Chunk
    score: float
    rank: int
    sentence_similarities: tuple[float, ...]
    also_reported_by: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.article.text[self.chunk.start : self.chunk.end]
