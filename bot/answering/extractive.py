"""Answers made of verbatim sentences. It never states what an article does not."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from bot.answering.cues import answer_kind, holds
from bot.answering.schema import Claim, Draft, Evidence, Question
from retrieval.schema import Passage
from retrieval.windows import without_time_words

_MOST_SENTENCES = 3
# A further sentence is worth showing at this share of the best one's relevance.
_LEAST_SHARE = 0.8
_LONG_WORDS = 40
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
# "He said …", "The mission will …": what is meant stands in the sentence before.
_LEANS = re.compile(
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
class _Features:
    """What is known of one sentence for one question; each about 0 to 1.

    Coverage is the share of the question's telling words, by weight, that a text holds.
    """

    similarity: float
    sentence_coverage: float
    context_coverage: float
    passage_score: float
    holds_kind: float
    length: float

    @property
    def relevance(self) -> float:
        """Weights near those of a logistic regression over sentences that hold the answer
        (docs/architecture.md)."""
        return (
            6.0 * self.similarity
            + 2.5 * self.sentence_coverage
            + 2.0 * self.passage_score
            + 2.5 * self.holds_kind
            + 1.0 * self.length
        )


class ExtractiveAnswerer:
    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def draft(self, question: Question, passages: Sequence[Passage]) -> Draft:
        """The best one to three sentences, and how likely they answer."""
        terms = self._telling_terms(question)
        measured = {
            evidence: features
            for passage in passages
            for evidence, features in self._measure(question.text, terms, passage)
        }
        chosen = _choose(sorted(measured, key=_most_relevant_first))
        claims = tuple(Claim(each.quote, (each,)) for each in self._with_lead_ins(terms, chosen))
        confidence = max((_confidence(measured[each]) for each in chosen), default=0.0)
        return Draft(claims, confidence, "extractive")

    def _measure(
        self, question: str, terms: Terms, passage: Passage
    ) -> Iterator[tuple[Evidence, _Features]]:
        """Every whole sentence of the passage; headings and bylines answer nothing."""
        kind = answer_kind(question)
        article = passage.article
        date = "" if article.published_at is None else f"{article.published_at:%d %B %Y}"
        context = " ".join((article.title, article.source or "", date, passage.text))
        context_coverage = self._coverage(terms, context)
        spans = passage.chunk.sentences
        for i, ((start, end), similarity) in enumerate(
            zip(spans, passage.sentence_similarities, strict=True)
        ):
            sentence = article.text[start:end]
            if not is_sentence(sentence):
                continue
            features = _Features(
                similarity=similarity,
                sentence_coverage=self._resolved_coverage(
                    terms, sentence, article.text[slice(*spans[i - 1])] if i else ""
                ),
                context_coverage=context_coverage,
                passage_score=passage.score,
                holds_kind=float(holds(kind, sentence, question)),
                length=min(len(sentence.split()), _LONG_WORDS) / _LONG_WORDS,
            )
            yield Evidence(passage, start, end, features.relevance), features

    def _resolved_coverage(self, terms: Terms, sentence: str, before: str) -> float:
        """Coverage by a sentence; one that leans on the sentence before has a part in it."""
        own = self._coverage(terms, sentence)
        if _LEANS.match(sentence) is None:
            return own
        return own + _LEANING_SHARE * (self._coverage(terms, f"{before} {sentence}") - own)

    def _with_lead_ins(self, terms: Terms, chosen: Sequence[Evidence]) -> tuple[Evidence, ...]:
        """Add the sentence before to one that leans on it, where it says more of what was asked;
        three sentences in all, those of one article in the article's order."""
        shown: dict[tuple[str, int], Evidence] = {}
        for each in chosen:
            lead_in = self._lead_in(terms, each)
            pair = [each] if lead_in is None else [lead_in, each]
            new = {_place(evidence): evidence for evidence in pair}
            if len(shown | new) <= _MOST_SENTENCES:
                shown |= new
        articles = list(dict.fromkeys(article_id for article_id, _ in shown))
        order = sorted(shown, key=lambda place: (articles.index(place[0]), place[1]))
        return tuple(shown[place] for place in order)

    def _lead_in(self, terms: Terms, evidence: Evidence) -> Evidence | None:
        spans = evidence.passage.chunk.sentences
        position = spans.index((evidence.start, evidence.end))
        if position == 0 or _LEANS.match(evidence.quote) is None:
            return None
        before = replace(evidence, start=spans[position - 1][0], end=spans[position - 1][1])
        if not is_sentence(before.quote) or _LEANS.match(before.quote) is not None:
            return None
        own = self._coverage(terms, evidence.quote)
        adds = self._coverage(terms, f"{before.quote} {evidence.quote}") > own
        return before if adds else None

    def _telling_terms(self, question: Question) -> Terms:
        """The question's stems with their weights, looked up once for all sentences."""
        asked = without_time_words(question.text, question.asked_at)
        words = re.findall(r"\w+", _HOW_MUCH.sub(" ", asked))
        telling = " ".join(word for word in words if word.lower() not in FUNCTION_WORDS)
        stems = self.lexicon.analyze(telling)
        return {stem: min(self.lexicon.weight(stem), _MOST_WEIGHT) for stem in stems}

    def _coverage(self, terms: Terms, text: str) -> float:
        found = terms.keys() & set(self.lexicon.analyze(text))
        return sum(terms[term] for term in found) / max(sum(terms.values()), 1e-9)


def _confidence(features: _Features) -> float:
    """The probability that a sentence holds the answer: a logistic regression, lowered where
    the sentence lacks the kind of thing that was asked for."""
    score = (
        -5.6
        + 4.2 * features.similarity
        + 3.6 * features.context_coverage
        - 2.5 * (1.0 - features.holds_kind)
    )
    return 1.0 / (1.0 + math.exp(-score))


def _choose(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The best, and what comes near it and says something else."""
    chosen: list[Evidence] = []
    for each in evidence:
        near = not chosen or each.relevance >= chosen[0].relevance * _LEAST_SHARE
        said = any(_normal(each.quote) == _normal(other.quote) for other in chosen)
        if near and not said and len(chosen) < _MOST_SENTENCES:
            chosen.append(each)
    return chosen


def _most_relevant_first(evidence: Evidence) -> tuple[float, int, int]:
    return -evidence.relevance, evidence.passage.rank, evidence.start


def _place(evidence: Evidence) -> tuple[str, int]:
    return evidence.passage.article.article_id, evidence.start


def is_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
