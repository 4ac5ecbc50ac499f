"""Which sources a question names. Many are plain English too: "The Week", "Time", "Fortune"."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

_TOKEN = re.compile(r"[^\W_]+")
_MOST_TOKENS = 6
# "BBC News - Entertainment & Arts", "Cnbc | World Business News Leader": the name stands first.
_HEAD = re.compile(r"\s+[-–—|]\s+|:\s")
_DOMAIN = re.compile(r"(?:www\.)?([\w-]+)(?:\.[a-z]{2,})+", re.I)
_CUE_BEFORE = re.compile(r"\b(?:according to|(?:reported|published|written) by)\s*[\"'“‘]?$", re.I)
_CUE_AFTER = re.compile(
    r"[\"'”’]?\s+(?:(?:report|claim)(?:s|ed)?|sa(?:y|ys|id)|wr(?:ite|ites|ote)|publish(?:es|ed)?)\b",
    re.I,
)
_COUNTED = re.compile(r"\b(?:this|last|next|every|each|that|an?|one|first)\s+$", re.I)
_SENTENCE_START = re.compile(r"(?:^|[.?!:]\s+)[\"'“‘(]*$")
# "Fortune 500", "The Age of Extinction", "Time Warner": a longer name that only begins alike.
_GOES_ON = re.compile(r"\s+(?:\d|of\b|(?!Magazine|Online|News)[A-Z])")
_CAPITAL_BEFORE = re.compile(r"[^\W\d_a-z][^\W_]*\s+$")


def find_named_sources(question: str, sources: Collection[str]) -> frozenset[str]:
    """Those of the sources that the question names as such."""
    keys = {source: _keys_of(source) for source in sources}
    wanted = frozenset().union(*keys.values())
    named = {
        key
        for key, start, end in _list_runs(question)
        if key in wanted and _is_name(question, start, end)
    }
    return frozenset(source for source, own in keys.items() if own & named)


def _list_runs(question: str) -> Iterator[tuple[str, int, int]]:
    """Every few words in a row, as a key, and where they stand."""
    tokens = list(_TOKEN.finditer(question))
    for first, token in enumerate(tokens):
        key = ""
        for last in tokens[first : first + _MOST_TOKENS]:
            key += last.group().casefold()
            yield key, token.start(), last.end()


def _is_name(question: str, start: int, end: int) -> bool:
    """With a cue beside it, or with capitals where plain words would have none."""
    before, words, after = question[:start], question[start:end], question[end:]
    if _CUE_BEFORE.search(before):
        return True
    if _CUE_AFTER.match(after):
        return not _COUNTED.search(before)
    tokens = _TOKEN.findall(words)
    if question.isupper() or not all(token[0].isupper() for token in tokens):
        return False
    if any(token[1:] != token[1:].lower() for token in tokens):
        return True
    content = [token for token in tokens if token != "The"]  # no password # nosec B105
    if len(content) > 1:
        return True
    starts = _SENTENCE_START.search(before) is not None and len(tokens) == 1
    return not (starts or _GOES_ON.match(after) or _follows_a_name(before))


def _follows_a_name(before: str) -> bool:
    """Whether the word before, not the first of the sentence, has a capital."""
    capital = _CAPITAL_BEFORE.search(before)
    return capital is not None and not _SENTENCE_START.search(before[: capital.start()])


@lru_cache(maxsize=4_096)
def _keys_of(source: str) -> frozenset[str]:
    """Letters and digits alone: "USA Today" is usatoday.com. Of several words "The" may go."""
    head = _HEAD.split(source.strip(), maxsplit=1)[0]
    domain = _DOMAIN.fullmatch(head)
    tokens = _TOKEN.findall((domain[1] if domain else head).casefold())
    keys = {"".join(tokens)}
    if len(tokens) > 2 and tokens[0] == "the":
        keys.add("".join(tokens[1:]))
    return frozenset(keys - {""})
