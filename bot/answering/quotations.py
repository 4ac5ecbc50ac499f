"""Questions about words that are quoted: the sentences that hold them, whatever else is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.answering.schema import Claim, Draft, Evidence, Question
from retrieval.quotations import Quotation, asks_who_said, find_quotations, find_words, holds_nearly
from retrieval.schema import Passage, Span

_MOST_ARTICLES = 3
_CERTAIN = 0.99
_NOT_EXACT = "No article has these exact words: the nearest are quoted."


def draft_quotation(question: Question, passages: Sequence[Passage]) -> Draft | None:
    """What holds the words that are asked for, or a refusal where nothing does; None where the
    question is about something else. An unmarked sentence is asked for if it is found."""
    asked = asks_who_said(question.text)
    groups = find_quotations(question.text)
    for group in groups if asked else [group for group in groups if not group[0].marked]:
        for quotation in group:
            if claims := _claim(quotation, passages):
                return Draft(claims, _CERTAIN, "extractive")
    if not asked:
        return None
    near = (each for group in groups for quotation in group for each in _near(quotation, passages))
    nearest = next(near, None)
    if nearest is None:
        return Draft((), 0.0, "extractive")
    return Draft((Claim(nearest.quote, (nearest,)),), _CERTAIN, "extractive", notes=(_NOT_EXACT,))


def _claim(quotation: Quotation, passages: Sequence[Passage]) -> tuple[Claim, ...]:
    """The first article's sentences, each with the other articles that hold the words."""
    found = [each for passage in passages if (each := _find_sentences(quotation.words, passage))]
    if not found:
        return ()
    first, *others = found[:_MOST_ARTICLES]
    also = [each[0] for each in others]
    return tuple(Claim(each.quote, (each, *also)) for each in first)


def _find_sentences(words: str, passage: Passage) -> list[Evidence]:
    place = find_words(words, passage.article.text)
    if place is None:
        return []
    return [
        Evidence(passage, *span, relevance=_CERTAIN)
        for span in passage.chunk.sentences
        if _overlap(span, place)
    ]


def _near(quotation: Quotation, passages: Sequence[Passage]) -> Iterator[Evidence]:
    """Sentences that hold the words but for one or two."""
    for passage in passages:
        for start, end in passage.chunk.sentences:
            if holds_nearly(quotation.words, passage.article.text[start:end]):
                yield Evidence(passage, start, end, relevance=_CERTAIN)


def _overlap(span: Span, place: Span) -> bool:
    return span[0] < place[1] and place[0] < span[1]
