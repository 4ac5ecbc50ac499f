"""Whether a question is in a language that the bundled models, which read English, cannot read."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING

from bot.answering.sentences import FUNCTION_WORDS
from retrieval.quotations import blank_quotations

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Of 1,440 questions in English the least sure is at 0.12, of 8,000 headlines at 0.004; of 38 short
# questions in 22 other languages 33 are below. Bare names are too: "Anneliese van der Pol".
_SURELY_NOT = 0.001
_FEWEST_WORDS = 4
_LONG = 4
# Of these, two letters are counted as a word.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_LETTERS = re.compile(r"[^\W\d_]+")


def is_other_language(question: str) -> bool:
    """Words that the question quotes do not count."""
    own = blank_quotations(question)
    words = _LETTERS.findall(own)
    return _is_other_script(words) or (_reads_as_sentence(words) and _is_not_english(own))


def _is_other_script(words: list[str]) -> bool:
    """Whether most words are not in Latin letters: a question in English may name 北京."""
    latin = other = 0
    for word in words:
        for is_latin, letters in groupby(word, _is_latin):
            latin += is_latin
            other += 0 if is_latin else _count_words("".join(letters))
    return other > latin


def _is_latin(letter: str) -> bool:
    return "LATIN" in unicodedata.name(letter, "LATIN")


def _count_words(letters: str) -> int:
    unspaced = unicodedata.name(letters[0]).startswith(_UNSPACED)
    return max(len(letters) // 2, 1) if unspaced else 1


def _reads_as_sentence(words: list[str]) -> bool:
    """Names are of no language, with their particles ("von der", "da"); nor are words typed
    without a capital told from them."""
    lower = [word for word in words[1:] if word.islower()]
    is_typed = any(not word.islower() for word in words)
    return (
        is_typed
        and len(words) >= _FEWEST_WORDS
        and (len(lower) > 2 or any(len(word) >= _LONG for word in lower))
    )


def _is_not_english(question: str) -> bool:
    """The model is loaded only where its answer is in doubt: it takes most of a second."""
    words = {word.casefold() for word in _LETTERS.findall(question)}
    if sum(len(word) > 2 for word in words & FUNCTION_WORDS) > 1:
        return False
    chances: dict[str, float] = dict(_load_identifier().rank(question))
    return chances["en"] < _SURELY_NOT


@lru_cache(maxsize=1)
def _load_identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
