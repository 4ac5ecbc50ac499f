"""Answers made of verbatim sentences. It never states what an article does not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile

from bot.answering.schema import Claim, Draft, Evidence, Question
from bot.answering.sentences import (
    LEANS,
    Lexicon,
    ScoredSentence,
    SentenceScorer,
    Terms,
    estimate_confidence,
    is_sentence,
)
from bot.answering.short_answers import find_short_answer
from retrieval.evidence_ranker import EvidenceRanker
from retrieval.schema import Passage

MOST_SENTENCES = 3
# A further sentence is worth showing at this share of the best one's relevance, or, where the
# network has read them, at this distance.
_LEAST_SHARE = 0.8
_MOST_DISTANCE = 4.0


class ExtractiveAnswerer:
    def __init__(self, lexicon: Lexicon, ranker: EvidenceRanker | None = None) -> None:
        self.lexicon = lexicon
        self._scorer = SentenceScorer(lexicon, ranker)

    def draft(
        self, question: Question, passages: Sequence[Passage], _on_delta: object = None
    ) -> Draft:
        """The best one to three sentences, and how likely they answer."""
        terms = self._scorer.telling_terms(question)
        scored = self._scorer.score(question, terms, passages)
        chosen = _choose(scored)
        short = _find_short(question, chosen)
        evidence = [each.evidence for each in chosen]
        if short is None:
            evidence = self._with_lead_ins(terms, evidence)
        claims = [Claim(each.quote, (each,)) for each in evidence]
        if short is not None:
            claims[0] = replace(claims[0], text=f"{short} — {claims[0].text}")
        return Draft(tuple(claims), estimate_confidence(scored, chosen), "extractive")

    def _with_lead_ins(self, terms: Terms, chosen: Sequence[Evidence]) -> list[Evidence]:
        """Put the sentence before in front of one that leans on it, where it says more of what was
        asked; three sentences in all."""
        shown: dict[tuple[str, int], Evidence] = {}
        for each in chosen:
            lead_in = self._lead_in(terms, each)
            pair = [each] if lead_in is None else [lead_in, each]
            new = {evidence.place: evidence for evidence in pair}
            if len(shown | new) <= MOST_SENTENCES:
                shown |= new
        return list(shown.values())

    def _lead_in(self, terms: Terms, evidence: Evidence) -> Evidence | None:
        spans = evidence.passage.chunk.sentences
        position = spans.index((evidence.start, evidence.end))
        if position == 0 or LEANS.match(evidence.quote) is None:
            return None
        before = replace(evidence, start=spans[position - 1][0], end=spans[position - 1][1])
        if not is_sentence(before.quote) or LEANS.match(before.quote) is not None:
            return None
        own = self._scorer.coverage(terms, evidence.quote)
        adds = self._scorer.coverage(terms, f"{before.quote} {evidence.quote}") > own
        return before if adds else None


def _choose(scored: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """The best, and what comes near it and says something else."""
    chosen: dict[str, ScoredSentence] = {}
    near = takewhile(lambda each: _is_near(each, scored[0]), scored[1:])
    for each in (*scored[:1], *near):
        if len(chosen) < MOST_SENTENCES:
            chosen.setdefault(_normal(each.evidence.quote), each)
    return list(chosen.values())


def _find_short(question: Question, chosen: Sequence[ScoredSentence]) -> str | None:
    """What leads the answer; nothing where the best sentence begins with it anyway."""
    if not chosen or chosen[0].reading is None:
        return None
    evidence = chosen[0].evidence
    short = find_short_answer(question.text, evidence.quote, evidence.start, chosen[0].reading)
    return None if short is None or evidence.quote.startswith(short) else short


def _is_near(sentence: ScoredSentence, best: ScoredSentence) -> bool:
    least = best.evidence.relevance
    least = least * _LEAST_SHARE if best.reading is None else least - _MOST_DISTANCE
    return sentence.evidence.relevance >= least


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
