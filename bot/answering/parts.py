"""The one search, for answers and for passages alone: time words are read and names spelt as
articles spell them; of a question that needs several articles, each part is searched apart."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.answering.decomposition import mentions_coverage, merge_rankings, split_question
from bot.answering.extractive import MOST_SENTENCES, ExtractiveAnswerer
from bot.answering.questions import resolve_question
from bot.answering.schema import Claim, Draft, Question
from bot.answering.spelling import correct_spelling
from retrieval.retriever import Retriever
from retrieval.schema import Filters, Passage

# Of 70 answerable questions over several articles and 30 unanswerable ones, this answers two thirds
# and declines nine in ten.
_PARTS_ODDS = 2.7


@dataclass(frozen=True, slots=True)
class PartFound:
    """One part as a question of its own, and what was found for it."""

    question: Question
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """`question` is what was searched, with what its time words say in its filters. `parts` are
    empty where it is one."""

    question: Question
    passages: tuple[Passage, ...]
    parts: tuple[PartFound, ...] = ()


def search(retriever: Retriever, question: Question, top_k: int | None = None) -> Found:
    """The passages for a question; for one of several parts, the best of each in turn.

    The whole question is searched among all the sources that it names, each part among its own.
    """
    question = _understand(question, retriever)
    published = mentions_coverage(question.text)
    sources = retriever.archive.list_sources() if published else ()
    parts = split_question(question.text, sources)
    if not parts:
        return Found(question, _retrieve(retriever, question, question.filters, top_k))
    found = tuple(
        _search_part(retriever, question, part.text, part.sources, top_k) for part in parts
    )
    named = tuple(dict.fromkeys(source for part in parts for source in part.sources))
    whole = _retrieve(retriever, question, _among(question.filters, named), top_k)
    rankings = [part.passages for part in found]
    merged = merge_rankings(whole, rankings, top_k or retriever.top_k)
    # What is named may have published nothing in the window that is asked for.
    passages = merged or _retrieve(retriever, question, question.filters, top_k)
    return Found(question, passages, found)


def _understand(question: Question, retriever: Retriever) -> Question:
    resolved = resolve_question(question)
    text = correct_spelling(question.text, retriever, resolved.filters)
    return resolved if text == question.text else resolve_question(replace(question, text=text))


def draft_parts(extractive: ExtractiveAnswerer, found: Found, whole: Draft) -> Draft:
    """The draft for the whole question, and a sentence for each part whose article it lacks."""
    drafts = [extractive.draft(part.question, part.passages) for part in found.parts]
    missing: list[Claim] = []
    quoted = {_article_id(claim) for claim in whole.claims}
    for best in (draft.claims[:1] for draft in drafts):
        missing += [claim for claim in best if _article_id(claim) not in quoted]
        quoted |= {_article_id(claim) for claim in best}
    kept = whole.claims[: max(MOST_SENTENCES - len(missing), 1)]
    surest = max(draft.confidence for draft in (whole, *drafts))
    return replace(whole, claims=(*kept, *missing), confidence=_raise_odds(surest))


def _raise_odds(confidence: float) -> float:
    """No single passage answers such a question, and its parts are clauses: judged as single
    questions they come out too low."""
    raised = _PARTS_ODDS * confidence
    return raised / (raised + 1.0 - confidence)


def _search_part(
    retriever: Retriever, whole: Question, text: str, sources: tuple[str, ...], top_k: int | None
) -> PartFound:
    # A date named in another part is not this one's.
    window = replace(whole.filters.window, prefer_since=None, prefer_until=None)
    filters = _among(replace(whole.filters, window=window), sources)
    question = resolve_question(replace(whole, text=text, filters=filters))
    return PartFound(question, _retrieve(retriever, question, question.filters, top_k))


def _retrieve(
    retriever: Retriever, question: Question, filters: Filters, top_k: int | None
) -> tuple[Passage, ...]:
    return retriever.retrieve(question.text, filters, top_k, asked_at=question.asked_at)


def _among(filters: Filters, sources: tuple[str, ...]) -> Filters:
    """A caller's own sources stand; those that the question names narrow the search."""
    return filters if filters.sources else replace(filters, sources=sources)


def _article_id(claim: Claim) -> str:
    return claim.evidence[0].passage.article.article_id
