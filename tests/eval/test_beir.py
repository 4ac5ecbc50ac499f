"""Question sets in BEIR's layout, as they come."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from eval.beir import load_beir
from eval.dataset import GoldError

DOCUMENTS: list[dict[str, Any]] = [
    {"_id": "d1", "title": "Allies meet", "text": "They met.", "metadata": {"source": "W"}},
    {"_id": "d2", "title": "", "text": "A cable was cut.", "metadata": {}},
]
QUERIES: list[dict[str, Any]] = [
    {
        "_id": "q1",
        "text": "Who met?",
        "metadata": {
            "asked_at": "2025-06-25", "label": "gold",
            "answers": ["They"], "choices": ["They", "We"],
        },
    },
    {"_id": "q2", "text": "What was cut?"},
    {"_id": "q3", "text": "Nothing judged?"},
]  # fmt: skip


def write_lines(path: Path, objects: list[dict[str, Any]], *, packed: bool = False) -> None:
    content = "".join(json.dumps(each) + "\n" for each in objects).encode()
    path.write_bytes(gzip.compress(content) if packed else content)


@pytest.fixture(params=[False, True], ids=["plain", "packed"])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / "made"
    (folder / "qrels").mkdir(parents=True)
    name = "corpus.jsonl.gz" if request.param else "corpus.jsonl"
    write_lines(folder / name, DOCUMENTS, packed=request.param)
    write_lines(folder / "queries.jsonl", QUERIES)
    judged = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td2\t2\n"
    (folder / "qrels" / "test.tsv").write_text(judged)
    return folder


def test_queries_judgements_and_metadata_become_questions(folder: Path, tmp_path: Path) -> None:
    gold_set = load_beir(folder, tmp_path / "cache")
    first, second, third = gold_set.items
    assert gold_set.name == "made"
    assert [evidence.article for evidence in first.evidence] == ["corpus.jsonl:1"]
    assert (first.asked_at, first.kind, first.accepted) == ("2025-06-25", "gold", ("They",))
    assert first.choices == ("They", "We")
    assert [evidence.article for evidence in second.evidence] == ["corpus.jsonl:2"]
    assert (second.kind, second.accepted) == ("judged", ())
    assert not third.answerable


def test_the_corpus_is_written_once_as_articles(folder: Path, tmp_path: Path) -> None:
    gold_set = load_beir(folder, tmp_path / "cache")
    lines = (gold_set.corpus / "corpus.jsonl").read_text().splitlines()
    assert json.loads(lines[0]) == {
        "title": "Allies meet", "text": "They met.", "source": "W", "published_at": None,
    }  # fmt: skip
    assert json.loads(lines[1])["title"] == "A cable was cut."
    assert load_beir(folder, tmp_path / "cache").corpus == gold_set.corpus


def test_questions_said_to_be_unanswerable_are_asked_too(folder: Path, tmp_path: Path) -> None:
    write_lines(folder / "unanswerable.jsonl", [{"_id": "u1", "text": "Who will win?"}])
    (*_, last) = load_beir(folder, tmp_path / "cache").items
    assert (last.id, last.answerable) == ("u1", False)


def test_a_folder_that_lacks_a_part_says_which(folder: Path, tmp_path: Path) -> None:
    (folder / "qrels" / "test.tsv").unlink()
    with pytest.raises(GoldError, match="has no qrels"):
        load_beir(folder, tmp_path / "cache")
    (folder / "queries.jsonl").unlink()
    with pytest.raises(GoldError, match=r"queries\.jsonl"):
        load_beir(folder, tmp_path / "cache")
