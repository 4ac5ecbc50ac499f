"""One home, one process: how long questions take there, and what it holds in memory and on disk."""

from __future__ import annotations

import resource
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.capacity.filling import VECTORS, open_home
from benchmarks.capacity.made import DAYS, LAST_DAY
from benchmarks.capacity.stages import STAGES, Cost, Watch
from eval.statistics import percentile
from ingest.deduplication import band_hashes, find_story
from ingest.indexer import Indexer
from retrieval.embedder import Embedder, Vector
from retrieval.indexes import Indexes, OpenGeneration
from retrieval.models.reader import Reader
from retrieval.opening import Library, build_retriever
from retrieval.retriever import Retriever
from retrieval.schema import Article, Filters, Passage, Window

FILTERS = ("none", "a week", "two years", "a source of 5 %")
_WARMED_UP_BY = 40
_READ_BY_READER = 10
_ARTICLES_ADDED = 3
_RECALL_AT = 10
_ASKED_FOR_RECALL = 100
_AS_RETRIEVED = 200
_ROWS_A_BLOCK = 50_000
_SHOWN = (0.5, 0.95, 0.99)


def measure(
    home: Path, questions: Sequence[str], each: int, embedder: Embedder | None = None
) -> dict[str, Any]:
    """Everything about this home, for JSON. `each`: questions under each filter."""
    needed = _WARMED_UP_BY + each * len(FILTERS)
    if len(questions) < needed:
        raise ValueError(f"{needed} different questions are needed, not {len(questions)}")
    memory = {"started": _read_memory()}
    started = time.perf_counter()
    with open_home(home, embedder) as (library, indexes):
        retriever = build_retriever(library, indexes)
        opened_s = time.perf_counter() - started
        retriever.retrieve(questions[0])
        answered_s = time.perf_counter() - started
        memory["first question"] = _read_memory()
        index = indexes.open_active()
        assert index is not None
        latencies = _measure_latencies(retriever, questions, each)
        memory["all questions"] = _read_memory()
        return {
            "chunks": library.generations.count_chunks(index.generation),
            "articles": library.archive.count(),
            "opened_s": opened_s,
            "first_answer_s": answered_s,
            "memory_mb": memory,
            "disk_mb": _measure_disk(home),
            "latencies_ms": latencies,
            "ranker_ms": _measure_reader(retriever, questions),
            "recall": _measure_recall(home.parent / VECTORS, index, library.embedder, questions),
            "article_added_ms": _measure_adding(library, indexes),
        }


def draw_filters(name: str, number: int) -> Filters:
    """The same for the same number; moments spread over the ten years of the archive."""
    chance = np.random.default_rng((len(name), number))
    days = {"a week": 7, "two years": 730}.get(name)
    if days is not None:
        since = LAST_DAY - timedelta(days=int(chance.integers(days, DAYS)))
        return Filters(Window(since=since, until=since + timedelta(days=days)))
    # Of 300 whose shares fall as 1/n, the third has 5 %.
    return Filters(sources=("Source 3",)) if name.startswith("a source") else Filters()


def _measure_latencies(
    retriever: Retriever, questions: Sequence[str], each: int
) -> dict[str, dict[str, Any]]:
    """By filter: percentiles of the whole, and the median of every stage."""
    watch = Watch()
    watched = watch.over(retriever)
    asked = iter(questions[1:])
    for _ in range(_WARMED_UP_BY - 1):
        retriever.retrieve(next(asked), asked_at=LAST_DAY)
    measured: dict[str, dict[str, Any]] = {}
    for name in FILTERS:
        costs: defaultdict[str, list[Cost]] = defaultdict(list)
        for number in range(each):
            question, filters = next(asked), draw_filters(name, number)
            spent = watch.measure(partial(watched.retrieve, question, filters, asked_at=LAST_DAY))
            for stage in ("", *STAGES):
                costs[stage].append(spent.get(stage, Cost(0.0, 0.0)))
        whole = costs.pop("")
        measured[name] = {
            "wall": _percentiles([cost.wall_ms for cost in whole]),
            "cpu": _percentiles([cost.cpu_ms for cost in whole]),
            "stages": {stage: _medians(spent) for stage, spent in costs.items()},
        }
    return measured


def _percentiles(spent: Sequence[float]) -> dict[str, float]:
    return {f"p{100 * at:.0f}": percentile(list(spent), at) for at in _SHOWN}


