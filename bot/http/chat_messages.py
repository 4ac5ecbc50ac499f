"""What a chat client of OpenAI's shape sends, read as a question with the turns before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool
from pydantic.config import JsonDict

from bot.answering.follow_ups import retrace
from bot.answering.questions import build_question
from bot.answering.schema import Question
from bot.http.openai_errors import RefusedParameter
from bot.http.schemas import MOST_QUESTION_CHARACTERS

MODEL = "dateline"
_MOST_MESSAGES = 1_000
_MOST_CHARACTERS = 500_000
# Older questions say nothing about what a follow-up leans on.
_MOST_TURNS = 8
_MOST_ANSWER_CHARACTERS = 1_000
_EXAMPLE: JsonDict = {
    "model": MODEL,
    "messages": [{"role": "user", "content": "Which command oversees Arctic Sentry?"}],
    "as_of": "2026-03-01",
}


class Part(BaseModel):
    type: str
    text: str | None = None


class Message(BaseModel):
    """`system`, `developer`, `tool` and `function` messages change nothing here."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def is_said(self) -> bool:
        return self.role in ("user", "assistant")

    @property
    def text(self) -> str:
        """Raises RefusedParameter for what a user sends that is not text."""
        if not isinstance(self.content, list):
            return self.content or ""
        for part in self.content:
            if self.role == "user" and (part.type != "text" or part.text is None):
                raise RefusedParameter(
                    "messages",
                    f"a part of type {part.type!r} cannot be read here: send text alone, as a "
                    'string or as {"type": "text", "text": "…"} parts',
                )
        return "\n".join(part.text or "" for part in self.content)


def check_model(model: str) -> None:
    """Raises RefusedParameter for any but the one there is."""
    if model != MODEL:
        detail = f"there is no model {model!r} here: use {MODEL!r}"
        raise RefusedParameter("model", detail, status=404, code="model_not_found")


class StreamOptions(BaseModel):
    include_usage: StrictBool | None = None


class CompletionBody(BaseModel):
    """The chat so far, and the dates and sources that the answer may rest on (in `extra_body` of
    OpenAI's client). Parameters of sampling are accepted and change nothing."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [_EXAMPLE]})

    model: str
    messages: list[Message] = Field(min_length=1, max_length=_MOST_MESSAGES)
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    tool_choice: Any = None
    response_format: dict[str, Any] | None = None
    asked_at: str | None = None
    as_of: str | None = None
    since: str | None = None
    until: str | None = None
    sources: list[str] | None = Field(default=None, max_length=100)

    @property
    def include_usage(self) -> bool:
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    def check(self) -> None:
        """Raises RefusedParameter for what would be answered otherwise than it was asked."""
        check_model(self.model)
        if self.n is not None and self.n != 1:
            raise RefusedParameter("n", "a question has one answer here: leave n out, or send 1")
        if self.tool_choice not in (None, "auto", "none"):
            raise RefusedParameter(
                "tool_choice", "no tool is ever called here: leave tool_choice out"
            )
        if sum(len(message.text) for message in self.messages if message.is_said) > (
            _MOST_CHARACTERS
        ):
            raise RefusedParameter(
                "messages",
                f"the chat is longer than {_MOST_CHARACTERS} characters: begin a new one",
            )
        if not any(message.role == "user" for message in self.messages):
            raise RefusedParameter("messages", "there is no user message to answer: add one")

    def check_format(self) -> None:
        """Raises RefusedParameter where the answer is asked for in a form of its own."""
        if self.response_format and self.response_format.get("type") != "text":
            raise RefusedParameter(
                "response_format",
                "answers are text with citations: leave response_format out, or read the "
                "`dateline` field of the response, or POST /ask",
            )

    @property
    def prompt(self) -> str:
        """The last thing the user said."""
        return next(m.text for m in reversed(self.messages) if m.role == "user")

    def to_question(self, owner: str) -> Question:
        """Raises RefusedParameter or InvalidDate."""
        *before, (prompt, _) = self._turns()
        if not prompt.strip() or len(prompt) > MOST_QUESTION_CHARACTERS:
            raise RefusedParameter(
                "messages",
                "the last user message must be a question of 1 to "
                f"{MOST_QUESTION_CHARACTERS} characters",
            )
        question = build_question(
            prompt,
            asked_at=self.asked_at,
            as_of=self.as_of,
            since=self.since,
            until=self.until,
            sources=self.sources or (),
        )
        if question.filters.window.latest is not None:
            # What was answered before may be from later articles.
            before = [(said, "") for said, _ in before]
        said = [(text[:MOST_QUESTION_CHARACTERS], answer) for text, answer in before]
        earlier = retrace(said[-_MOST_TURNS:], question.asked_at)
        return replace(question, owner=owner, earlier=earlier)

    def _turns(self) -> list[tuple[str, str]]:
        """Each user message with the first paragraph that answered it: our sources follow it."""
        turns: list[tuple[str, str]] = []
        for message in self.messages:
            if message.role == "user":
                turns.append((message.text, ""))
            elif message.role == "assistant" and turns:
                answer = message.text.strip().partition("\n\n")[0]
                turns[-1] = (turns[-1][0], answer[:_MOST_ANSWER_CHARACTERS])
        return turns

    def texts(self) -> Iterator[str]:
        """What was said, for counting."""
        return (message.text for message in self.messages if message.is_said)
