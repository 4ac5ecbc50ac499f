"""What happened when: one line a story and day, the oldest first."""

from __future__ import annotations

from bot.answering.forms.desk import Desk, Lines, build_entry, keep_preferred, measure_nearness
from bot.answering.forms.reading import Asked
from bot.answering.forms.topics import choose_days, keep_near_best
from bot.answering.schema import Question

_MOST = 8
_SHARE_OF_BEST = 0.6


def draft(desk: Desk, question: Question, asked: Asked) -> Lines:
    told = keep_preferred(question, desk.find_told(question, asked.topic))
    dated = [each for each in keep_near_best(told, _SHARE_OF_BEST) if each.day is not None]
    steps = sorted(choose_days(dated, _MOST), key=lambda each: str(each.day))
    return Lines("timeline", tuple(map(build_entry, steps)), measure_nearness(steps))
