"""Split a question that needs several articles, and merge what is found for its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.answering.follow_ups import find_names, kind_of_name
from bot.answering.sentences import FUNCTION_WORDS
from retrieval.named_sources import find_named_sources
from retrieval.schema import Passage

_MOST_PARTS = 5
# A clause of fewer telling words goes with its neighbour: alone it finds anything.
_LEAST_WORDS = 4
# A part of fewer is no question.
_LEAST_TELLING = 2
# What a part's best is worth beside the whole question's (docs/architecture.md).
_PART_WEIGHT = 0.7
_MENTION = re.compile(
    r"\b(?:according to|articles?|reports?|reported|pieces?|stor(?:y|ies)|coverage|review|claims?)"
    r"\b",
    re.I,
)
_CONTRAST = re.compile(
    r"\b(?:(?:while|whereas) (?:the|another)|as opposed to|in contrast to)\b", re.I
)
_CLAUSE_END = re.compile(
    r"[,;]\s+(?:(?:and|while|whereas|but|who|which|as well as|or)\b)?\s*"
    r"|\s+(?:while|whereas|as opposed to|in contrast to|compared (?:to|with)|rather than)\s+"
    r"|\s+and (?=(?:the|another|an?|is|are|was|has|have|had|did|does|whose|who|which|also|again)\b)"
    r"|\s+(?:after|before|between) (?=(?:the|an?)\b)",
    re.I,
)
_COMPARES = re.compile(
    r"\b(?:chang\w*|compar\w*|consistent|develop\w*|differ\w*|evolv\w*|gr[eo]w\w*|inconsistent|"
    r"fall\w*|f[ae]ll|rise\w*|rose)\b",
    re.I,
)
_BETWEEN = re.compile(
    r"^(?P<lead>.+?)\b(?:between (?P<one>.+?) and (?P<other>.+?)"
    r"|from (?P<start>.+?) to (?P<end>.+?))(?P<tail>[?.!\s]*)$",
    re.I,
)
_NAME = r"(?:the )?[^\W\d_a-z][\w’'-]*(?: [^\W\d_a-z][\w’'-]*)*"
_PAIR = re.compile(
    rf"(?P<one>{_NAME}) or (?P<other>{_NAME})"
    rf"|(?P<first>{_NAME}) and (?P<second>{_NAME}) each\b"
    r"|(?P<whose>[\w-]+['’]s) and (?P<whose_too>[\w-]+['’]s)"
)
_YEARS = re.compile(r"\b(?:(?:19|20)\d\d, )*(?:19|20)\d\d,? and (?:19|20)\d\d\b")
_THAN = re.compile(
    r"^(?P<lead>.+?),? (?:than|compares? (?:to|with)|as (?=(?:on|in|at|for|by)\b))\b "
    r"(?P<other>[^\W\d_].+)$",
    re.I,
)
_ASKS_AGAIN = re.compile(
    r",? and (?=(?:(?:in|on|at|by|for|from|to|with) )?(?:who|what|when|where|which|why|how)\b)"
    r"|(?<=\w), (?=who\b(?=.*, and who\b))",
    re.I,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True, slots=True)
class Part:
    """A question that one article can answer; `sources` are those that it names."""

    text: str
    sources: tuple[str, ...] = ()


def split_question(question: str, sources: Sequence[str]) -> tuple[Part, ...]:
    """At least two parts, or none where one search will do. `sources` are the archive's."""
    named = _find_sources(question, sources)
    several = len(named) > 1 or (len(named) == 1 and len(_MENTION.findall(question)) > 1)
    if several or _CONTRAST.search(question):
        texts = _split_clauses(question)
    else:
        texts = list(_split_comparison(question))
    if any(len(_telling_words(text)) < _LEAST_TELLING for text in texts):
        return ()
    parts = [Part(text, _find_sources(text, sources) or named) for text in texts[:_MOST_PARTS]]
    return tuple(parts) if len(parts) > 1 or len(named) > 1 else ()


