"""Names of a question that a text has in no form: what it tells is then of somebody else's.

`Polish` is `Poland`'s, `EU` is `European Union`, `Wladyslaw` is `Władysław`.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator

from bot.answering.countries import name_country
from bot.answering.facts import fold
from bot.answering.sentences import FUNCTION_WORDS

_CALENDAR = frozenset(name.casefold() for name in (*calendar.month_name[1:], *calendar.day_name))
_WORD = re.compile(r"[^\W\d_]+(?:[’'-][^\W\d_]+)*")
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,}")
_RUN = re.compile(r"[A-Z][\w’'-]*(?: (?:(?:of|the|for|and) )*[A-Z][\w’'-]*)+")
_PLAIN = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe"})


def find_unknown_names(sentence: str, text: str) -> Iterator[str]:
    """Capitalised words of a sentence that stand in no form in the text."""
    words = _words(text)
    held = {_fold(word) for word in words}
    small = {_fold(word) for word in words if word[0].islower()}
    acronyms = {_fold(word) for word in words if _is_acronym(word)}
    initials, own_initials = _initials(text), _initials(sentence)
    for i, word in enumerate(_words(sentence)):
        folded = _fold(word)
        if not word[0].isupper() or folded in held or folded.rstrip("s") in held:
            continue
        country = name_country(folded)
        if country is not None and country in map(name_country, held):
            continue
        if _is_acronym(word):
            if not any(folded in run for run in initials):
                yield word
        elif folded in _CALENDAR or (i == 0 and not _is_name(sentence, word, small)):
            continue
        elif not any(each in run for each in acronyms for run in own_initials):
            yield word


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _is_name(sentence: str, first: str, small: set[str]) -> bool:
    """Whether a sentence's first word is part of a name: a capital follows, or it is a country."""
    if _fold(first) in FUNCTION_WORDS:
        return False
    if name_country(_fold(first)) is not None:
        return True
    words = _words(sentence)
    return len(words) > 1 and words[1][0].isupper() and _fold(first) not in small


def _initials(text: str) -> list[str]:
    """Of names of several words: `European Union` is `eu`."""
    runs = _RUN.findall(text)
    return [
        "".join(word[0] for word in run.split() if word[0].isupper()).casefold() for run in runs
    ]


def _words(text: str) -> list[str]:
    plain = _DOTTED.sub(lambda found: found[0].replace(".", ""), text)
    return [re.sub(r"[’']s?$", "", word) for word in _WORD.findall(plain)]


def _fold(word: str) -> str:
    """Without case and accents, nor letters that are no accented ones."""
    return fold(word.casefold().translate(_PLAIN))
