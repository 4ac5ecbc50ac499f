"""Which sentences of the passages answer a question, the best first, and how surely."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.answering.names import find_unknown_names
from bot.answering.schema import Evidence, Question
from bot.answering.sentences import is_sentence
from retrieval.models.reader import Readings, SentenceReading
from retrieval.schema import Article, Passage
from retrieval.windows import asks_for_newest

# Passages are read in two goes, the second only where the first holds no clear answer.
_FIRST_READ = 2
MAX_READ = 5
_CLEAR_LOGIT = 3.0
# What the passage's score (its logarithm, of the best one's) and the sentence's cosine add to the
# reader's logit, and what a name of the question takes from it that the article lacks: chosen on
# questions that it was not trained on (training/README.md). And what the day adds that is named.
_PASSAGE_WEIGHT = 1.5
_SIMILARITY_WEIGHT = 2.0
_UNKNOWN_NAME = 1.0
_MOST_UNKNOWN_NAMES = 2
_WINDOW_BONUS = 3.0
# Beyond, how far a passage lies behind the best one tells no more: the last one that is found may
# have no score at all.
_MIN_SHARE = 0.5
# So many sentences are read again, each without those around it: where both readings agree, the
# first quote is evidence 70 times in 100 instead of 64.
_READ_ALONE = 4
# Where several answers are asked for.
_ALL_READ_ALONE = 12
# Where the newest is asked for, it leads if it answers nearly as well.
_NEWEST_MARGIN = 2.0


class Reads(Protocol):
    """What reads: `retrieval.models.reader.Reader`."""

    def read(self, question: str, passages: Sequence[Passage], /) -> tuple[Readings, ...]: ...


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    """`score` orders the sentences of one question. `passage_share` is the logarithm of its
    passage's score, of the best one's; `unknown_names` counts those of the question that its
    article lacks."""

    evidence: Evidence
    reading: SentenceReading
    passage_share: float
    unknown_names: int
    score: float


class EvidenceFinder:
    def __init__(self, reader: Reads) -> None:
        self._reader = reader

    def find(self, question: Question, passages: Sequence[Passage]) -> tuple[ScoredSentence, ...]:
        """Every whole sentence that was read, the best first."""
        read = self._read(question.text, passages)
        ranked = self._rank(question, passages, read, _READ_ALONE)
        return _lead_with_newest(ranked) if asks_for_newest(question.text) else tuple(ranked)

    def find_all(
        self, question: Question, passages: Sequence[Passage]
    ) -> tuple[ScoredSentence, ...]:
        """The same of every passage, for a question with several answers."""
        readings = self._reader.read(question.text, passages)
        read = zip(passages, readings, strict=True)
        return tuple(self._rank(question, passages, read, _ALL_READ_ALONE))

    def _rank(
        self,
        question: Question,
        passages: Sequence[Passage],
        read: Iterable[tuple[Passage, Readings]],
        again: int,
    ) -> list[ScoredSentence]:
        best = max((passage.score for passage in passages), default=0.0)
        articles = {passage.article.article_id: passage.article for passage in passages}
        unknown = {name: _count_unknown(question, each) for name, each in articles.items()}
        scored = [
            sentence
            for passage, readings in read
            for sentence in _score(
                question, passage, readings, best, unknown[passage.article.article_id]
            )
        ]
        return self._read_alone(question.text, sorted(scored, key=_order), again)

    def _read_alone(
        self, question: str, ranked: Sequence[ScoredSentence], again: int
    ) -> list[ScoredSentence]:
        """The first few again, ordered by the mean of how they read among others and alone."""
        first, rest = ranked[:again], ranked[again:]
        alone = self._reader.read(question, [_take_out(each.evidence) for each in first])
        read = [_mean(each, *readings) for each, readings in zip(first, alone, strict=True)]
        return [*sorted(read, key=_order), *rest]

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


def _order(each: ScoredSentence) -> tuple[float, int]:
    return -each.score, each.evidence.passage.rank


def _take_out(evidence: Evidence) -> Passage:
    """A passage of this sentence and no other."""
    span = (evidence.start, evidence.end)
    passage = evidence.passage
    chunk = replace(passage.chunk, start=span[0], end=span[1], sentences=(span,))
    return replace(passage, chunk=chunk, sentence_similarities=(0.0,))


def _mean(each: ScoredSentence, alone: SentenceReading | None) -> ScoredSentence:
    if alone is None:
        return each
    logit = (each.reading.logit + alone.logit) / 2
    score = each.score + logit - each.reading.logit
    return replace(each, reading=replace(each.reading, logit=logit), score=score)


def _count_unknown(question: Question, article: Article) -> int:
    """The question's names that an article has nowhere, two at the most."""
    told = f"{article.title} {article.text} {article.source or ''}"
    return min(len(list(find_unknown_names(question.text, told))), _MOST_UNKNOWN_NAMES)


def _score(
    question: Question, passage: Passage, readings: Readings, best: float, unknown: int
) -> Iterator[ScoredSentence]:
    """Whole sentences only: headings and bylines answer nothing."""
    article = passage.article
    share = math.log(max(passage.score / best, _MIN_SHARE)) if best > 0 else 0.0
    added = _PASSAGE_WEIGHT * share - _UNKNOWN_NAME * unknown
    if question.filters.window.prefers(article.published_at):
        added += _WINDOW_BONUS
    for (start, end), similarity, reading in zip(
        passage.chunk.sentences, passage.sentence_similarities, readings, strict=True
    ):
        if reading is not None and is_sentence(article.text[start:end]):
            score = reading.logit + _SIMILARITY_WEIGHT * similarity + added
            evidence = Evidence(passage, start, end, score)
            yield ScoredSentence(evidence, reading, share, unknown, score)


def _score_as_read(each: ScoredSentence) -> float:
    """Whatever place search gave to its passage."""
    return each.score - _PASSAGE_WEIGHT * each.passage_share


def _lead_with_newest(ranked: Sequence[ScoredSentence]) -> tuple[ScoredSentence, ...]:
    """The newest of those that answer about as well as the best leads, and no older article is
    shown beside it."""
    best = max((_score_as_read(each) for each in ranked), default=0.0)
    near = [
        each
        for each in ranked
        if max(each.score - ranked[0].score, _score_as_read(each) - best) >= -_NEWEST_MARGIN
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
