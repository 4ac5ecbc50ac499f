"""What a storm sends: distinct questions in channels, messages and threads, some of them twice."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from eval.dataset import GOLD
from tests.slack_server import build_direct_message, build_event, build_mention

_CHANNELS, _USERS = 20, 200
_FIRST_SECOND, _SECONDS = 1_600_000_000, 50_000_000
# How late a message may overtake another's delivery.
_JITTER_S = 0.3
_LATER_S = (0.5, 4.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """One person's question: the event, and the thread that its answer belongs in."""

    payload: dict[str, Any] = field(repr=False)
    channel: str
    thread_ts: str


@dataclass(frozen=True, slots=True, order=True)
class Delivery:
    """`receiver` is the process that gets it, by its position."""

    at_s: float
    number: int
    receiver: int
    retry_num: int


def build_questions(count: int) -> tuple[Asked, ...]:
    """Mentions in channels, direct messages, and mentions in threads of their own, in turn."""
    begun = choose_first_second()
    texts = _read_texts(count)
    return tuple(build_question(begun, number, text) for number, text in enumerate(texts))


def choose_first_second() -> int:
    """When the first of a row of questions was asked, by Slack's time: before any message of the
    stand-in's own, as a reply is looked for after its question; other each time, so that another
    row in the same home has other messages."""
    return _FIRST_SECOND + int(time.time()) % _SECONDS


def plan_deliveries(
    count: int, rate: float, redelivered: float, receivers: int, chance: random.Random
) -> tuple[Delivery, ...]:
    """In time's order. What is redelivered comes at once or later, to the same process or to
    another; a few overtake each other."""
    return tuple(sorted(_plan(count, rate, redelivered, receivers, chance)))


def _plan(
    count: int, rate: float, redelivered: float, receivers: int, chance: random.Random
) -> Iterator[Delivery]:
    again = set(chance.sample(range(count), round(count * redelivered)))
    for number in range(count):
        at_s = number / rate + chance.uniform(0, _JITTER_S)
        receiver = chance.randrange(receivers)
        yield Delivery(at_s, number, receiver, 0)
        if number in again:
            later_s = chance.choice((0.0, 0.0, chance.uniform(*_LATER_S)))
            yield Delivery(at_s + later_s, number, chance.randrange(receivers), 1)


def _read_texts(count: int) -> Sequence[str]:
    """The gold questions over and over, numbered, so that no two are the same."""
    lines = GOLD.read_text(encoding="utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in lines if line.strip()]
    return [f"{asked[number % len(asked)]} (asked as number {number})" for number in range(count)]


def build_question(begun: int, number: int, text: str) -> Asked:
    ts = f"{begun + number}.{number:06d}"
    said = {"user": f"U{number % _USERS}", "ts": ts, "event_ts": ts}
    channel = f"C{number % _CHANNELS}"
    thread_ts = ts
    if number % 5 in (1, 2):
        channel = f"D{number % _USERS}"
        event = build_direct_message(text, channel=channel, **said)
    elif number % 5 == 3:
        thread_ts = f"{begun - 1 - number}.000000"
        event = build_mention(text, channel=channel, thread_ts=thread_ts, **said)
    else:
        event = build_mention(text, channel=channel, **said)
    return Asked(build_event(event, f"Ev{begun}{number:06d}"), channel, thread_ts)
