"""The journey of an article into the archive, as one function of named steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ingest.deduplication import band_hashes, find_story
from ingest.errors import UnreadableInput
from ingest.extraction import EXTRACTORS
from ingest.settings import IngestSettings
from ingest.sources import Failure, RawArticle, read_sources
from retrieval.archive import Archive, PutOutcome
from retrieval.schema import Article


@dataclass(slots=True)
class IngestReport:
    """What became of the inputs. Every article counts once; `failed` holds the rest."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    duplicates: int = 0
    failed: list[Failure] = field(default_factory=list)

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


def archive_articles(
    inputs: Sequence[str],
    archive: Archive,
    settings: IngestSettings,
    on_article: Callable[[str], None],
) -> IngestReport:
    """Read, extract, date, find the story and archive every article of the inputs."""
    report = IngestReport()
    named: dict[str, str] = {}
    for found in read_sources(inputs, settings):
        if isinstance(found, Failure):
            report.failed.append(found)
            continue
        try:
            article = extract_article(found)
        except UnreadableInput as unreadable:
            report.failed.append(Failure(found.name, str(unreadable)))
            continue
        first = named.setdefault(article.article_id, found.name)
        if first != found.name and article.url is None:
            error = f"has the same path as {first}: name the folder that holds both"
            report.failed.append(Failure(found.name, error))
            continue
        bands = band_hashes(article)
        story_id = find_story(article, bands, archive)
        report.count(archive.put(article, story_id, bands))
        on_article(found.name)
    return report


def extract_article(raw: RawArticle) -> Article:
    """Raises UnreadableInput."""
    return EXTRACTORS[raw.suffix](raw.text, raw.path, datetime.now(UTC))
