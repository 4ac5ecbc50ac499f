"""People who ask in Slack, and Slack, which brings an event again until it is acknowledged."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from benchmarks.faults.articles import KnownArticle
from benchmarks.faults.asking import at_work
from benchmarks.slack_questions import Asked, build_question, choose_first_second
from benchmarks.slack_replies import Outcome, read_outcomes
from tests.slack_server import SlackServer

# Slack brings an event three more times: nearly at once, after a minute, after five.
_RETRIES_S = (0.0, 0.5, 60.0, 300.0)


@dataclass(slots=True)
class SlackCrowd:
    """One question every `pause_s`, in channels, threads and direct messages by turns."""

    slack: SlackServer
    articles: Sequence[KnownArticle]
    pause_s: float
    questions: list[Asked] = field(default_factory=list)
    sent: dict[int, float] = field(default_factory=dict)
    unacknowledged: list[int] = field(default_factory=list)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _begun: int = field(default_factory=choose_first_second)

    def asking(self) -> AbstractContextManager[None]:
        return at_work(self._stopped, self._ask_on)

    def read(self) -> tuple[Outcome, ...]:
        questions = tuple(self.questions)
        return read_outcomes(self.slack, questions, dict(self.sent))

    def _ask_on(self) -> None:
        while not self._stopped.wait(self.pause_s):
            number = len(self.questions)
            article = self.articles[number % len(self.articles)]
            question = build_question(self._begun, number, article.question)
            self.sent[number] = time.time()
            self.questions.append(question)
            threading.Thread(target=self._deliver, args=(number, question), daemon=True).start()

    def _deliver(self, number: int, question: Asked) -> None:
        for attempt, pause_s in enumerate(_RETRIES_S):
            time.sleep(pause_s)
            try:
                taken = self.slack.deliver(question.payload, retry_num=attempt)
            except (AssertionError, TimeoutError):
                continue  # no process is connected
            if taken is not None:
                return
        self.unacknowledged.append(number)
