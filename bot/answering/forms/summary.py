"""What is going on with a topic: the stories that tell of it, the newest first."""

from __future__ import annotations

from bot.answering.forms.desk import Desk, Lines, build_entry, keep_preferred, measure_nearness
from bot.answering.forms.reading import Asked
from bot.answering.forms.topics import choose_stories, keep_near_best
from bot.answering.schema import Question

_LEAST, _MOST = 3, 6
_SHARE_OF_BEST = 0.6


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    """One line a story; of few stories, several."""
    told = keep_preferred(question, desk.find_told(question, asked.topic, by_time=True))
    chosen = choose_stories(keep_near_best(told, _SHARE_OF_BEST), _MOST, least=_LEAST)
    newest = sorted(chosen, key=lambda each: str(each.published_on or ""), reverse=True)
    entries = tuple(
        build_entry(each, each.passage.article.source, published=True) for each in newest
    )
    return Lines("list", entries, measure_nearness(newest))
