"""`POST /v1/chat/completions` and `GET /v1/models` in OpenAI's shape, for chat pages and clients.

A stream carries the verified answer only. A model's draft may lose sentences when it is checked,
and this protocol cannot take back text that was sent; so nothing but the role and comments is sent
while the answer is made, then the answer, a sentence at a time. `POST /ask` streams drafts.

`usage` counts words and punctuation marks, not the tokens of any model.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import StreamingResponse

from bot.answering.llm import OnDelta
from bot.answering.schema import Answer, Question
from bot.answering.wire import build_verified_answer, read_answer
from bot.http.callers import Caller, get_caller
from bot.http.chat_citations import annotate, number_articles
from bot.http.chat_messages import MODEL, CompletionBody, check_model
from bot.http.leaving import stop_when_left
from bot.http.openai_errors import add_openai_errors, build_error
from bot.http.page_address import find_page_url
from bot.http.problems import PROBLEM
from bot.http.streaming import EVENT_STREAM, KEEP_ALIVE, follow_answer, respond_with
from bot.markdown import list_articles, render_markdown
from bot.service import Service

_SINCE = 1_767_225_600
_TOKEN = re.compile(r"\w+|[^\w\s]")
_SENTENCE = re.compile(r".+?(?:[.!?…]\s+|\n+|\Z)", re.S)
_END = "data: [DONE]\n\n"

Frame = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the assistant says; `answer` is the contract's object, of a question that was asked."""

    content: str
    annotations: tuple[dict[str, Any], ...] = ()
    answer: Mapping[str, Any] | None = None


def add_chat_completions(app: FastAPI, service: Service) -> None:
    add_openai_errors(app)

    @app.get("/v1/models", tags=["OpenAI"], responses=_shown(_build_models()))
    def list_models() -> dict[str, Any]:
        return _build_models()

    @app.get("/v1/models/{model}", tags=["OpenAI"], responses=_shown(_build_model()))
    def get_model(model: str) -> dict[str, Any]:
        check_model(model)
        return _build_model()

    @app.post(
        "/v1/chat/completions",
        tags=["OpenAI"],
        response_model=None,
        responses=_shown(_EXAMPLE, _STREAMED),
    )
    def create_completion(
        body: CompletionBody,
        request: Request,
        caller: Annotated[Caller, Depends(get_caller)],
        stop: Annotated[OnDelta, Depends(stop_when_left)],
    ) -> dict[str, Any] | StreamingResponse:
        """Answers the last user message, the messages before it in mind."""
        body.check()
        writer = _Writer(body, find_page_url(request))
        chore = body.do_chore()
        if chore is not None:
            reply = Reply(chore)
            return writer.stream_reply(reply) if body.stream else writer.build_completion(reply)
        body.check_format()
        question = body.to_question(caller.owner)
        if body.stream:
            return writer.stream_answer(service, question)
        return writer.build_completion(writer.build_reply(service.answer(question, stop)))


