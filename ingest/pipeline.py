"""The journey of an article into the archive, as one function of named steps."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b

from ingest.deduplication import band_hashes, find_story
from ingest.documents import Document, Failure, Given, Held, LeftOut
from ingest.errors import NotForUse, UnreadableInput
from ingest.extraction import FORMATS
from ingest.extraction.feeds import count_words, quote_entry
from ingest.fetching import Fetcher
from ingest.pages.identity import tidy_address
from ingest.settings import IngestSettings
from ingest.sources import Input, read_sources
from ingest.visits import VisitLog
from ingest.watching import Stop
from retrieval.archive import Archive, PutOutcome
from retrieval.opening import Library
from retrieval.schema import Article

# How much more than its page a feed is to hold of an article to be the one that is read.
_FULLER = 2
_LONGEST_SOURCE = 500
_LONGEST_LANGUAGE = 16
_MOST_LEFT_OUT = 100_000
_LONGEST_LEFT_OUT = 300
_MOST_LEFT_OUT_OF_ONE = 100
_SKETCHED_SENTENCES = 12
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+|(?<=[。！？])")
HashBands = Callable[[Article], tuple[int, ...]]


@dataclass(slots=True)
class IngestReport:
    """What became of the inputs. Every article counts once; `failed` holds the rest."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: list[Failure] = field(default_factory=list)
    withdrawn: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many inputs the archive now has, or has given up, as they say."""
        return self.added + self.updated + self.unchanged + self.duplicates + self.withdrawn

    @property
    def withdrawn_too(self) -> str:
        """What a line of numbers ends in: most have none."""
        return f", {self.withdrawn} withdrawn by the publisher" if self.withdrawn else ""

    def note(self, name: str, article: Article) -> None:
        """That some of a document is not in its article, up to as many pieces as can be read."""
        room = _MOST_LEFT_OUT - len(self.left_out)
        self.left_out.extend(LeftOut(name, text) for text in article.left_out[:room])

    def count(self, outcome: PutOutcome | Failure) -> None:
        match outcome:
            case Failure():
                self.failed.append(outcome)
            case "added":
                self.added += 1
            case "updated":
                self.updated += 1
            case "unchanged":
                self.unchanged += 1
            case "duplicate":
                self.duplicates += 1
            case "withdrawn":
                self.withdrawn += 1


def build_report(report: IngestReport, chunks: int, seconds: float) -> dict[str, object]:
    """The contract's report; `chunks` are those embedded where it was made."""
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "withdrawn": report.withdrawn,
        "failed": [{"input": f.input, "error": f.error} for f in report.failed],
        "left_out": len(report.left_out),
        "chunks": chunks,
        "seconds": seconds,
    }


def ignore_article(_name: str) -> None:
    """For callers that show no progress."""


def archive_articles(
    inputs: Sequence[Input],
    library: Library,
    settings: IngestSettings,
    on_article: Callable[[str], None] = ignore_article,
    stop: Stop | None = None,
    report: IngestReport | None = None,
    given: Given = Given(),
) -> IngestReport:
    """Read, extract, date, find the story and archive every article of the inputs.

    `given` counts for articles that state no date or no source; `report` is one to count in, for a
    caller that shows it while this runs.
    """
    report = IngestReport() if report is None else report
    visits = VisitLog(library.database)
    fetcher = Fetcher(settings, visits, wait=stop.wait if stop else time.sleep)
    intake, namesakes = Intake(library.archive, visits), Namesakes()

    def take(document: Document) -> PutOutcome | Failure:
        article = extract_article(replace(document, given=given))
        if isinstance(article, Held):
            return intake.withdraw(article)
        report.note(document.name, article)
        return intake.take(document, namesakes.tell_apart(article, document), band_hashes)

    for found in read_sources(inputs, settings, fetcher):
        if stop and stop.is_asked():
            break
        if isinstance(found, Failure):
            report.count(found)
            continue
        try:
            report.count(take(found) if isinstance(found, Document) else "unchanged")
        except UnreadableInput as unreadable:
            report.count(Failure(found.name, str(unreadable)))
        else:
            on_article(found.name)
    return report


