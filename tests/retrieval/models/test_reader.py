"""The network that reads a question with a passage, with its real weights."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.chunking import split_sentences
from retrieval.errors import EmbeddingModelError
from retrieval.models.reader import Reader, Readings
from retrieval.schema import Chunk, Passage
from tests.factories import make_article

HARBOUR = (
    "The harbour at Gdynia closed on Tuesday morning. "
    "Ice had blocked the northern entrance since the weekend. "
    "Harbour master Ewa Lis ordered two tugs to break it. "
    "She expects ships to sail again by Friday."
)


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def passage(text: str = HARBOUR, skip: int = 0) -> Passage:
    """The article's sentences after the first few."""
    spans = tuple(span for _, span in split_sentences(text))[skip:]
    return Passage(
        article=make_article(title="Ice closes Gdynia harbour", text=text),
        chunk=Chunk(0, spans[0][0], spans[-1][1], spans),
        score=1.0,
        rank=1,
        sentence_similarities=(0.5,) * len(spans),
    )


def best(readings: Readings) -> int:
    logits = [-99.0 if reading is None else reading.logit for reading in readings]
    return logits.index(max(logits))


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When did the harbour at Gdynia close?", 0),
        ("Who ordered tugs to break the ice?", 2),
        ("When are ships expected to sail again?", 3),
    ],
)
def test_the_sentence_that_answers_reads_best(reader: Reader, question: str, sentence: int) -> None:
    (readings,) = reader.read(question, [passage()])
    assert len(readings) == 4
    assert best(readings) == sentence


@pytest.mark.parametrize(
    "question",
    ["Who won the chess championship?", "How many ships were lost in the ice at Gdynia?"],
)
def test_a_question_that_nothing_answers_reads_lower(reader: Reader, question: str) -> None:
    asked = ["Who ordered tugs to break the ice?", question]
    found = [reader.read(each, [passage()])[0] for each in asked]
    logits = [max(each.logit for each in readings if each is not None) for readings in found]
    assert logits[0] > logits[1] + 1


def test_a_passage_reads_the_same_beside_a_longer_one(reader: Reader) -> None:
    question = "Who ordered tugs to break the ice?"
    alone = reader.read(question, [passage(skip=2)])[0]
    beside = reader.read(question, [passage(), passage(skip=2)])[1]
    assert [each.logit for each in beside if each] == pytest.approx(
        [each.logit for each in alone if each], abs=0.3
    )


def test_the_words_of_the_short_answer_are_placed_in_the_article(reader: Reader) -> None:
    (readings,) = reader.read("Who ordered tugs to break the ice?", [passage(skip=2)])
    reading = readings[0]
    assert reading is not None
    assert HARBOUR[slice(*reading.answer)].endswith("Ewa Lis")


def test_a_sentence_beyond_what_is_read_has_no_reading(reader: Reader) -> None:
    (readings,) = reader.read("Who ordered tugs?", [passage(f"{HARBOUR} " * 12)])
    assert readings[0] is not None
    assert readings[-1] is None


def test_a_question_too_long_leaves_room_for_the_passage(reader: Reader) -> None:
    (readings,) = reader.read("Who ordered tugs? " * 300, [passage()])
    assert all(each is not None for each in readings)


def test_no_passages_have_no_readings(reader: Reader) -> None:
    assert reader.read("Who?", []) == ()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "weights.onnx"
    other.write_bytes(b"not these")
    with pytest.raises(EmbeddingModelError, match="reinstall Dateline"):
        Reader(other).read("Who?", [passage()])


def test_what_was_read_for_a_question_is_remembered_until_the_text_changes(
    reader: Reader,
) -> None:
    question = "Who ordered tugs to break the ice?"
    (read,) = reader.read(question, [passage()])
    assert reader.read(question, [passage()])[0] is read


def test_a_claim_is_borne_out_by_the_sentence_that_it_repeats(reader: Reader) -> None:
    said, unsaid = (
        reader.support(claim, [passage()])[0]
        for claim in (
            "Harbour master Ewa Lis ordered two tugs to break the ice.",
            "The chess championship was won by a player from Norway.",
        )
    )
    assert said.logit > unsaid.logit + 1
    assert any(HARBOUR[slice(*span)].startswith("Harbour master") for span in said.sentences)
    assert list(said.sentences) == sorted(said.sentences)


def test_no_passage_bears_a_claim_out_where_there_are_none(reader: Reader) -> None:
    assert reader.support("It closed.", []) == ()


def test_nothing_is_told_to_the_maker_of_the_runtime(tmp_path: Path) -> None:
    """Where it may not keep a device id it would say so."""
    home = tmp_path / "home"
    home.write_text("not a folder")
    read = "from retrieval.models.reader import Reader; Reader()._session"
    environment = {k: v for k, v in os.environ.items() if k not in ("CI", "ORT_DISABLE_TELEMETRY")}
    finished = subprocess.run(
        [sys.executable, "-c", read],
        env={**environment, "HOME": str(home), "XDG_CACHE_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert finished.stderr == ""
