"""Which questions of a set in BEIR's layout may be reported on, and other ways to ask them.

`half`: those whose id has an odd SHA-256, and all of the sibling folder FOLDER-mini where there is
one; `mini`: only the latter, which the reader has not seen either. In a folder that is
itself a mini one, all of them.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from pathlib import Path

from benchmarks.peers.beir_files import read_corpus
from eval.dataset import GoldEvidence, GoldItem
from retrieval.schema import Article

_YEARS_LATER = "2026-11-01"
_FEWEST_PAIRS = 1_000


class Report(StrEnum):
    mini = "mini"
    half = "half"


def choose_reported(
    items: Sequence[GoldItem], folder: Path, report: Report
) -> tuple[GoldItem, ...]:
    if folder.name.endswith("-mini"):
        return tuple(items)
    mini = _read_ids(folder.with_name(f"{folder.name}-mini"))
    half = report is Report.half
    return tuple(item for item in items if item.id in mini or (half and _is_odd(item.id)))


def name_as_archived(
    items: Sequence[GoldItem], articles: Mapping[str, Article], folder: Path
) -> tuple[GoldItem, ...]:
    """Evidence as the archive names it: another file's line, or the address that the other
    benchmarks make of a BEIR id."""
    by_end = {re.split(r"[:/]", name)[-1]: name for name in articles}
    lines = enumerate(read_corpus(folder), 1)
    names = {f"corpus.jsonl:{line}": (str(line), article.doc_id) for line, article in lines}

    def rename(evidence: GoldEvidence) -> GoldEvidence:
        found = [by_end[end] for end in names.get(evidence.article, ()) if end in by_end]
        return evidence.model_copy(update={"article": (*found, evidence.article)[0]})

    return tuple(
        item.model_copy(update={"evidence": tuple(map(rename, item.evidence))}) for item in items
    )


def ask_with_month(item: GoldItem) -> GoldItem:
    month = f"{date.fromisoformat(item.asked_at):%B %Y}"
    words = item.question.rstrip()
    mark = "?" if words.endswith("?") else ""
    text = f"{words.removesuffix('?')} in {month}{mark}"
    return _ask_anew(item, "month", question=text)


def ask_years_later(item: GoldItem) -> GoldItem:
    return _ask_anew(item, "later")


def _ask_anew(item: GoldItem, name: str, **changed: str) -> GoldItem:
    """With an id of its own: what was understood of a question is kept by its id."""
    given = {"id": f"{item.id}-{name}", "asked_at": _YEARS_LATER, **changed}
    return item.model_copy(update=given)


def pair_with_dates(
    items: Sequence[GoldItem], articles: Mapping[str, Article]
) -> tuple[GoldItem, ...]:
    """Each question as of dates that part the corpus evenly; at least a thousand pairs."""
    days = sorted(a.published_at.date() for a in articles.values() if a.published_at is not None)
    each = max(2, math.ceil(_FEWEST_PAIRS / len(items)))
    dates = [days[len(days) * part // (each + 1)] for part in range(1, each + 1)]
    return tuple(item.model_copy(update={"as_of": str(d)}) for item in items for d in dates)


def _read_ids(folder: Path) -> frozenset[str]:
    lines = [
        line
        for name in ("queries.jsonl", "unanswerable.jsonl")
        if (folder / name).exists()
        for line in (folder / name).read_text(encoding="utf-8").splitlines()
    ]
    return frozenset(str(json.loads(line)["_id"]) for line in lines)


def _is_odd(question_id: str) -> bool:
    return int(hashlib.sha256(question_id.encode()).hexdigest(), 16) % 2 == 1
