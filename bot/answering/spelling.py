"""Misspelt names in a question: words that no article has, near to a name that some have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.answering.facts import fold
from bot.answering.sentences import FUNCTION_WORDS
from retrieval.quotations import find_marked
from retrieval.retriever import Retriever
from retrieval.schema import Article, Filters, Span

_FEWEST_LETTERS = 4
# Of short words without a capital, most are English, and near to some name.
_FEWEST_SMALL_LETTERS = 5
# Longer words are likely to have two slips.
_LONG = 8
_MOST_WORDS = 3
_FEWEST_CHUNKS = 2
# Not part of a number, an address or a compound.
_WORD = re.compile(r"(?<![\w@./-])[^\W\d_]+(?![\w@/-]|\.\w)")


def correct_spelling(question: str, retriever: Retriever, filters: Filters) -> str:
    """The question with each misspelt name as articles that are allowed spell it."""
    corrected = question
    # From the end, so that the places before it stay.
    for start, end in list(_find_unknown(question, retriever))[:_MOST_WORDS][::-1]:
        if name := _find_name(question[start:end], retriever, filters):
            corrected = f"{corrected[:start]}{name}{corrected[end:]}"
    return corrected


def _find_unknown(question: str, retriever: Retriever) -> Iterator[Span]:
    marked = find_marked(question)
    for found in _WORD.finditer(question):
        word, place = found.group(), found.start()
        # A sentence's first word has a capital whatever it is.
        is_small = word.islower() or not re.search(r"\w", question[:place])
        least = _FEWEST_SMALL_LETTERS if is_small else _FEWEST_LETTERS
        if (
            len(word) >= least
            and not word.isupper()
            and word.casefold() not in FUNCTION_WORDS
            and not any(start <= place < end for start, end in marked)
            and not retriever.count_chunks(word)
        ):
            yield found.span()


def _find_name(word: str, retriever: Retriever, filters: Filters) -> str | None:
    """The nearest name; of several, the one that most chunks have."""
    most = 2 if len(word) >= _LONG else 1
    for distance in range(1, most + 1):
        articles = retriever.find_near(word, distance, filters)
        names = _read_names(articles, word, distance)
        known = [(retriever.count_chunks(name), name) for name in sorted(names)]
        titles = " ".join(article.title for article in articles)
        sure = [
            (count, name)
            for count, name in known
            if count >= _FEWEST_CHUNKS or (count and re.search(rf"\b{name}\b", titles))
        ]
        if sure:
            return max(sure)[1]
    return None


def _read_names(articles: Sequence[Article], word: str, distance: int) -> set[str]:
    """Words with a capital, not only where a sentence begins, and at most so far from the word."""
    first = fold(word)[0]
    rest = rf"[^\W\d_]{{{max(len(word) - distance - 1, 1)},{len(word) + distance - 1}}}"
    # The accented letters may be folded to the first one.
    shape = re.compile(rf"[{first.upper()}À-Ž](?<=[\w,;:’”)] .){rest}(?![^\W\d_])")
    texts = (f"{article.title}\n{article.text}" for article in articles)
    found = {name for text in texts for name in shape.findall(text)}
    return {
        name
        for name in found
        if not name.isupper()
        and fold(name)[0] == first
        and measure_distance(fold(word), fold(name)) <= distance
    }


def measure_distance(one: str, other: str) -> int:
    """Letters left out, added, replaced, or exchanged with the next, each counted as one."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