def extract_article(document: Document) -> Article | Held:
    """Raises UnreadableInput."""
    try:
        article = _extract_or_quote(document, datetime.now(UTC))
    except NotForUse as error:
        return Held(document.name, str(error), error.article_id, error.edition)
    article = add_given(article, document.given)
    # PostgreSQL keeps a language code, and indexes a name, of a limited length alone.
    return replace(
        article,
        source=article.source and article.source[:_LONGEST_SOURCE],
        language=article.language and article.language[:_LONGEST_LANGUAGE],
        edition=replace(article.edition, captured_at=_to_the_second(document.captured_at)),
        left_out=tuple(
            text[:_LONGEST_LEFT_OUT] for text in article.left_out[:_MOST_LEFT_OUT_OF_ONE]
        ),
    )


def _extract_or_quote(document: Document, now: datetime) -> Article:
    """The page, or what its feed holds of it where the page has no text, or but the beginning.

    Raises UnreadableInput.
    """
    extract = FORMATS[document.format].extract
    assert extract is not None
    announced = document.announced
    quoted = quote_entry(document.url, announced) if document.url else None
    if quoted is None or quoted.content == document.content:
        return extract(document, now)
    quote = FORMATS[quoted.format].extract
    assert quote is not None
    try:
        article = extract(document, now)
    except NotForUse:
        raise
    except UnreadableInput as problem:
        try:
            return quote(quoted, now)
        except UnreadableInput:
            raise problem from None
    if count_words(announced.html or "") <= _FULLER * len(article.text.split()):
        return article
    with suppress(UnreadableInput):
        return replace(article, text=quote(quoted, now).text)
    return article


def add_given(article: Article, given: Given) -> Article:
    """The article with what it does not state itself."""
    article = replace(article, source=article.source or given.source)
    if article.published_at or given.published_at is None:
        return article
    return replace(article, published_at=given.published_at, date_provenance="given")


def _to_the_second(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(microsecond=0)


class Namesakes:
    """Which input of a run gave each article, and some sentences of it."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[str, frozenset[int], datetime | None]] = {}

    def tell_apart(self, article: Article, document: Document) -> Article:
        """Lest two inputs of a run overwrite each other.

        Two files of one path would for ever: UnreadableInput is raised for the second. Two pages
        that claim one address, and have no sentence in common, are pages of one article, or those
        of a site that names one address on all: the second is known by where it was found.
        """
        if not document.format.startswith("."):
            return article  # A wire, or a list of articles: each states what it is known by.
        if article.url is None and article.path == document.path:
            first, *_ = self._named.setdefault(document.path, (document.name, frozenset(), None))
            if first != document.name:
                raise UnreadableInput(
                    f"has the same path as {first}: name the folder that holds both"
                )
            return article
        sketch, changed = _sketch(article.text), article.modified_at
        known = self._named.setdefault(article.article_id, (document.name, sketch, changed))
        first, sentences, changed_before = known
        is_newer = changed is not None and (changed_before is None or changed > changed_before)
        if first == document.name or is_newer or not sentences.isdisjoint(sketch):
            return article
        if document.url is None:
            return replace(article, url=None, path=document.path)
        found_at = tidy_address(document.url)
        return article if found_at == article.url else replace(article, url=found_at)


def _sketch(text: str) -> frozenset[int]:
    """A few sentences, the same few of nearly the same text."""
    marks = sorted(
        int.from_bytes(blake2b(sentence.strip().encode(), digest_size=8).digest())
        for sentence in _SENTENCE_END.split(text)
        if sentence.strip()
    )
    return frozenset(marks[:_SKETCHED_SENTENCES])


@dataclass(frozen=True, slots=True)
class Intake:
    """The way of extracted articles into the archive."""

    archive: Archive
    visits: VisitLog

    def take(self, document: Document, article: Article, hash_bands: HashBands) -> PutOutcome:
        """`hash_bands` is called if the archive does not have this article already."""
        if not document.asked_for and self.archive.is_removed(article.article_id):
            # Taken out on purpose: a feed that still names it does not bring it back.
            return "unchanged"
        outcome = self._put(article, hash_bands)
        if document.visit:
            self.visits.record(replace(document.visit, article_id=article.article_id))
        return outcome

    def withdraw(self, held: Held) -> PutOutcome | Failure:
        """What is under an embargo is to be read again, and so has failed."""
        outcome = self.archive.withdraw(held.article_id, held.edition)
        return outcome if held.edition.standing == "withdrawn" else Failure(held.name, held.reason)

    def _put(self, article: Article, hash_bands: HashBands) -> PutOutcome:
        if self.archive.holds(article):
            return "unchanged"
        bands = hash_bands(article)
        return self.archive.put(article, lambda: find_story(article, bands, self.archive), bands)
