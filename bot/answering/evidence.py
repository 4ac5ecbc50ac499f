"""Which sentences of the passages answer a question, the best first, and how surely."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.answering.schema import Evidence, Question
from bot.answering.sentences import is_sentence
from retrieval.models.reader import Readings, SentenceReading
from retrieval.schema import Passage
from retrieval.windows import asks_for_newest

# Passages are read in two goes, the second only where the first holds no clear answer.
_FIRST_READ = 2
MAX_READ = 5
_CLEAR_LOGIT = 3.0
# What the passage's score (its logarithm, of the best one's) and the sentence's cosine add to the
# reader's logit, chosen on questions that it was not trained on (training/README.md); and what the
# day does that the question names.
_PASSAGE_WEIGHT = 1.0
_SIMILARITY_WEIGHT = 4.0
_WINDOW_BONUS = 1.5
# A passage that one index alone found may have no score at all.
_MIN_SHARE = 1e-3
# Where the newest is asked for, it leads if it answers nearly as well.
_NEWEST_MARGIN = 2.0


class Reads(Protocol):
    """What reads: `retrieval.models.reader.Reader`."""

    def read(self, question: str, passages: Sequence[Passage], /) -> tuple[Readings, ...]: ...


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """`score` orders the sentences of one question; `similarity` is the cosine to it."""

    evidence: Evidence
    reading: SentenceReading
    similarity: float
    score: float


class EvidenceFinder:
    def __init__(self, reader: Reads) -> None:
        self._reader = reader

    def find(self, question: Question, passages: Sequence[Passage]) -> tuple[ScoredSentence, ...]:
        """Every whole sentence that was read, the best first."""
        best = max((passage.score for passage in passages), default=1.0)
        scored = [
            sentence
            for passage, readings in self._read(question.text, passages)
            for sentence in _score(question, passage, readings, best)
        ]
        ranked = sorted(scored, key=lambda each: (-each.score, each.evidence.passage.rank))
        return _lead_with_newest(ranked) if asks_for_newest(question.text) else tuple(ranked)

    def _read(
        self, question: str, passages: Sequence[Passage]
    ) -> Iterator[tuple[Passage, Readings]]:
        best = -math.inf
        for first, last in ((0, _FIRST_READ), (_FIRST_READ, MAX_READ)):
            if best < _CLEAR_LOGIT:
                batch = passages[first:last]
                for passage, readings in zip(
                    batch, self._reader.read(question, batch), strict=True
                ):
                    best = max([best, *(each.logit for each in readings if each is not None)])
                    yield passage, readings


def _score(
    question: Question, passage: Passage, readings: Readings, best: float
) -> Iterator[ScoredSentence]:
    """Whole sentences only: headings and bylines answer nothing."""
    article = passage.article
    added = _PASSAGE_WEIGHT * math.log(max(passage.score / max(best, _MIN_SHARE), _MIN_SHARE))
    if question.filters.window.prefers(article.published_at):
        added += _WINDOW_BONUS
    for (start, end), similarity, reading in zip(
        passage.chunk.sentences, passage.sentence_similarities, readings, strict=True
    ):
        if reading is not None and is_sentence(article.text[start:end]):
            score = reading.logit + _SIMILARITY_WEIGHT * similarity + added
            evidence = Evidence(passage, start, end, score)
            yield ScoredSentence(evidence, reading, similarity, score)


def _lead_with_newest(ranked: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The newest of those that answer about as well as the best leads, and no older article is
    shown beside it."""
    near = [
        each
        for each in ranked
        if each.score >= ranked[0].score - _NEWEST_MARGIN
        and each.evidence.passage.article.published_at is not None
    ]
    if not near:
        return tuple(ranked)
    newest = max(near, key=lambda each: each.evidence.passage.article.published_at)  # type: ignore[arg-type, return-value]
    article_id = newest.evidence.passage.article.article_id
    return (
        newest,
        *(
            each
            for each in ranked
            if each is not newest and each.evidence.passage.article.article_id == article_id
        ),
    )
