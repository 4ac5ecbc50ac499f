"""Which countries, who all: each item once, with the sentence that says so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.answering.evidence import ScoredSentence
from bot.answering.extractive import estimate_confidence
from bot.answering.forms.desk import Desk, Lines, build_answering_entry
from bot.answering.forms.reading import Asked
from bot.answering.forms.topics import tells
from bot.answering.names import find_unknown_names
from bot.answering.schema import DraftedEntry, Question
from bot.answering.sentences import FUNCTION_WORDS
from retrieval.windows import without_time_words

_MOST, _MOST_READ = 8, 12
# The share of the question's words, by weight, that a sentence must hold, and how surely it must
# answer: the reader takes one of several answers for less sure than an only one.
_COVERAGE, _LEAST, _SURE = 0.6, 0.25, 0.4
_MOST_LABEL_WORDS = 6
_WORD = re.compile(r"[\w’'-]+")
_NAMES = re.compile(r"[^\W\d_a-z][\w’'-]*(?:(?:,| and|,? and)? [^\W\d_a-z][\w’'-]*)*")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    passages = desk.search(question, question.text)[:_MOST_READ]
    wanted = _stems(desk, question, asked)
    entries: list[DraftedEntry] = []
    known = set(_words(question.text))
    surest = 0.0
    for each in desk.finder.find_all(question, passages):
        confidence, label = estimate_confidence([each]), _name_item(each)
        own = set(_words(label))
        if own <= known or confidence < _LEAST or not _answers(desk, question, wanted, each):
            continue
        known |= own
        surest = max(surest, confidence)
        entries.append(build_answering_entry(each.evidence, label))
    return Lines("list", tuple(entries[:_MOST]), surest)


def _stems(desk: Desk, question: Question, asked: Asked) -> set[str]:
    """Of what the items have in common: the question without what it asks for, and when."""
    return desk.stem(without_time_words(asked.topic, question.asked_at))


def _answers(desk: Desk, question: Question, wanted: set[str], each: ScoredSentence) -> bool:
    text = each.evidence.quote
    covered = desk.share(wanted, set(desk.retriever.analyze(text))) >= _COVERAGE
    article = each.evidence.passage.article
    since = question.filters.window.prefer_since
    years = [int(year) for year in _YEAR.findall(text)]
    past = since is not None and bool(years) and max(years) < since.year
    if not covered and estimate_confidence([each]) < _SURE:
        return False
    around = text if covered else f"{article.title} {text}"
    named = not any(find_unknown_names(question.text, around))
    return named and not past and tells(text, article.text)


def _name_item(each: ScoredSentence) -> str:
    """Exact words that name somebody or something; else nothing."""
    words = each.evidence.passage.article.text[slice(*each.reading.answer)].strip(" ,;:.\n")
    names = [found.group() for found in _find_names(words)]
    if not names or "\n" in words:
        return ""
    return words if len(words.split()) <= _MOST_LABEL_WORDS else names[0]


def _find_names(words: str) -> Iterator[re.Match[str]]:
    return (
        found for found in _NAMES.finditer(words) if found.group().casefold() not in FUNCTION_WORDS
    )


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if word not in FUNCTION_WORDS]
