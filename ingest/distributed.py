"""Ingest on Ray: workers extract at once, one of them archives in the order of the inputs.

Which story an article carries, and which of two articles of one address stays, depend on what was
archived before. So the costly part, which needs no order, is done by all, and the archive is
written by one worker, an article a transaction, each block when the one before it is acknowledged:
the archive is what one process makes of the same inputs. A worker that is killed is replaced and
does its work again: what it had archived is found unchanged.
"""

from __future__ import annotations

import pickle  # between processes of ours, as Ray itself does it # nosec B403
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ingest.cluster import RETRIES, explain_failures
from ingest.deduplication import band_hashes
from ingest.documents import Document, Failure, Given, Held, Unchanged
from ingest.errors import UnreadableInput
from ingest.fetching import Fetcher
from ingest.pipeline import IngestReport, Intake, Namesakes, extract_article
from ingest.settings import IngestSettings
from ingest.sources import Found, Input, read_sources
from ingest.visits import VisitLog
from retrieval.archive import PutOutcome
from retrieval.opening import Library, open_library
from retrieval.schema import Article
from retrieval.settings import RetrievalSettings

# A wave is read, then extracted while it is being archived: it bounds the memory, and the time
# until what a slow feed gave is in the archive.
_MOST_DOCUMENTS, _MOST_BYTES, _LONGEST_S = 1_000, 32 * 2**20, 30.0
_DOCUMENTS_A_TASK = 16
_ARTICLES_A_BLOCK = 32


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a worker made of a document, which is here without its content."""

    document: Document
    article: Article
    bands: tuple[int, ...]


def archive_on_workers(
    inputs: Sequence[Input],
    library: Library,
    settings: IngestSettings,
    on_article: Callable[[str], None],
    given: Given = Given(),
) -> IngestReport:
    """As `archive_articles`, with the same report. Raises ClusterFailed.

    Everything is read here, once and with one host's pause between two requests.
    """
    report, namesakes = IngestReport(), Namesakes()
    fetcher = Fetcher(settings, VisitLog(library.database))
    with explain_failures():
        writer = _start_writer(library.settings)
        for wave in cut_into_waves(read_sources(inputs, settings, fetcher)):
            for block in _cut_into_blocks(_extract(wave, given)):
                for each in block:
                    if isinstance(each, Extracted):
                        report.note(each.document.name, each.article)
                for found, outcome in _archive(writer, namesakes, block):
                    report.count(outcome)
                    if not isinstance(outcome, Failure):
                        on_article(found)
    return report


def cut_into_waves(found: Iterable[Found]) -> Iterator[list[Found]]:
    wave: list[Found] = []
    size, started = 0, time.monotonic()
    for each in found:
        wave.append(each)
        size += len(each.content) if isinstance(each, Document) else 0
        is_old = time.monotonic() - started > _LONGEST_S
        if len(wave) == _MOST_DOCUMENTS or size > _MOST_BYTES or is_old:
            yield wave
            wave, size, started = [], 0, time.monotonic()
    if wave:
        yield wave


def _extract(
    wave: Sequence[Found], given: Given
) -> Iterator[Extracted | Held | Unchanged | Failure]:
    """What became of each, in the same order."""
    documents = [replace(found, given=given) for found in wave if isinstance(found, Document)]
    extracted = _extract_documents(documents)
    for found in wave:
        yield next(extracted) if isinstance(found, Document) else found


def _extract_documents(documents: Sequence[Document]) -> Iterator[Extracted | Held | Failure]:
    import ray.data

    if not documents:
        return
    rows = [
        {"number": number, "document": pickle.dumps(each)} for number, each in enumerate(documents)
    ]
    tasks = -(-len(rows) // _DOCUMENTS_A_TASK)
    # Tasks and not actors: there is nothing to load, and the processes stay for the next wave.
    done = ray.data.from_items(rows, override_num_blocks=tasks).map(_extract_row, num_cpus=1)
    waiting: dict[int, bytes] = {}
    expected = 0
    for row in done.iter_rows():
        waiting[row["number"]] = row["extracted"]
        while expected in waiting:
            yield pickle.loads(waiting.pop(expected))  # nosec B301
            expected += 1


def _extract_row(row: dict[str, Any]) -> dict[str, Any]:
    document: Document = pickle.loads(row["document"])  # nosec B301
    return {"number": row["number"], "extracted": pickle.dumps(_extract_document(document))}


def _extract_document(document: Document) -> Extracted | Held | Failure:
    try:
        article = extract_article(document)
    except UnreadableInput as unreadable:
        return Failure(document.name, str(unreadable))
    if isinstance(article, Held):
        return article
    return Extracted(replace(document, content=b""), article, band_hashes(article))


def _cut_into_blocks(
    extracted: Iterator[Extracted | Held | Unchanged | Failure],
) -> Generator[list[Extracted | Held | Unchanged | Failure]]:
    while block := list(islice(extracted, _ARTICLES_A_BLOCK)):
        yield block


def _archive(
    writer: Any, namesakes: Namesakes, block: Sequence[Extracted | Held | Unchanged | Failure]
) -> Iterator[tuple[str, PutOutcome | Failure]]:
    """The name and what came of it, once the whole block is in the archive."""
    import ray

    accepted = [_tell_apart(namesakes, each) for each in block]
    taken = [each for each in accepted if isinstance(each, Extracted | Held)]
    outcomes = iter(ray.get(writer.take.remote(taken)) if taken else ())
    for each in accepted:
        match each:
            case Extracted():
                yield each.document.name, next(outcomes)
            case Held():
                yield each.name, next(outcomes)
            case Unchanged():
                yield each.name, "unchanged"
            case Failure():
                yield each.input, each


def _tell_apart(
    namesakes: Namesakes, each: Extracted | Held | Unchanged | Failure
) -> Extracted | Held | Unchanged | Failure:
    if isinstance(each, Extracted):
        try:
            return replace(each, article=namesakes.tell_apart(each.article, each.document))
        except UnreadableInput as unreadable:
            return Failure(each.document.name, str(unreadable))
    return each


class _Writer:
    """The one worker that writes to the archive; it may be replaced between any two articles."""

    def __init__(self, settings: RetrievalSettings) -> None:
        self._opened = open_library(settings)
        library = self._opened.__enter__()
        self._intake = Intake(library.archive, VisitLog(library.database))

    def take(self, block: Sequence[Extracted | Held]) -> list[PutOutcome | Failure]:
        return [self._take(each) for each in block]

    def _take(self, each: Extracted | Held) -> PutOutcome | Failure:
        if isinstance(each, Held):
            return self._intake.withdraw(each)
        return self._intake.take(each.document, each.article, lambda _: each.bands)


def _start_writer(settings: RetrievalSettings) -> Any:
    """It waits for the disk or the database for most of its time: no core is kept for it."""
    import ray

    remote = ray.remote(num_cpus=0, max_restarts=RETRIES, max_task_retries=RETRIES)(_Writer)
    return remote.remote(settings)
