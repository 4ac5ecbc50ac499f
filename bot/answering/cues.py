"""What kind of thing a question asks for, and whether a sentence holds one that is new."""

from __future__ import annotations

import re
from typing import Literal

AnswerKind = Literal["number", "date", "place", "name", "anything"]

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_DATE = re.compile(
    rf"\b(?:(?:{MONTHS})\b(?: \d{{1,2}}(?:[–-]\d{{1,2}})?\b)?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:19|20)\d{2}\b|yesterday|tomorrow|(?:last|next) (?:week|month|year))"
    rf"|\b\d{{1,2}}(?:[–-]\d{{1,2}}| and \d{{1,2}})? (?:{MONTHS})\b",
    re.I,
)
_NUMBER = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozens?|hundreds?|"
    r"thousands?|millions?|billions?|half|a third|a quarter|twice)\b",
    re.I,
)
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[^\W\d_a-z][\w’'-]*", re.U)
_KINDS: tuple[tuple[re.Pattern[str], AnswerKind], ...] = (
    (re.compile(r"\bwhere and when\b|\bwhen and where\b", re.I), "date"),
    (
        re.compile(
            r"\bhow (?:many|much|large|big|long|far|old|high|often|fast|strong)\b|"
            r"\bwhat (?:percentage|share|proportion|number|size|sum|amount)\b",
            re.I,
        ),
        "number",
    ),
    (
        re.compile(r"^\W*(?:on |in )?(?:when|(?:what|which) (?:date|day|month|year))\b", re.I),
        "date",
    ),
    (
        re.compile(
            r"^\W*(?:in |from |to )?(?:where|(?:what|which) (?:country|city|place))\b", re.I
        ),
        "place",
    ),
    (re.compile(r"^\W*(?:to |by |with )?who(?:se|m)?\b", re.I), "name"),
)


def answer_kind(question: str) -> AnswerKind:
    """What the question's words ask for."""
    for pattern, kind in _KINDS:
        if pattern.search(question):
            return kind
    return "anything"


def holds(kind: AnswerKind, sentence: str, question: str) -> bool:
    """Whether the sentence names such a thing that the question does not already name."""
    asked = question.casefold()
    match kind:
        case "date":
            return _has_new(_DATE, sentence, asked)
        case "number":
            # A year is no quantity.
            return _has_new(_NUMBER, _DATE.sub(" ", sentence), "")
        case "place" | "name":
            return _has_new(_NAME, sentence, asked)
        case "anything":
            return True


def _has_new(pattern: re.Pattern[str], sentence: str, asked: str) -> bool:
    return any(found.group().casefold() not in asked for found in pattern.finditer(sentence))
