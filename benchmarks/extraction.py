"""How well pages are read: their words and their dates, beside trafilatura's and htmldate's own.

    python -m benchmarks.extraction ../shared/data/pages

The folder holds `body.json` and `body/*.html.gz` (gold text by file), `date.json` and
`date/*.html.gz` (gold day by file). Words are measured as scrapinghub/article-extraction-benchmark
does it (`evaluate.py`): shingles of four words, precision over the pages where anything was found
and recall over all, both averaged, and F1 of the averages. Heuristics were tuned on one half of
the pages, chosen by hash: the other half is the one to believe.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import logging
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ingest.documents import Document
from ingest.errors import UnreadableInput
from ingest.extraction.html import extract_dated, extract_html
from ingest.pages.dates import day_in_address

_SHINGLE_WORDS = 4
# A day is over everywhere 36 hours after it began in UTC.
_LOCAL_DAY = timedelta(hours=36)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    url: str
    content: bytes
    gold: str
    tuned_on: bool

    @property
    def document(self) -> Document:
        return Document(self.name, self.name, ".html", self.content, url=self.url)


@dataclass(slots=True)
class Reader:
    """One way to read pages: what it gave for each, and how long it took."""

    name: str
    read: Callable[[Page], str]
    given: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    def run(self, pages: Iterable[Page]) -> None:
        for page in pages:
            started = time.perf_counter()
            try:
                self.given[page.name] = self.read(page)
            except UnreadableInput as refusal:
                self.given[page.name] = ""
                self.refused[page.url] = str(refusal)
            self.seconds += time.perf_counter() - started


def main() -> None:
    folder = Path(sys.argv[1])
    logging.disable(logging.CRITICAL)
    console = Console(width=120)
    _warm_up()
    bodies, dated = _load_bodies(folder), _load_dated(folder)
    words = [Reader("Dateline", _read_body), Reader("trafilatura alone", _read_body_plainly)]
    dates = [Reader("Dateline", _read_day), Reader("htmldate alone", _read_day_plainly)]
    for reader in words:
        reader.run(bodies)
    for reader in dates:
        reader.run(dated)
    console.print(_tabulate_bodies(bodies, words))
    console.print(_tabulate_dates(dated, dates))
    for url, reason in (words[0].refused | dates[0].refused).items():
        console.print(f"refused: {url}\n         {reason}")


def _read_body(page: Page) -> str:
    return extract_html(page.document, datetime.now(UTC)).text


def _read_body_plainly(page: Page) -> str:
    import trafilatura

    return trafilatura.extract(page.content, url=page.url, include_comments=False) or ""


def _read_day(page: Page) -> str:
    """The day where the page was published: that of its address, where it states UTC."""
    now = datetime.now(UTC)
    _, published = extract_dated(page.document, now)
    if published is None:
        return ""
    moment, in_address = published.moment, day_in_address(page.url, now)
    if in_address and not moment.utcoffset() and abs(moment - in_address) < _LOCAL_DAY:
        moment = in_address
    return moment.date().isoformat()


def _read_day_plainly(page: Page) -> str:
    import htmldate

    return htmldate.find_date(page.content, original_date=True, url=page.url) or ""


def _warm_up() -> None:
    """What the libraries load once is not a page's cost."""
    text = "<p>" + "Ships may use the strait without a pilot from May onwards. " * 5 + "</p>"
    html = f"<html lang=en><h1>Accord</h1><p>12 May 2024</p>{text}</html>"
    page = Page("a.html", "https://example.org/a", html.encode(), "", tuned_on=True)
    for read in (_read_body, _read_body_plainly, _read_day, _read_day_plainly):
        read(page)


def _load_bodies(folder: Path) -> list[Page]:
    gold = json.loads((folder / "body.json").read_text("utf-8"))
    entries = [(f"{key}.html.gz", one["url"], one["articleBody"]) for key, one in gold.items()]
    return _load(folder / "body", entries)


def _load_dated(folder: Path) -> list[Page]:
    gold = json.loads((folder / "date.json").read_text("utf-8"))
    return _load(folder / "date", [(one["file"], one["url"], one["date"]) for one in gold])


def _load(folder: Path, entries: Sequence[tuple[str, str, str]]) -> list[Page]:
    ranked = sorted((name for name, _, _ in entries), key=_hash)
    tuned_on = set(ranked[: len(ranked) // 2])
    return [
        Page(name, url, gzip.decompress((folder / name).read_bytes()), gold, name in tuned_on)
        for name, url, gold in entries
    ]


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _halves(pages: Sequence[Page]) -> Iterable[tuple[str, list[Page]]]:
    yield "all", list(pages)
    yield "tuned on", [page for page in pages if page.tuned_on]
    yield "held out", [page for page in pages if not page.tuned_on]


def _tabulate_bodies(pages: Sequence[Page], readers: Sequence[Reader]) -> Table:
    table = _new_table("body", "pages", "", "precision", "recall", "F1", "empty", "ms/page")
    for half, chosen in _halves(pages):
        for reader in readers:
            given = [reader.given[page.name] for page in chosen]
            scores = score_bodies([page.gold for page in chosen], given)
            table.add_row(
                half,
                str(len(chosen)),
                reader.name,
                *(f"{score:.3f}" for score in scores),
                str(given.count("")),
                f"{1000 * reader.seconds / len(pages):.1f}",
            )
    return table


def _tabulate_dates(pages: Sequence[Page], readers: Sequence[Reader]) -> Table:
    table = _new_table("date", "pages", "", "right", "wrong", "missing", "ms/page")
    for half, chosen in _halves(pages):
        for reader in readers:
            given = [reader.given[page.name] for page in chosen]
            right = sum(day == page.gold for day, page in zip(given, chosen, strict=True))
            missing = given.count("")
            counts = (right, len(chosen) - right - missing, missing)
            table.add_row(
                half,
                str(len(chosen)),
                reader.name,
                *(f"{count / len(chosen):.3f}" for count in counts),
                f"{1000 * reader.seconds / len(pages):.1f}",
            )
    return table


def _new_table(*headings: str) -> Table:
    table = Table(box=None)
    for heading in headings:
        table.add_column(heading, justify="left" if heading in ("body", "date", "") else "right")
    return table


def score_bodies(gold: Sequence[str], given: Sequence[str]) -> tuple[float, float, float]:
    """Precision, recall and F1 over shingles."""
    precisions: list[float] = []
    recalls: list[float] = []
    for true_text, text in zip(gold, given, strict=True):
        true, found = _shingles(true_text), _shingles(text)
        shared = (true & found).total()
        if found:
            precisions.append(shared / found.total())
        recalls.append(shared / true.total())
    precision, recall = statistics.mean(precisions), statistics.mean(recalls)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = _WORD.findall(text)
    count = max(1, len(words) - _SHINGLE_WORDS + 1)
    return Counter(tuple(words[i : i + _SHINGLE_WORDS]) for i in range(count) if words)


if __name__ == "__main__":
    main()
