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

# A question is judged by its words without names: of 231 in English, 46 with foreign names, the
# least sure is at 0.0129; of 50 in other languages 49 are below. Any other text is judged whole: of
# 8,000 headlines the least sure is at 0.004. Bare names are below: "Anneliese van der Pol".
_SURELY_NOT = 0.012
_SURELY_NOT_UNASKED = 0.001
_FEWEST_WORDS = 3
_FEWEST_UNASKED = 4
_LONG = 4
# Of these, two letters are counted as a word.
_UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "KHMER", "MYANMAR")
_LETTERS = re.compile(r"[^\W\d_]+")


def is_other_language(question: str) -> bool:
    """Words that the question quotes do not count."""
    own = blank_quotations(question)
    words = _LETTERS.findall(own)
    if _is_other_script(words):
        return True
    return _reads_as_sentence(own, words) and _is_not_english(own, words)


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


def _reads_as_sentence(question: str, words: list[str]) -> bool:
    """Names are of no language, with their particles ("von der", "da"); nor are words typed
    without a capital told from them."""
    lower = [word for word in words[1:] if word.islower() and len(word) > 1]
    if all(word.islower() for word in words):
        return False
    if question.rstrip().endswith("?") and lower:
        return len(words) >= _FEWEST_WORDS
    return len(words) >= _FEWEST_UNASKED and (
        len(lower) > 2 or any(len(word) >= _LONG for word in lower)
    )


def _is_not_english(question: str, words: list[str]) -> bool:
    """A question by its words that are not names, its first among them. The model is loaded only
    where its answer is in doubt: it takes most of a second."""
    own = [word.lower() for i, word in enumerate(words) if not i or word.islower()]
    if sum(len(word) > 2 for word in FUNCTION_WORDS.intersection(own)) > 1:
        return False
    asked = question.rstrip().endswith("?")
    chances: dict[str, float] = dict(_load_identifier().rank(" ".join(own) if asked else question))
    return chances["en"] < (_SURELY_NOT if asked else _SURELY_NOT_UNASKED)


@lru_cache(maxsize=1)
def _load_identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
