"""How well each sentence of the passages answers a question: by a network that reads both, or by
words and vectors alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.answering.cues import answer_kind, holds
from bot.answering.schema import Evidence, Question
from retrieval.evidence_ranker import EvidenceRanker, SentenceScore
from retrieval.schema import Passage
from retrieval.windows import without_time_words

# The network reads the first passages, and further ones only where these hold no clear answer.
_FIRST_READ = 2
_MOST_READ = 5
_CLEAR_LOGIT = 1.0
_CERTAIN_LOGIT = 8.0
_LONG_WORDS = 40
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
# "He said …", "The mission will …": what is meant stands in the sentence before.
LEANS = re.compile(
    r"(?:He|She|It|They|This|That|These|Those|His|Her|Its|Their|Both|The [^\W\d_A-Z]\w*)\b"
)
_LEANING_SHARE = 0.3
# In a small archive any word may be missing by chance; that alone must not decide.
_MOST_WEIGHT = 3.0
_HOW_MUCH = re.compile(r"\bhow (?:large|big|long|far|old|high|often|fast|strong)\b", re.I)
FUNCTION_WORDS = frozenset(
    """
    a about after all also an and any are as at be been before between by can could did do does
    during each for from had has have he her him his how i if in into is it its last many may me
    most much my new no not of on or our out over said say says she should so some such than that
    the their them then there these they this those to under up us was we were what when where
    which while who whom whose why will with would you your tell name one ones
    """.split()  # noqa: SIM905 - a word list is read as one
)

Terms = Mapping[str, float]


class Lexicon(Protocol):
    """Words as the lexical index sees them."""

    def analyze(self, text: str) -> tuple[str, ...]:
        """Stems, in order."""
        ...

    def weight(self, term: str) -> float:
        """How much a stem tells, by its rarity."""
        ...


@dataclass(frozen=True, slots=True)
class Features:
    """What is known of one sentence for one question; each but the logit about 0 to 1.

    Coverage is the share of the question's telling words, by weight, that a text holds.
    """

    similarity: float
    sentence_coverage: float
    context_coverage: float
    passage_score: float
    holds_kind: float
    length: float
    logit: float | None

    @property
    def relevance(self) -> float:
        """Weights near those of logistic regressions over sentences that hold the answer
        (docs/architecture.md)."""
        return (
            6.0 * self.similarity
            + 2.5 * self.sentence_coverage
            + 2.0 * self.passage_score
            + 2.5 * self.holds_kind
            + 1.0 * self.length
            + (0.0 if self.logit is None else 0.4 * self.logit)
        )


@dataclass(frozen=True, slots=True)
class ScoredSentence:
    evidence: Evidence
    features: Features
    reading: SentenceScore | None


def estimate_confidence(
    scored: Sequence[ScoredSentence], chosen: Sequence[ScoredSentence]
) -> float:
    """The probability that what was chosen answers: logistic regressions, the first on what was
    read by the network, the second, without it, on the best of what was chosen."""
    if not chosen:
        return 0.0
    logits = [each.features.logit for each in scored if each.features.logit is not None]
    if logits:
        best = chosen[0].features
        score = (
            -1.44
            + 0.18 * min(max(logits), _CERTAIN_LOGIT)
            + 0.33 * best.relevance
            # Long sentences gather words, and so relevance, whether or not they answer.
            - 1.58 * best.length
        )
    else:
        score = max(
            -5.6
            + 4.2 * each.features.similarity
            + 3.6 * each.features.context_coverage
            - 2.5 * (1.0 - each.features.holds_kind)
            for each in chosen
        )
    return 1.0 / (1.0 + math.exp(-score))


class SentenceScorer:
    def __init__(self, lexicon: Lexicon, ranker: EvidenceRanker | None) -> None:
        self.lexicon = lexicon
        self._ranker = ranker

    def score(
        self, question: Question, terms: Terms, passages: Sequence[Passage]
    ) -> tuple[ScoredSentence, ...]:
        """Every whole sentence that was read, best first; `terms` are the question's telling
        ones."""
        scored = [
            sentence
            for passage, readings in self._read(question.text, passages)
            for sentence in self._measure(question.text, terms, passage, readings)
        ]
        return tuple(sorted(scored, key=_best_first))

    def _read(
        self, question: str, passages: Sequence[Passage]
    ) -> Iterator[tuple[Passage, Sequence[SentenceScore | None]]]:
        if self._ranker is None:
            yield from ((passage, [None] * len(passage.chunk.sentences)) for passage in passages)
            return
        best = -math.inf
        for first, last in ((0, _FIRST_READ), (_FIRST_READ, _MOST_READ)):
            if best < _CLEAR_LOGIT:
                batch = passages[first:last]
                for passage, readings in zip(
                    batch, self._ranker.score(question, batch), strict=True
                ):
                    best = max([best, *(each.logit for each in readings if each is not None)])
                    yield passage, readings

    def _measure(
        self,
        question: str,
        terms: Terms,
        passage: Passage,
        readings: Sequence[SentenceScore | None],
    ) -> Iterator[ScoredSentence]:
        """Whole sentences only: headings and bylines answer nothing."""
        kind = answer_kind(question)
        article = passage.article
        date = "" if article.published_at is None else f"{article.published_at:%d %B %Y}"
        context = " ".join((article.title, article.source or "", date, passage.text))
        context_coverage = self.coverage(terms, context)
        spans = passage.chunk.sentences
        for i, ((start, end), similarity, reading) in enumerate(
            zip(spans, passage.sentence_similarities, readings, strict=True)
        ):
            sentence = article.text[start:end]
            if not is_sentence(sentence) or (self._ranker is not None and reading is None):
                continue
            features = Features(
                similarity=similarity,
                sentence_coverage=self._resolved_coverage(
                    terms, sentence, article.text[slice(*spans[i - 1])] if i else ""
                ),
                context_coverage=context_coverage,
                passage_score=passage.score,
                holds_kind=float(holds(kind, sentence, question)),
                length=min(len(sentence.split()), _LONG_WORDS) / _LONG_WORDS,
                logit=None if reading is None else reading.logit,
            )
            yield ScoredSentence(
                Evidence(passage, start, end, features.relevance), features, reading
            )

    def _resolved_coverage(self, terms: Terms, sentence: str, before: str) -> float:
        """Coverage by a sentence; one that leans on the sentence before has a part in it."""
        own = self.coverage(terms, sentence)
        if LEANS.match(sentence) is None:
            return own
        return own + _LEANING_SHARE * (self.coverage(terms, f"{before} {sentence}") - own)

    def telling_terms(self, question: Question) -> Terms:
        """The question's stems with their weights, looked up once for all sentences."""
        asked = without_time_words(question.text, question.asked_at)
        words = re.findall(r"\w+", _HOW_MUCH.sub(" ", asked))
        telling = " ".join(word for word in words if word.lower() not in FUNCTION_WORDS)
        stems = self.lexicon.analyze(telling)
        return {stem: min(self.lexicon.weight(stem), _MOST_WEIGHT) for stem in stems}

    def coverage(self, terms: Terms, text: str) -> float:
        found = terms.keys() & set(self.lexicon.analyze(text))
        return sum(terms[term] for term in found) / max(sum(terms.values()), 1e-9)


def is_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None


def _best_first(sentence: ScoredSentence) -> tuple[float, int, int]:
    evidence = sentence.evidence
    return -evidence.relevance, evidence.passage.rank, evidence.start
