"""The name, place, number or date in a sentence that a question asks for, to lead an answer."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from bot.answering.cues import MONTHS, AnswerKind, answer_kind
from retrieval.evidence_ranker import SentenceScore
from retrieval.schema import Span

# Of a sentence's probability to be the answer, what its short answer must hold.
_LEAST_SHARE = 0.6
_MOST_CHARACTERS = 60
_MONTH = rf"(?:{MONTHS}|(?:Jan|Feb|Aug|Sept|Oct|Nov|Dec)\.)"
_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DATE = re.compile(
    rf"(?:{_WEEKDAY},? )?(?:{_MONTH} \d{{1,2}}(?:[–-]\d{{1,2}})?(?:,? (?:19|20)\d{{2}})?"
    rf"|\d{{1,2}}(?:[–-]\d{{1,2}})? {_MONTH}(?: (?:19|20)\d{{2}})?|{_MONTH}(?: (?:19|20)\d{{2}})?)"
    rf"|\b(?:19|20)\d{{2}}\b|\b{_WEEKDAY}\b"
)
_DIGITS = r"\d+(?:,\d{3})*(?:\.\d+)?"
_WORDS = (
    "(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    "sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
)
_UNIT = (
    "(?:hundred|thousand|million|billion|trillion|per ?cent|percentage points?|basis points?|"
    "degrees|years?|months?|weeks?|days?|hours?|minutes?|seconds?|miles?|kilomet(?:re|er)s?|"
    "met(?:re|er)s?|feet|foot|inches|tons?|tonnes?|pounds?|kilograms?|dollars|euros?|people|mph)"
)
# What makes a number less certain belongs to it.
_HEDGE = (
    "(?:about|around|almost|nearly|roughly|approximately|some|over|under|up to|at least|at most|"
    "more than|less than|fewer than)"
)
_NUMBER = re.compile(
    rf"(?<![\w.,$€£¥])(?:{_HEDGE} )?(?:(?:US|A|C)?[$€£¥]\s?)?(?:{_DIGITS}|{_WORDS}(?:-{_WORDS})?)"
    rf"(?:\s?%|[ -]{_UNIT}(?: {_UNIT})?)?(?![\w%])",
    re.I,
)
_CAPITALISED = r"[^\W\d_a-z][\w’'&.-]*[\w]|[^\W\d_a-z]"
_NAME = re.compile(
    rf"[“\"][^“”\"]{{2,50}}[”\"]|\b(?:{_CAPITALISED})"
    rf"(?:(?: (?:of|the|de|da|del|van|von|bin|al|for))*[ -](?:{_CAPITALISED}|\d+\b))*"
)
_PLACE = re.compile(rf"{_NAME.pattern}(?:, (?:{_CAPITALISED})(?: (?:{_CAPITALISED}))*)?")
SHORT_ANSWERS: dict[AnswerKind, re.Pattern[str]] = {
    "date": _DATE,
    "number": _NUMBER,
    "name": _NAME,
    "place": _PLACE,
}
# Questions that ask for a thing by its class are answered by a name: "Which company …?"
_WHICH = re.compile(r"^\W*(?:in |on |from |to |by )?(?:which|what (?:is|was) the name)\b", re.I)


def find_short_answer(question: str, sentence: str, start: int, score: SentenceScore) -> str | None:
    """The exact words, or None where the question asks for no such thing or none stands out.

    `start` is where the sentence begins in the article's text.
    """
    kind = answer_kind(question)
    if kind == "anything" and _WHICH.match(question):
        kind = "name"
    shares = _shares(score.token_logits)
    asked = question.casefold()
    found: list[tuple[float, str]] = []
    for first, last in _candidates(kind, sentence):
        words = sentence[first:last]
        if words.casefold().strip('“”"') not in asked:
            held = _held((first + start, last + start), score.token_spans, shares)
            found.append((held, words))
    held, words = max(found, default=(0.0, ""))
    return words if held >= _LEAST_SHARE else None


def _candidates(kind: AnswerKind, sentence: str) -> Iterator[Span]:
    if kind == "anything":
        return
    for match in SHORT_ANSWERS[kind].finditer(sentence):
        if match.end() - match.start() <= _MOST_CHARACTERS:
            yield match.span()


def _shares(logits: Sequence[float]) -> list[float]:
    """The probability of each token to be the answer, if the sentence holds it."""
    highest = max(logits)
    powers = [math.exp(logit - highest) for logit in logits]
    return [power / sum(powers) for power in powers]


def _held(span: Span, token_spans: Sequence[Span], shares: Sequence[float]) -> float:
    return sum(
        share
        for (first, last), share in zip(token_spans, shares, strict=True)
        if first < span[1] and last > span[0]
    )
