"""The bot, running: over HTTP in a server, or over a websocket, against Slack's stand-in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from fastapi.testclient import TestClient

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.service import Service
from bot.serving import build_app
from bot.settings import BotSettings
from bot.slack.app import SlackBot
from bot.slack.socket_mode import run_socket_mode
from retrieval.opening import Library
from tests.bot.factories import make_answer
from tests.slack_server import (
    APP_TOKEN,
    Message,
    SlackServer,
    build_event,
    build_request,
    read_shown,
)

ASKED = "Who chaired the talks?"
ANSWERED = "Mark Rutte chaired the talks [1]."
# Long enough to be streamed in two parts.
TWO_SENTENCES = f"Mark Rutte chaired {'long ' * 70}talks [1]. They ended on Wednesday [1]."

Answering = Callable[[Question, OnDelta], Answer]


class ScriptedService:
    """Answers as it is told to and keeps the questions: for failures and slow answers."""

    def __init__(self, reply: Answering = lambda _question, _on_delta: make_answer()) -> None:
        self.questions: list[Question] = []
        self._reply = reply

    @property
    def texts(self) -> list[str]:
        return [question.text for question in self.questions]

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        self.questions.append(question)
        return self._reply(question, on_delta)

    def search(self, _question: Question, _top_k: int | None) -> dict[str, Any]:
        raise NotImplementedError


class Held:
    """An answer that is not given before it is released; its model writes until then."""

    def __init__(self, answer: Answer | None = None, drafting: bool = False) -> None:
        self.released = threading.Event()
        self.begun = threading.Event()
        self.left = threading.Event()
        self._answer = answer or make_answer()
        self._drafting = drafting

    def __call__(self, _question: Question, on_delta: OnDelta) -> Answer:
        self.begun.set()
        try:
            for _ in range(2_000):
                if self.released.wait(0.01):
                    return self._answer
                if self._drafting:
                    on_delta("")
        except Exception:
            self.left.set()
            raise
        raise AssertionError("nobody released the answer")


def failing(error: Exception) -> ScriptedService:
    def fail(_question: Question, _on_delta: OnDelta) -> Answer:
        raise error

    return ScriptedService(fail)


class Front:
    """A server that Slack delivers to."""

    def __init__(self, client: TestClient, slack: SlackServer, running: ExitStack) -> None:
        self.client = client
        self._slack = slack
        self._running = running

    def deliver(self, payload: dict[str, Any], retry_num: int = 0) -> dict[str, Any] | str:
        """What Slack gets for an answer; it has to be 200."""
        self._slack.note(payload)
        body, headers = build_request(payload, retry_num)
        response = self.client.post("/slack/events", content=body, headers=headers)
        assert response.status_code == 200, response.text
        is_json = "json" in response.headers.get("content-type", "")
        found: dict[str, Any] | str = response.json() if is_json else response.text
        return found

    def finish(self) -> None:
        """Stop the server, which finishes what is under way."""
        self._running.close()

    def tell(self, event: dict[str, Any], event_id: str = "Ev1") -> None:
        self.deliver(build_event(event, event_id))


@contextmanager
def serve(
    library: Library, service: Service, settings: BotSettings, slack: SlackServer
) -> Iterator[Front]:
    """A running server; what is under way is done when it has stopped."""
    with ExitStack() as running:
        client = running.enter_context(TestClient(build_app(library, service, settings)))
        yield Front(client, slack, running)


class Listener:
    """A bot in a thread of its own, over a websocket."""

    def __init__(self, bot: SlackBot) -> None:
        self._stopped: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._begun = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._listen(bot)))
        self._thread.start()
        assert self._begun.wait(10)

    def stop(self, wait: bool = True) -> None:
        assert self._loop is not None
        assert self._stopped is not None
        if self._thread.is_alive():
            with suppress(RuntimeError):  # it ended meanwhile
                self._loop.call_soon_threadsafe(self._stopped.set)
        if wait:
            self.join()

    def join(self) -> None:
        self._thread.join(30)
        assert not self._thread.is_alive(), "it did not end"

    async def _listen(self, bot: SlackBot) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = asyncio.Event()
        self._begun.set()
        await run_socket_mode(bot, APP_TOKEN, self._stopped)


@contextmanager
def listen(bot: SlackBot) -> Iterator[Listener]:
    listener = Listener(bot)
    try:
        yield listener
    finally:
        listener.stop()


def read_thread(slack: SlackServer, channel: str = "C1", thread_ts: str = "100.1") -> list[str]:
    """What everybody reads of ours in a thread, message by message."""
    return [read_shown(message) for message in slack.visible(channel, thread_ts)]


def wait_for_reply(
    slack: SlackServer, channel: str = "C1", thread_ts: str = "100.1", count: int = 1
) -> list[Message]:
    """Our messages, once there are as many, and no stream of theirs is open."""

    def whole() -> bool:
        found = slack.visible(channel, thread_ts)
        return len(found) >= count and not any(message.streaming for message in found)

    slack.wait_until(whole)
    return slack.visible(channel, thread_ts)