def merge_rankings(
    whole: Sequence[Passage], parts: Sequence[Sequence[Passage]], limit: int
) -> tuple[Passage, ...]:
    """Each chunk once, by its best share of a list's best score, that of a part's list lowered."""
    merged: dict[tuple[str, int], tuple[float, Passage]] = {}
    for ranking, weight in ((whole, 1.0), *((part, _PART_WEIGHT) for part in parts)):
        best = max((passage.score for passage in ranking), default=0.0) or 1.0
        for passage in ranking:
            place = (passage.article.article_id, passage.chunk.ordinal)
            score = weight * (passage.score / best)
            if place not in merged or score > merged[place][0]:
                merged[place] = (score, passage)
    ranked = sorted(merged.values(), key=lambda each: -each[0])[:limit]
    return tuple(
        replace(passage, score=score, rank=rank) for rank, (score, passage) in enumerate(ranked, 1)
    )


def mentions_coverage(question: str) -> bool:
    """Whether the question speaks of what was published, and so may name sources."""
    return _MENTION.search(question) is not None


def _split_clauses(question: str) -> list[str]:
    clauses: list[str] = []
    for clause in _CLAUSE_END.split(question):
        short = len(_telling_words(clause)) < _LEAST_WORDS
        if clauses and (short or len(_telling_words(clauses[-1])) < _LEAST_WORDS):
            clauses[-1] = f"{clauses[-1]}, {clause.strip()}"
        elif clause.strip():
            clauses.append(clause.strip())
    return clauses


def _split_comparison(question: str) -> Iterator[str]:
    """The question for each of the things that it compares or lists; nothing where it does not."""
    text = question.strip()
    if _COMPARES.search(text) and (found := _BETWEEN.match(text)):
        for side in (found["one"] or found["start"], found["other"] or found["end"]):
            yield f"{found['lead']}{_in_year(side)}{found['tail']}"
    elif found := _THAN.match(text):
        yield f"{found['lead']}?"
        yield _replace_like(found["lead"], found["other"])
    elif found := _PAIR.search(text):
        for side in filter(None, found.groups()):
            yield f"{text[: found.start()]}{side}{text[found.end() :]}"
    elif found := _YEARS.search(text):
        for year in _YEAR.findall(found.group()):
            yield f"{text[: found.start()]}{year}{text[found.end() :]}"
    elif _ASKS_AGAIN.search(text):
        yield from _split_asks(text)


def _split_asks(text: str) -> Iterator[str]:
    """ "Who …, and in which city?": the second stands with the words of the first."""
    first, *others = (ask.rstrip("?.! ") for ask in _ASKS_AGAIN.split(text))
    if all(len(_telling_words(other)) > 1 for other in others) and "," not in first:
        yield f"{first}?"
        yield from (f"{other} ({first})?" for other in others)


def _in_year(text: str) -> str:
    return f"in {text}" if _YEAR.fullmatch(text) else text


def _replace_like(lead: str, other: str) -> str:
    """What is compared, of the other thing: "more than Nordic Response 2024" asks for its own."""
    other = re.sub(r"['’]s?$", "", other.rstrip("?.! "))
    names, year = find_names(other), _YEAR.search(other)
    named = {word for name in names for word in _telling_words(name)}
    if any(word not in named and not _YEAR.fullmatch(word) for word in _telling_words(other)):
        return f"{other}?"
    text = lead
    if year and (old_year := _YEAR.search(lead)):
        text = text.replace(old_year.group(), year.group())
    for name in names:
        like = [old for old in find_names(lead) if kind_of_name(old) == kind_of_name(name)]
        text = text.replace(like[-1], name) if like else text
    return f"{text}?" if text != lead else f"{lead}, {other}?"


def _find_sources(text: str, sources: Sequence[str]) -> tuple[str, ...]:
    """Where a long name stands whole, the others that begin alike are not meant."""
    named = sorted(find_named_sources(text, sources))
    whole = {name for name in named if name in text.casefold()}
    heads = {_head(name) for name in whole}
    return tuple(name for name in named if name in whole or _head(name) not in heads)


def _head(source: str) -> str:
    return re.split(r" - | \| ", source)[0]


def _telling_words(text: str) -> list[str]:
    words = re.findall(r"\w+", text.casefold())
    return [word for word in words if word not in FUNCTION_WORDS]
