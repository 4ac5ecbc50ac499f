"""Question sets in BEIR's layout: `corpus.jsonl[.gz]`, `queries.jsonl`, `qrels*.tsv`.

Our metadata is used where present: on articles `source` and `published_at`; on queries
`asked_at` (today where absent), `answers`, `choices` and `label`. `unanswerable.jsonl`, queries
without an answer, is read where it is there.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.dataset import GoldError, GoldEvidence, GoldItem, GoldSet, check_ids, read_bytes

_CORPUS = "corpus.jsonl"


def load_beir(folder: Path, cache: Path) -> GoldSet:
    """Read a folder; the corpus is written as our JSONL below `cache`. Raises GoldError."""
    packed = folder / f"{_CORPUS}.gz"
    corpus = read_bytes(packed if packed.exists() else folder / _CORPUS)
    home = cache / f"{folder.resolve().name}-{hashlib.sha256(corpus).hexdigest()[:8]}"
    lines = _write_corpus(gzip.decompress(corpus) if packed.exists() else corpus, home / "corpus")
    queries = read_bytes(folder / "queries.jsonl")
    judged = _read_qrels(folder)
    items = [_to_item(query, judged.get(query["_id"], ()), lines) for query in _parse(queries)]
    if (folder / "unanswerable.jsonl").exists():
        unanswerable = _parse(read_bytes(folder / "unanswerable.jsonl"))
        items += [_to_item(query, (), lines) for query in unanswerable]
    check_ids(folder, items)
    digest = hashlib.sha256(queries).hexdigest()
    return GoldSet(folder.resolve().name, tuple(items), digest, home / "corpus")


def _write_corpus(corpus: bytes, folder: Path) -> dict[str, str]:
    """Write the articles as JSONL; returns what the archive will call each, by its id."""
    folder.mkdir(parents=True, exist_ok=True)
    names: dict[str, str] = {}
    with (folder / _CORPUS).open("w", encoding="utf-8") as file:
        for number, document in enumerate(_parse(corpus), 1):
            metadata = document.get("metadata") or {}
            article = {
                "title": document.get("title") or document["text"][:80],
                "text": document["text"],
                "source": metadata.get("source"),
                "published_at": metadata.get("published_at"),
            }
            file.write(json.dumps(article, ensure_ascii=False) + "\n")
            names[str(document["_id"])] = f"{_CORPUS}:{number}"
    return names


def read_judgements(folder: Path) -> Iterator[tuple[str, str]]:
    """Queries with the articles judged relevant to them, by their ids. Raises GoldError."""
    files = sorted([*folder.glob("qrels*.tsv"), *folder.glob("qrels/*.tsv")])
    if not files:
        raise GoldError(f"{folder} has no qrels*.tsv")
    for path in files:
        rows = csv.reader(io.StringIO(read_bytes(path).decode()), delimiter="\t")
        for row in rows:
            if len(row) >= 3 and row[2].strip().isdigit() and int(row[2]) > 0:
                yield row[0], row[1]


def _read_qrels(folder: Path) -> dict[str, tuple[str, ...]]:
    judged: dict[str, tuple[str, ...]] = {}
    for query, article in read_judgements(folder):
        judged[query] = (*judged.get(query, ()), article)
    return judged


def _to_item(query: dict[str, Any], relevant: tuple[str, ...], names: dict[str, str]) -> GoldItem:
    metadata = query.get("metadata") or {}
    evidence = tuple(
        GoldEvidence(article=names[each], quote="") for each in relevant if each in names
    )
    answers = tuple(map(str, metadata.get("answers") or ()))
    return GoldItem(
        id=str(query["_id"]),
        kind=str(metadata.get("label") or ("judged" if evidence else "unanswerable")),
        question=str(query["text"]),
        answerable=bool(evidence),
        answer=answers[0] if answers else "",
        accepted=answers,
        evidence=evidence,
        asked_at=str(metadata.get("asked_at") or datetime.now(UTC).date()),
        choices=tuple(map(str, metadata.get("choices") or ())),
    )


def _parse(lines: bytes) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(lines.split(b"\n"), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise GoldError(f"line {number} is not JSON: {error}") from error
