"""What the publishers that a question names say of a topic, one after the other."""

from __future__ import annotations

from dataclasses import replace

from bot.answering.forms.desk import Desk, Lines, build_entry, measure_nearness
from bot.answering.forms.reading import Asked
from bot.answering.forms.topics import Told, keep_near_best
from bot.answering.schema import DraftedEntry, Question
from retrieval.named_sources import find_named_sources

_MOST, _MOST_EACH = 4, 2
_SHARE_OF_BEST = 0.6


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    """No lines where what is named is not a publisher, but somebody who spoke."""
    named = sorted(_find_publishers(desk, question, asked.publishers))
    entries: list[DraftedEntry] = []
    shown: list[Told] = []
    missing: list[str] = []
    for source in named:
        filters = replace(question.filters, sources=(source,))
        told = keep_near_best(desk.find_told(question, asked.topic, filters), _SHARE_OF_BEST)
        most = told[: _MOST if len(named) == 1 else _MOST_EACH]
        own = sorted(most, key=lambda each: str(each.published_on or ""), reverse=True)
        entries += [build_entry(each, each.passage.article.source, published=True) for each in own]
        shown += own
        if not own:
            missing.append(source)
    notes = tuple(f"Nothing that {source} published here bears on this." for source in missing)
    return Lines("list", tuple(entries), measure_nearness(shown), notes)


def _find_publishers(desk: Desk, question: Question, words: str) -> frozenset[str]:
    allowed = question.filters.sources
    sources = [
        source
        for source in desk.retriever.archive.list_sources()
        if not allowed or source in allowed
    ]
    return find_named_sources(f"according to {words}", sources) | find_named_sources(words, sources)
