"""Which countries, who all: each item once, with the sentence that says so."""

from __future__ import annotations

import re

from bot.answering.extractive import estimate_confidence
from bot.answering.forms.desk import Desk, Lines
from bot.answering.forms.reading import Asked
from bot.answering.schema import Claim, DraftedEntry, Question
from bot.answering.sentences import FUNCTION_WORDS, is_sentence

_MOST, _MOST_READ = 8, 12
# Each sentence must answer nearly as surely as a whole answer.
_LEAST = 0.3
_LEAST_ANSWER_LOGIT = -1.0
_MOST_LABEL = 80
_WORD = re.compile(r"[\w’'-]+")


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    passages = desk.search(question, question.text)[:_MOST_READ]
    entries: list[DraftedEntry] = []
    known: set[str] = set(_words(asked.topic))
    surest = 0.0
    for each in desk.finder.find_all(question, passages):
        confidence = estimate_confidence([each])
        label = _name_item(each.evidence.passage.article.text[slice(*each.reading.answer)])
        if (
            confidence < _LEAST
            or each.reading.answer_logit < _LEAST_ANSWER_LOGIT
            or not label
            or not is_sentence(each.evidence.quote)
        ):
            continue
        own = set(_words(label))
        if own <= known:
            continue
        known |= own
        surest = max(surest, confidence)
        claims = (Claim(each.evidence.quote, (each.evidence,)),)
        entries.append(DraftedEntry(None, label, claims))
    return Lines("list", tuple(entries[:_MOST]), surest)


def _name_item(words: str) -> str:
    """Exact words, if they name anybody or anything; else nothing."""
    label = words.strip(" ,;:.\n")
    names = any(
        word[0].isupper() and word.casefold() not in FUNCTION_WORDS for word in _WORD.findall(label)
    )
    return label if names and len(label) <= _MOST_LABEL and "\n" not in label else ""


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if word not in FUNCTION_WORDS]
