"""A server with the real page, whose answers each test writes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse

from bot.answering.schema import Answer
from bot.answering.wire import build_answer
from bot.web.page import add_page


class Scripted:
    """A server with the page, whose `/ask` does as each test says; keeps what it was asked."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.asked: list[Any] = []
        self.replies: list[Response] = []
        add_page(self.app)

        @self.app.post("/ask")
        async def ask(request: Request) -> Response:
            self.asked.append(await request.json())
            return self.replies.pop(0)


def stream(*pieces: bytes | float, answer: Answer | None = None) -> StreamingResponse:
    """Bytes as they are; a number is a wait in seconds; then the answer, if there is one."""

    async def send() -> AsyncIterator[bytes]:
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                await asyncio.sleep(piece)
        if answer is not None:
            whole = json.dumps(build_answer(answer), ensure_ascii=False)
            yield f"event: answer\ndata: {whole}\n\n".encode()

    return StreamingResponse(send(), media_type="text/event-stream")
