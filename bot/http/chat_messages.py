"""What a chat client of OpenAI's shape sends, read as a question with the turns before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool
from pydantic.config import JsonDict

from bot.answering.follow_ups import retrace
from bot.answering.questions import build_question
from bot.answering.schema import Question
from bot.http.chat_chores import do_chore
from bot.http.chat_frames import find_question
from bot.http.openai_errors import RefusedParameter
from bot.http.schemas import MOST_QUESTION_CHARACTERS

MODEL = "dateline"
# Older questions say nothing about what a follow-up leans on: they are not read.
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

    @property
    def is_text(self) -> bool:
        return self.type == "text" and self.text is not None


class Message(BaseModel):
    """`system`, `developer`, `tool` and `function` messages change nothing here."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    @property
    def text(self) -> str:
        """What is written, without the pictures and files beside it."""
        if not isinstance(self.content, list):
            return self.content or ""
        return "\n".join(part.text for part in self.content if part.is_text and part.text)

    @property
    def unreadable(self) -> str | None:
        """The type of a part that is not text."""
        parts = self.content if isinstance(self.content, list) else []
        return next((part.type for part in parts if not part.is_text), None)


def check_model(model: str) -> None:
    """Raises RefusedParameter for any but the one there is."""
    if model != MODEL:
        detail = f"there is no model {model!r}: use {MODEL!r}"
        raise RefusedParameter("model", detail, status=404, code="model_not_found")


class StreamOptions(BaseModel):
    include_usage: StrictBool | None = None


class CompletionBody(BaseModel):
    """The chat so far, and the dates and sources that the answer may rest on (in `extra_body` of
    OpenAI's client). Parameters of sampling are accepted and change nothing."""

    model_config = ConfigDict(extra="ignore", json_schema_extra={"examples": [_EXAMPLE]})

    model: str
    messages: list[Message] = Field(min_length=1)
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
            raise RefusedParameter("n", "only one answer is given: leave out n, or send 1")
        if self.tool_choice not in (None, "auto", "none"):
            raise RefusedParameter("tool_choice", "tools are not called: leave out tool_choice")
        if not self._asked:
            raise RefusedParameter("messages", "there is no user message to answer: add one")
        if kind := self.messages[self._asked[-1]].unreadable:
            raise RefusedParameter(
                "messages",
                f"a part of type {kind!r} cannot be read: send only text, as a string or as "
                '{"type": "text", "text": "…"} parts',
            )

    def check_format(self) -> None:
        """Raises RefusedParameter where the answer is asked for in a form of its own."""
        if self.response_format and self.response_format.get("type") != "text":
            raise RefusedParameter(
                "response_format",
                "answers are text with citations: leave out response_format, or read the "
                "`dateline` field of the response, or POST /ask",
            )

    def do_chore(self) -> str | None:
        """What a chat page gets that asks for itself; None where a person asks."""
        return do_chore(self.messages[: self._asked[-1] + 1])

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
        # A picture without a word asked nothing.
        said = [(text[:MOST_QUESTION_CHARACTERS], told) for text, told in before if text.strip()]
        earlier = retrace(said[-_MOST_TURNS:], question.asked_at)
        return replace(question, owner=owner, earlier=earlier)

    def _turns(self) -> list[tuple[str, str]]:
        """Each user message with the first paragraph that answered it: our sources follow it."""
        turns: list[tuple[str, str]] = []
        for message in self._read:
            if message.role == "user":
                turns.append((find_question(message.text), ""))
            elif message.role == "assistant" and turns:
                answer = message.text.strip().partition("\n\n")[0]
                turns[-1] = (turns[-1][0], answer[:_MOST_ANSWER_CHARACTERS])
        return turns

    @property
    def _asked(self) -> list[int]:
        """The places of what the user said."""
        return [place for place, said in enumerate(self.messages) if said.role == "user"]

    @property
    def _read(self) -> Sequence[Message]:
        """The last turns, up to what the user said last."""
        asked = self._asked[-_MOST_TURNS - 1 :]
        return self.messages[asked[0] : asked[-1] + 1]

    def texts(self) -> Iterator[str]:
        """What was said and is read, for counting."""
        return (said.text for said in self._read if said.role in ("user", "assistant"))
