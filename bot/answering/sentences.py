"""What a sentence is, and the words that tell nothing of what it says."""

from __future__ import annotations

import re
from typing import Protocol

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
FUNCTION_WORDS = frozenset(
    """
    a about after all also an and any are as at be been before between by can could did do does
    during each for from had has have he her him his how i if in into is it its last many may me
    most much my new no not of on or our out over said say says she should so some such than that
    the their them then there these they this those to under up us was we were what when where
    which while who whom whose why will with would you your tell name one ones
    """.split()  # noqa: SIM905 - a word list is read as one
)


class Lexicon(Protocol):
    """Words as the lexical index sees them."""

    def analyze(self, text: str) -> tuple[str, ...]:
        """Stems, in order."""
        ...

    def weight(self, term: str) -> float:
        """How much a stem tells, by its rarity."""
        ...


def is_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None
