"""The latest on a topic: the newest story first, then what it goes on from."""

from __future__ import annotations

from bot.answering.forms.desk import Desk, Lines, build_entry, measure_nearness
from bot.answering.forms.reading import Asked
from bot.answering.forms.topics import choose_stories, keep_near_best
from bot.answering.schema import Question

_MOST = 4
_SHARE_OF_BEST = 0.7


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    told = keep_near_best(desk.find_told(question, asked.topic, by_time=True), _SHARE_OF_BEST)
    dated = [each for each in told if each.published_on is not None]
    dated = choose_stories(dated, len(dated), least=2)
    newest = sorted(dated, key=lambda each: str(each.published_on), reverse=True)[:_MOST]
    entries = tuple(build_entry(each, published=True) for each in newest)
    return Lines("timeline", entries, measure_nearness(newest))
