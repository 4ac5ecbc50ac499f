"""Answers made of verbatim sentences. It never states what an article does not."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answering.days import describe_day, resolve_day
from bot.answering.evidence import EvidenceFinder, Reads, ScoredSentence
from bot.answering.schema import Claim, Draft, Evidence, Question
from bot.answering.sentences import Lexicon, is_sentence
from retrieval.schema import Passage

MOST_SENTENCES = 3
# A further sentence is shown where its log-odds of being evidence come so near the best one's.
_MAX_DISTANCE = 1.0
# Short answers lead only where they are right 19 times in 20: with the present weights hardly ever
# (training/README.md).
_SURE_LOGIT = 10.0
_MAX_SHORT_CHARACTERS = 80
# Of the log-odds that the first sentence answers: by the reader's logit, and by a name that the
# article lacks.
_BY_LOGIT, _BY_UNKNOWN_NAME, _INTERCEPT = 0.55, -1.2, -0.44
_WHEN = re.compile(r"^\W*(?:on |in |by )?(?:when|(?:what|which) (?:date|day|weekday))\b", re.I)
# What such a sentence speaks of stands in the one before.
_LEANS = re.compile(r"[“\"]?(?:He|She|It|They|His|Her|Its|Their|Both)\b")


class ExtractiveAnswerer:
    def __init__(self, lexicon: Lexicon, reader: Reads) -> None:
        self.lexicon = lexicon
        self._finder = EvidenceFinder(reader)

    def draft(
        self, question: Question, passages: Sequence[Passage], _on_delta: object = None
    ) -> Draft:
        """The fewest sentences that answer, and how likely they do."""
        found = self._finder.find(question, passages)
        if not found:
            return Draft((), 0.0, "extractive")
        short = find_short_answer(question, found[0])
        claims = _to_claims([each.evidence for each in _choose(found)])
        if short is not None:
            claims[0] = replace(claims[0], text=f"{short} — {claims[0].text}")
        confidence = estimate_confidence(found)
        return Draft(tuple(claims), confidence, "extractive", short_answer=short)


def estimate_confidence(found: Sequence[ScoredSentence]) -> float:
    """The probability that the first sentence answers, by a logistic regression on questions that
    the reader was not trained on (training/README.md)."""
    best = found[0]
    odds = _BY_LOGIT * best.reading.logit + _BY_UNKNOWN_NAME * best.unknown_names + _INTERCEPT
    return 1.0 / (1.0 + math.exp(-odds))


def find_short_answer(question: Question, best: ScoredSentence) -> str | None:
    """What leads the answer: words of its first quote, or the day that they mean where a day is
    asked for. None unless the reader is sure, or where the quote begins with it anyway."""
    reading, evidence = best.reading, best.evidence
    article = evidence.passage.article
    words = article.text[slice(*reading.answer)].strip(" ,;:")
    if reading.answer_logit < _SURE_LOGIT or not words or len(words) > _MAX_SHORT_CHARACTERS:
        return None
    if _WHEN.match(question.text):
        day = resolve_day(words, evidence.quote, article.published_at)
        words = words if day is None else describe_day(day)
    return None if evidence.quote.startswith(words) else words


def _choose(found: Sequence[ScoredSentence]) -> list[ScoredSentence]:
    """The best, and what comes near it and says something else."""
    chosen: dict[str, ScoredSentence] = {}
    for each in found:
        near = each.score >= found[0].score - _MAX_DISTANCE
        if (not chosen or near) and len(chosen) < MOST_SENTENCES:
            chosen.setdefault(_normal(each.evidence.quote), each)
    return list(chosen.values())


def _to_claims(evidence: Sequence[Evidence]) -> list[Claim]:
    """A claim a sentence; one that leans on the sentence before is quoted together with it."""
    claims: list[Claim] = []
    shown: set[tuple[str, int]] = set()
    for each in evidence:
        if len(claims) >= MOST_SENTENCES:
            break
        before = _find_lead_in(each)
        sentences = [each] if before is None else [before, each]
        whole = replace(each, start=sentences[0].start)
        claims += [Claim(one.quote, (whole,)) for one in sentences if one.place not in shown]
        shown |= {one.place for one in sentences}
    return claims


def _find_lead_in(evidence: Evidence) -> Evidence | None:
    spans = evidence.passage.chunk.sentences
    position = spans.index((evidence.start, evidence.end))
    if not position or not _LEANS.match(evidence.quote):
        return None
    before = replace(evidence, start=spans[position - 1][0], end=spans[position - 1][1])
    return before if is_sentence(before.quote) and not _LEANS.match(before.quote) else None


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