class _Writer:
    """One completion, whole or in chunks."""

    def __init__(self, body: CompletionBody, page_url: str) -> None:
        self._body = body
        self._page_url = page_url
        self._completion_id = f"chatcmpl-{uuid.uuid4().hex}"
        self._created = int(time.time())

    def build_reply(self, answer: Answer) -> Reply:
        numbered = number_articles(answer)
        content = render_markdown(numbered, list_articles)
        lead = content.partition("\n\n")[0]
        annotations = tuple(annotate(lead, numbered, self._page_url)) if answer.answered else ()
        return Reply(content, annotations, build_verified_answer(answer))

    def build_completion(self, reply: Reply) -> dict[str, Any]:
        message = {
            "role": "assistant",
            "content": reply.content,
            "refusal": None,
            "annotations": list(reply.annotations),
        }
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {
            **self._frame("chat.completion"),
            "choices": [choice],
            "usage": self._count(reply.content),
            **_extension(reply),
        }

    def stream_reply(self, reply: Reply) -> StreamingResponse:
        return respond_with([self._role(), *self._frames(reply)])

    def stream_answer(self, service: Service, question: Question) -> StreamingResponse:
        async def stream() -> AsyncIterator[str]:
            yield self._role()
            yield KEEP_ALIVE
            async with aclosing(follow_answer(service, question)) as events:
                async for event in events:
                    if event is None:
                        yield KEEP_ALIVE
                        continue
                    name, content = event
                    if name == "error":
                        error = build_error(content["status"], content["detail"])
                        yield _render({"error": error})
                        yield _END
                    elif name == "answer":
                        for frame in self._frames(self.build_reply(read_answer(content))):
                            yield frame

        return respond_with(stream())

    def _role(self) -> str:
        return _render(self._chunk({"role": "assistant", "content": ""}))

    def _frames(self, reply: Reply) -> list[str]:
        """A chunk a sentence, the end with the annotations, and usage if it was asked for."""
        chunks = [self._chunk({"content": part}) for part in _SENTENCE.findall(reply.content)]
        last = {"annotations": list(reply.annotations)} if reply.annotations else {}
        chunks.append({**self._chunk(last, "stop"), **_extension(reply)})
        if self._body.include_usage:
            usage = {"choices": [], "usage": self._count(reply.content)}
            chunks.append({**self._frame("chat.completion.chunk"), **usage})
        return [*map(_render, chunks), _END]

    def _chunk(self, delta: dict[str, Any], finish_reason: str | None = None) -> Frame:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        chunk = {**self._frame("chat.completion.chunk"), "choices": [choice]}
        return {**chunk, "usage": None} if self._body.include_usage else chunk

    def _frame(self, kind: str) -> Frame:
        frame = {"id": self._completion_id, "object": kind, "created": self._created}
        return {**frame, "model": MODEL}

    def _count(self, content: str) -> dict[str, int]:
        asked = sum(map(_count_tokens, self._body.texts()))
        said = _count_tokens(content)
        return {
            "prompt_tokens": asked,
            "completion_tokens": said,
            "total_tokens": asked + said,
        }


def _count_tokens(text: str) -> int:
    return sum(1 for _ in _TOKEN.finditer(text))


def _extension(reply: Reply) -> dict[str, Any]:
    """OpenAI's clients keep fields that they do not know."""
    return {} if reply.answer is None else {"dateline": reply.answer}


def _render(chunk: dict[str, Any]) -> str:
    return f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"


def _build_models() -> dict[str, Any]:
    return {"object": "list", "data": [_build_model()]}


def _build_model() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": _SINCE, "owned_by": "dateline"}


def _shown(example: dict[str, Any], streamed: str | None = None) -> dict[int | str, dict[str, Any]]:
    """How the documentation shows a response, and its errors."""
    error = {"description": "What is wrong and what to do, with OpenAI's `error`"}
    problem = {**error, "content": {PROBLEM: {}}}
    content: dict[str, Any] = {"application/json": {"example": example}}
    if streamed is not None:
        content[EVENT_STREAM] = {"example": streamed}
    return {200: {"content": content}, 400: problem, 404: problem}


_CITED = {
    "start_index": 50,
    "end_index": 53,
    "url": "https://example.org/arctic-sentry",
    "title": "Arctic Sentry begins",
}
_EXAMPLE: dict[str, Any] = {
    "id": "chatcmpl-4b1f",
    "object": "chat.completion",
    "created": 1_772_323_200,
    "model": MODEL,
    "choices": [
        {
            "index": 0,
            "message": {
                "role": "assistant",
                "content": "Joint Force Command Norfolk oversees the activity [1].\n\n**Sources**"
                "\n\n- [1] Arctic Sentry begins — Meridian Wire, 12 Feb 2026 — "
                "<https://example.org/arctic-sentry>\n"
                "  - “Joint Force Command Norfolk oversees the activity.”",
                "refusal": None,
                "annotations": [{"type": "url_citation", "url_citation": _CITED}],
            },
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 6, "completion_tokens": 38, "total_tokens": 44},
}
_STREAMED = (
    'data: {"id": "chatcmpl-4b1f", "object": "chat.completion.chunk", "created": 1772323200, '
    '"model": "dateline", "choices": [{"index": 0, "delta": {"content": "Joint Force Command "}, '
    '"logprobs": null, "finish_reason": null}]}\n\ndata: [DONE]\n\n'
)
