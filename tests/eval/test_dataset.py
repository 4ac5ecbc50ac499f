"""The gold questions: they load, and their quotes stand in the articles as we take them in."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.answering.questions import build_question
from eval.dataset import EXAMPLES, GOLD, GoldError, load_gold
from ingest.chunking import split_sentences
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.opening import Library
from retrieval.schema import Article

ITEM: dict[str, Any] = {
    "id": "q1",
    "kind": "fact",
    "question": "Who chaired?",
    "answerable": True,
    "answer": "Mark Rutte did.",
    "accepted": ["Mark Rutte"],
    "evidence": [{"article": "a.txt", "quote": "Mark Rutte chaired the talks."}],
    "asked_at": "2026-03-01",
}


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def examples(library: Library) -> dict[str, Article]:
    """The sample articles by the names that the gold set uses, taken in by the pipeline."""
    report = archive_articles([str(EXAMPLES)], library, IngestSettings.load(), lambda _: None)
    assert report.failed == []
    return {article.url or article.path or "": article for article in library.archive}


def test_the_shipped_questions_load() -> None:
    gold_set = load_gold(GOLD)
    assert len(gold_set.items) >= 30
    assert gold_set.digest == hashlib.sha256(GOLD.read_bytes()).hexdigest()
    assert {item.answerable for item in gold_set.items} == {True, False}
    assert any(item.as_of for item in gold_set.items)


def test_every_shipped_question_can_be_put() -> None:
    for item in load_gold(GOLD).items:
        question = build_question(
            item.question,
            asked_at=item.asked_at,
            as_of=item.as_of,
            since=item.since,
            until=item.until,
            sources=item.sources,
        )
        assert question.text


def test_an_answerable_question_has_evidence_that_holds_an_accepted_answer() -> None:
    for item in load_gold(GOLD).items:
        if item.answerable:
            quotes = " ".join(evidence.quote for evidence in item.evidence).casefold()
            assert any(accepted.casefold() in quotes for accepted in item.accepted), item.id
        else:
            assert item.accepted == (), item.id


def test_every_quote_is_a_whole_sentence_of_its_article(examples: dict[str, Article]) -> None:
    for item in load_gold(GOLD).items:
        for evidence in item.evidence:
            text = examples[evidence.article].text
            sentences = {text[start:end] for _, (start, end) in split_sentences(text)}
            assert evidence.quote in sentences, f"{item.id}: {evidence.quote}"


def test_evidence_was_published_within_the_bounds_of_its_question(
    examples: dict[str, Article],
) -> None:
    for item in load_gold(GOLD).items:
        question = build_question(
            item.question, asked_at=item.asked_at, as_of=item.as_of, since=item.since,
            until=item.until, sources=item.sources,
        )  # fmt: skip
        for evidence in item.evidence if item.answerable else ():
            article = examples[evidence.article]
            assert question.filters.allows(article.published_at, article.source), item.id
            if article.published_at is not None:
                assert article.published_at <= datetime.fromisoformat(f"{item.asked_at}T23:59:59Z")


def test_blank_lines_are_passed_over(tmp_path: Path) -> None:
    path = write(
        tmp_path / "gold.jsonl", "", json.dumps(ITEM), "  ", json.dumps(ITEM | {"id": "2"})
    )
    assert [item.id for item in load_gold(path).items] == ["q1", "2"]


def test_the_digest_changes_with_every_byte(tmp_path: Path) -> None:
    one = load_gold(write(tmp_path / "one.jsonl", json.dumps(ITEM)))
    two = load_gold(write(tmp_path / "two.jsonl", json.dumps(ITEM), ""))
    assert one.items == two.items
    assert one.digest != two.digest


def test_a_line_separator_within_a_text_ends_no_line(tmp_path: Path) -> None:
    item = ITEM | {"question": "Who\u2028chaired\x85?"}
    path = write(tmp_path / "gold.jsonl", json.dumps(item, ensure_ascii=False))
    assert load_gold(path).items[0].question == "Who\u2028chaired\x85?"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "the line"),
        ("[]", "the line"),
        ("null", "the line"),
        (json.dumps(ITEM | {"answerable": "perhaps"}), "answerable"),
        (json.dumps(ITEM | {"asked_at": None}), "asked_at"),
        (json.dumps(ITEM | {"questoin": "Who?"}), "questoin"),
        (json.dumps({key: ITEM[key] for key in ITEM if key != "accepted"}), "accepted"),
        (json.dumps(ITEM | {"evidence": [{"article": "a"}]}), r"evidence\.0\.quote"),
    ],
)
def test_a_malformed_line_is_named_by_its_number_and_field(
    tmp_path: Path, line: str, said: str
) -> None:
    path = write(tmp_path / "gold.jsonl", json.dumps(ITEM), "", line)
    with pytest.raises(GoldError, match=rf"gold\.jsonl:3: {said}: "):
        load_gold(path)


def test_a_gold_set_that_is_not_utf_8_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(GoldError, match=r"gold\.jsonl"):
        load_gold(tmp_path / "gold.jsonl")


def test_a_gold_set_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="No such file"):
        load_gold(tmp_path / "gold.jsonl")


def test_a_gold_set_without_questions_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="holds no questions"):
        load_gold(write(tmp_path / "gold.jsonl", ""))


def test_two_questions_of_one_id_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="same id"):
        load_gold(write(tmp_path / "gold.jsonl", json.dumps(ITEM), json.dumps(ITEM)))
