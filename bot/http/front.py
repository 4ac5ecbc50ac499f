"""What stands in front of every route, from the outside in."""

from __future__ import annotations

import os

from fastapi import FastAPI
from limits import parse
from starlette.middleware import Middleware

from bot.http.guard import KeyGuard, LocalGuard
from bot.http.headers import SecurityHeaders
from bot.http.limits import AnswerLimit, BodyLimit, RateLimit, Turns
from bot.http.logs import RequestLog
from bot.http.metrics import Metrics, RequestCount, add_metrics
from bot.http.openai_errors import OpenAIErrors
from bot.http.problems import Failures
from bot.settings import BotSettings

_MOST_BY_DEFAULT = 32


def add_front(
    app: FastAPI, settings: BotSettings, metrics: Metrics, own_key: str | None = None
) -> Turns:
    """`own_key` opens everything: it is for the command line of the same home."""
    turns = Turns(settings.answers_at_once or count_turns(settings.llm), settings.answers_waiting)
    metrics.watch_turns(turns)
    add_metrics(app, metrics)
    guard = (
        Middleware(KeyGuard, keys=settings.api_keys, own_key=own_key)
        if settings.api_keys
        else Middleware(LocalGuard)
    )
    front = (
        Middleware(RequestLog),
        Middleware(SecurityHeaders),
        Middleware(RequestCount, metrics=metrics),
        Middleware(OpenAIErrors),
        Middleware(Failures),
        guard,
        Middleware(
            RateLimit,
            rate=parse(settings.rate_limit),
            count_refused=metrics.rejected.labels("rate").inc,
        ),
        Middleware(BodyLimit, most_upload_bytes=settings.max_upload_bytes),
        Middleware(AnswerLimit, turns=turns, count_refused=metrics.rejected.labels("answers").inc),
    )
    # The application puts each one that is added around those before it.
    for middleware in reversed(front):
        app.add_middleware(middleware.cls, *middleware.args, **middleware.kwargs)
    return turns


def count_turns(llm: str) -> int:
    """One a core, since quotes are all computing (twice as many answer a seventh fewer questions);
    a model is waited for."""
    cores = os.cpu_count() or 1
    return min(cores if llm == "none" else 4 * cores, _MOST_BY_DEFAULT)
