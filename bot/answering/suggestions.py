"""Questions that an article may answer, made of its own words. Whoever shows one asks it first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from bot.answering.follow_ups import find_names, points_back
from bot.answering.sentences import FUNCTION_WORDS
from ingest.chunking import split_sentences
from retrieval.schema import Article, Window
from retrieval.windows import resolve_window

_MOST_SENTENCES = 20
_LEAST_WORDS, _MOST_WORDS = 5, 15
_NAME = r"[^\W\d_a-z][\w’'.-]*"
_AUXILIARY = r"(?:is|was|has|had|will|would)"
# One subject, and a verb that cannot be taken for a noun: “Hakan Fidan hosted …”.
_TOLD = re.compile(
    rf"(?P<subject>(?:The )?{_NAME}(?: {_NAME})*) "
    rf"(?P<rest>(?:{_AUXILIARY} [a-z]+|[a-z]{{3,}}ed) .+?)[.!]"
)
# Of two words or more: one alone may be any word that begins a headline.
_FULL_NAME = re.compile(rf"{_NAME}(?: {_NAME})+")

Alternatives = tuple[str, ...]


def suggest_questions(article: Article, asked_at: datetime) -> Iterator[Alternatives]:
    """Each in the wordings that may fit: whoever asks them learns which one does."""
    for alternatives in (*_ask_for_names(article), *_ask_for_subjects(article)):
        if all(_stands_alone(each, asked_at) for each in alternatives):
            yield alternatives


def _ask_for_names(article: Article) -> Iterator[Alternatives]:
    """What the headline names and the text speaks of: “What is Arctic Sentry?”"""
    for name in dict.fromkeys(_FULL_NAME.findall(article.title)):
        held = len(re.findall(rf"\b{re.escape(name)}\b", article.text))
        with_article = len(re.findall(rf"\b[Tt]he {re.escape(name)}\b", article.text))
        if held > 1:
            named = f"the {name}" if with_article > held / 2 else name
            yield f"What is {named}?", f"Who is {named}?"


def _ask_for_subjects(article: Article) -> Iterator[Alternatives]:
    """What a sentence tells, without who it tells it of: “Who hosted the gathering …?”"""
    for _, (start, end) in islice(split_sentences(article.text), _MOST_SENTENCES):
        told = _TOLD.fullmatch(" ".join(article.text[start:end].split()))
        if told is None or told["subject"].split()[0].casefold() in FUNCTION_WORDS - {"the"}:
            continue
        words = told["rest"].split()
        if _LEAST_WORDS <= len(words) <= _MOST_WORDS and find_names(told["rest"]):
            yield (f"Who {told['rest']}?",)


def _stands_alone(question: str, asked_at: datetime) -> bool:
    """It leans on nothing before it, and means the same on any day."""
    window = resolve_window(question, asked_at, Window())
    return not window.from_question and not window.is_hard and not points_back(question)
