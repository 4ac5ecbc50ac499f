"""What kind of thing a question asks for."""

from __future__ import annotations

import re
from typing import Literal

AnswerKind = Literal["number", "date", "place", "name", "anything"]

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
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