def _medians(costs: Sequence[Cost]) -> dict[str, float]:
    return {
        "wall": statistics.median(cost.wall_ms for cost in costs),
        "cpu": statistics.median(cost.cpu_ms for cost in costs),
    }


def _measure_reader(retriever: Retriever, questions: Sequence[str]) -> dict[str, float]:
    """The reader over the passages of a question: what an answer costs besides."""
    reader = Reader()
    asked = questions[-_READ_BY_READER:]
    passages: list[tuple[str, tuple[Passage, ...]]] = [
        (question, retriever.retrieve(question, asked_at=LAST_DAY)) for question in asked
    ]
    reader.read(*passages[0])
    costs: list[Cost] = []
    for question, read in passages[1:]:
        wall, cpu = time.perf_counter(), time.process_time()
        reader.read(question, read)
        costs.append(Cost(1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
    return _medians(costs)


def _measure_recall(
    stored: Path, index: OpenGeneration, embedder: Embedder, questions: Sequence[str]
) -> float:
    """Of the ten chunks nearest to a question, how many Chroma finds when asked as it is asked.

    By their distances: copies of a story have the same vectors.
    """
    chunks = index.vectors.count()
    asked = np.stack(
        [embedder.embed_question(question) for question in questions[:_ASKED_FOR_RECALL]]
    )
    vectors = np.memmap(stored, dtype="<f2", mode="r", shape=(chunks, asked.shape[1]))
    tenth = np.sort(np.concatenate(list(_best_of_blocks(vectors, asked)), axis=1))[:, -_RECALL_AT]
    found = [
        sum(hit.score >= least - 1e-3 for hit in index.vectors.search(vector, _AS_RETRIEVED)[:10])
        for vector, least in zip(asked, tenth, strict=True)
    ]
    return float(sum(found) / (_RECALL_AT * len(asked)))


def _best_of_blocks(vectors: Vector, asked: Vector) -> Iterator[Vector]:
    """The ten highest cosines of every question, of one block of chunks after the other."""
    for start in range(0, len(vectors), _ROWS_A_BLOCK):
        cosines = asked @ vectors[start : start + _ROWS_A_BLOCK].astype(np.float32).T
        yield np.sort(cosines, axis=1)[:, -_RECALL_AT:]


def _measure_adding(library: Library, indexes: Indexes) -> dict[str, float]:
    """One short article: found no copy of, archived, then embedded and indexed. Removed again."""
    indexer = Indexer(library)
    spent: defaultdict[str, list[float]] = defaultdict(list)
    for number in range(_ARTICLES_ADDED + 1):
        article = _write_article(number)
        archived = time.perf_counter()
        bands = band_hashes(article)
        story = find_story(article, bands, library.archive)
        library.archive.put(article, story, bands)
        indexed = time.perf_counter()
        indexer.catch_up(indexes)
        ended = time.perf_counter()
        library.archive.remove(article.article_id)
        removed = time.perf_counter()
        indexer.catch_up(indexes)
        spent["archived"].append(1000 * (indexed - archived))
        spent["indexed"].append(1000 * (ended - indexed))
        spent["removed"].append(1000 * (time.perf_counter() - removed))
    # The first loads the embedding model.
    return {name: statistics.median(times[1:]) for name, times in spent.items()}


def _write_article(number: int) -> Article:
    text = f"The harbour of town {number} was closed on Monday after a storm. " * 12
    return Article(
        title=f"Storm closes harbour {number}",
        text=text,
        url=f"https://added.invalid/{number}",
        source="Source 1",
        published_at=LAST_DAY,
    )


def _read_memory() -> dict[str, float]:
    """Megabytes. `anonymous` cannot be given back; the rest are files that are mapped."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    sizes: Mapping[str, str] = dict(line.split(":", 1) for line in lines if ":" in line)
    megabytes = {name: int(sizes[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon")}
    return {
        "resident": megabytes["VmRSS"],
        "anonymous": megabytes["RssAnon"],
        "highest": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _measure_disk(home: Path) -> dict[str, float]:
    parts = {"archive": "archive.db*", "vectors": "chroma/**/*", "words": "lexical/**/*"}
    return {
        part: sum(path.stat().st_size for path in home.glob(files) if path.is_file()) / 1e6
        for part, files in parts.items()
    }
