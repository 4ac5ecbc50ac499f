"""The network that reads a question with a passage, with its real weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.chunking import split_sentences
from retrieval.errors import EmbeddingModelError
from retrieval.evidence_ranker import EvidenceRanker, SentenceScore
from retrieval.schema import Chunk, Passage
from tests.factories import make_article

HARBOUR = (
    "The harbour at Gdynia closed on Tuesday morning. "
    "Ice had blocked the northern entrance since the weekend. "
    "Harbour master Ewa Lis ordered two tugs to break it. "
    "She expects ships to sail again by Friday."
)


@pytest.fixture(scope="module")
def ranker() -> EvidenceRanker:
    return EvidenceRanker()


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


def best(scores: tuple[SentenceScore | None, ...]) -> int:
    logits = [-99.0 if score is None else score.logit for score in scores]
    return logits.index(max(logits))


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("When did the harbour at Gdynia close?", 0),
        ("Who ordered tugs to break the ice?", 2),
        ("When are ships expected to sail again?", 3),
    ],
)
def test_the_sentence_that_answers_scores_best(
    ranker: EvidenceRanker, question: str, sentence: int
) -> None:
    (scores,) = ranker.score(question, [passage()])
    assert len(scores) == 4
    assert best(scores) == sentence


def test_a_question_about_something_else_scores_lower(ranker: EvidenceRanker) -> None:
    asked = ["Who ordered tugs to break the ice?", "Who won the chess championship?"]
    found = [ranker.score(question, [passage()])[0] for question in asked]
    logits = [max(score.logit for score in scores if score is not None) for scores in found]
    assert logits[0] > logits[1] + 1


def test_a_passage_is_scored_the_same_beside_a_longer_one(ranker: EvidenceRanker) -> None:
    question = "Who ordered tugs to break the ice?"
    alone = ranker.score(question, [passage(skip=2)])[0]
    beside = ranker.score(question, [passage(), passage(skip=2)])[1]
    assert [score.logit for score in beside if score] == pytest.approx(
        [score.logit for score in alone if score], abs=0.3
    )


def test_tokens_are_placed_in_the_article(ranker: EvidenceRanker) -> None:
    (scores,) = ranker.score("Who ordered tugs?", [passage(skip=2)])
    score = scores[0]
    assert score is not None
    words = [HARBOUR[start:end] for start, end in score.token_spans]
    assert words[:2] == ["Harbour", "master"]
    assert HARBOUR[score.token_spans[0][0] : score.token_spans[-1][1]].endswith("break it.")
    strongest = score.token_logits.index(max(score.token_logits))
    assert HARBOUR[slice(*score.token_spans[strongest])] in "Harbour master Ewa Lis"


def test_a_sentence_beyond_what_is_read_has_no_score(ranker: EvidenceRanker) -> None:
    (scores,) = ranker.score("Who ordered tugs?", [passage(f"{HARBOUR} " * 12)])
    assert scores[0] is not None
    assert scores[-1] is None


def test_a_question_too_long_leaves_room_for_the_passage(ranker: EvidenceRanker) -> None:
    (scores,) = ranker.score("Who ordered tugs? " * 300, [passage()])
    assert all(score is not None for score in scores)


def test_no_passages_have_no_scores(ranker: EvidenceRanker) -> None:
    assert ranker.score("Who?", []) == ()


def test_other_weights_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "weights.onnx"
    other.write_bytes(b"not these")
    with pytest.raises(EmbeddingModelError, match="install Dateline anew"):
        EvidenceRanker(other).score("Who?", [passage()])


def test_what_was_read_for_a_question_is_remembered_until_the_text_changes(
    ranker: EvidenceRanker,
) -> None:
    question = "Who ordered tugs to break the ice?"
    (read,) = ranker.score(question, [passage()])
    assert ranker.score(question, [passage()])[0] is read
    corrected = passage(HARBOUR.replace("Ewa Lis", "Adam Lis"))
    assert ranker.score(question, [corrected])[0] != read
