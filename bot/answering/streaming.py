"""A model's stream, drawn beside the caller, so that no model can hold the caller up."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import aclosing
from dataclasses import dataclass
from queue import Empty, SimpleQueue


@dataclass(frozen=True, slots=True)
class Usage:
    """What a provider says that a draft took; where it says nothing, there is none."""

    prompt_tokens: int
    completion_tokens: int


Piece = str | Usage
# Several usages of one draft are each of it so far.
Draw = Callable[[], AsyncGenerator[Piece, None]]

# How often the caller hears that nothing came, and how soon a caller who left is noticed.
_PULSE_S = 0.1
_END = ""


class Overdue(Exception):
    """The whole draft took too long."""


def stream_within(draw: Draw, timeout_s: float) -> Generator[Piece, None, None]:
    """The pieces as they come, and an empty one now and then while none does. Closing it, or
    passing the limit, cancels the drawing. Raises Overdue and whatever drawing raises."""
    pieces: SimpleQueue[Piece | Exception] = SimpleQueue()
    stopped = threading.Event()
    deadline = time.monotonic() + timeout_s
    threading.Thread(target=_draw_all, args=(draw, pieces, stopped), daemon=True).start()
    try:
        while (left := deadline - time.monotonic()) > 0:
            try:
                piece = pieces.get(timeout=min(_PULSE_S, left))
            except Empty:
                yield ""
                continue
            if isinstance(piece, Exception):
                raise piece
            if piece == _END:
                return
            yield piece
        raise Overdue
    finally:
        stopped.set()


def _draw_all(draw: Draw, pieces: SimpleQueue[Piece | Exception], stopped: threading.Event) -> None:
    """Pieces into the queue, then the end or what was raised."""

    async def read() -> None:
        async with aclosing(draw()) as drawn:
            async for piece in drawn:
                if piece:
                    pieces.put(piece)

    async def read_until_stopped() -> None:
        reading = asyncio.create_task(read())
        while not reading.done():
            if stopped.is_set():
                reading.cancel()
            await asyncio.wait({reading}, timeout=_PULSE_S)
        # A turn of the loop for the connections that were closed.
        await asyncio.sleep(0)
        if not reading.cancelled():
            reading.result()

    try:
        asyncio.run(read_until_stopped())
    except Exception as error:  # noqa: BLE001 - it is raised where the pieces are read
        pieces.put(error)
    else:
        pieces.put(_END)
