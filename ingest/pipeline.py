"""The journey of an article into the archive, as one function of named steps."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ingest.deduplication import band_hashes, find_story
from ingest.documents import Document, Failure
from ingest.errors import UnreadableInput
from ingest.extraction import FORMATS
from ingest.fetching import Fetcher
from ingest.settings import IngestSettings
from ingest.sources import Input, read_sources
from ingest.visits import VisitLog
from ingest.watching import Stop
from retrieval.archive import Archive, PutOutcome
from retrieval.opening import Library
from retrieval.schema import Article

_LONGEST_SOURCE = 500
_LONGEST_LANGUAGE = 16


@dataclass(slots=True)
class IngestReport:
    """What became of the inputs. Every article counts once; `failed` holds the rest."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: list[Failure] = field(default_factory=list)

    @property
    def taken(self) -> int:
        """How many articles are in the archive now as they were given."""
        return self.added + self.updated + self.unchanged + self.duplicates

    def count(self, outcome: PutOutcome) -> None:
        match outcome:
            case "added":
                self.added += 1
            case "updated":
                self.updated += 1
            case "unchanged":
                self.unchanged += 1
            case "duplicate":
                self.duplicates += 1


def build_report(report: IngestReport, chunks: int, seconds: float) -> dict[str, object]:
    """The contract's report; `chunks` are those embedded where it was made."""
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "duplicates": report.duplicates,
        "failed": [{"input": f.input, "error": f.error} for f in report.failed],
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
) -> IngestReport:
    """Read, extract, date, find the story and archive every article of the inputs.

    `report` is one to count in, for a caller that shows it while this runs.
    """
    report = IngestReport() if report is None else report
    visits = VisitLog(library.database)
    fetcher = Fetcher(settings, visits, wait=stop.wait if stop else time.sleep)
    intake = _Intake(library.archive, visits)
    for found in read_sources(inputs, settings, fetcher):
        if stop and stop.is_asked():
            break
        if isinstance(found, Failure):
            report.failed.append(found)
            continue
        try:
            report.count(intake.take(found) if isinstance(found, Document) else "unchanged")
        except UnreadableInput as unreadable:
            report.failed.append(Failure(found.name, str(unreadable)))
        else:
            on_article(found.name)
    return report


def extract_article(document: Document) -> Article:
    """Raises UnreadableInput."""
    extract = FORMATS[document.format].extract
    assert extract is not None
    article = extract(document, datetime.now(UTC))
    # PostgreSQL keeps a language code, and indexes a name, of a limited length alone.
    return replace(
        article,
        source=article.source and article.source[:_LONGEST_SOURCE],
        language=article.language and article.language[:_LONGEST_LANGUAGE],
    )


@dataclass(frozen=True, slots=True)
class _Intake:
    """One run's way into the archive; `named` is which input gave each article without a URL."""

    archive: Archive
    visits: VisitLog
    named: dict[str, str] = field(default_factory=dict)

    def take(self, document: Document) -> PutOutcome:
        """Raises UnreadableInput."""
        article = extract_article(document)
        self._refuse_namesake(article, document.name)
        if not document.asked_for and self.archive.is_removed(article.article_id):
            # Taken out on purpose: a feed that still names it does not bring it back.
            return "unchanged"
        outcome = self._put(article)
        if document.visit:
            self.visits.record(replace(document.visit, article_id=article.article_id))
        return outcome

    def _put(self, article: Article) -> PutOutcome:
        if self.archive.holds(article):
            return "unchanged"
        bands = band_hashes(article)
        return self.archive.put(article, lambda: find_story(article, bands, self.archive), bands)

    def _refuse_namesake(self, article: Article, name: str) -> None:
        """Two files of one path below what was named would overwrite each other for ever."""
        if article.url is None and self.named.setdefault(article.article_id, name) != name:
            first = self.named[article.article_id]
            raise UnreadableInput(f"has the same path as {first}: name the folder that holds both")
