"""What HTTP adds to an answer: the same questions asked of a server and in process, in turn.

    python -m benchmarks.served HOME --questions FILE

The home is copied, since a server and this process cannot hold one together. Every question was
asked of both before, so that the rest is as short, and as alike, as it gets. The client is the
standard library's, on one connection that stays open; httpx adds a half to one millisecond more.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.console import Console

from benchmarks.load import read_questions
from bot.answering.questions import build_question
from bot.answering.wire import build_answer
from bot.service import hold_local_service
from bot.settings import BotSettings
from eval.dataset import GOLD
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings

Ask = Callable[[str], object]
_DATELINE = Path(__file__).parents[1] / "dateline.py"


def main(
    home: Annotated[Path, typer.Argument(exists=True, help="An indexed home, which nobody holds.")],
    questions: Annotated[
        Path, typer.Option(exists=True, help="JSONL, a `question` a line.")
    ] = GOLD,
    rounds: Annotated[int, typer.Option(min=1, help="How often all are asked.")] = 5,
) -> None:
    asked = read_questions(questions)
    console = Console()
    settings = RetrievalSettings.load().model_copy(update={"home": home})
    with (
        TemporaryDirectory() as folder,
        serving(Path(shutil.copytree(home, Path(folder) / "home"))) as ask_server,
        open_library(settings) as library,
        hold_local_service(library, BotSettings.load()) as service,
    ):

        def ask_here(question: str) -> object:
            return build_answer(service.answer(build_question(question)))

        for _ in range(2):
            measure(asked, ask_here, ask_server)
        for _ in range(rounds):
            here, served = measure(asked, ask_here, ask_server)
            added = [there - own for own, there in zip(here, served, strict=True)]
            console.print(
                f"p50 in process {statistics.median(here):.1f} ms, "
                f"served {statistics.median(served):.1f} ms; "
                f"median of what HTTP added {statistics.median(added):.1f} ms"
            )


def measure(questions: Sequence[str], *asks: Ask) -> tuple[list[float], ...]:
    """Milliseconds that each way of asking took for each question; the ways take turns."""
    spent: tuple[list[float], ...] = tuple([] for _ in asks)
    for question in questions:
        for ask, times in zip(asks, spent, strict=True):
            started = time.perf_counter()
            ask(question)
            times.append(1000 * (time.perf_counter() - started))
    return spent


@contextmanager
def serving(home: Path) -> Iterator[Ask]:
    """Asks a server of its own over one connection."""
    command = [sys.executable, str(_DATELINE), "serve", "--port", "0"]
    environment = {**os.environ, "DATELINE_HOME": str(home)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = urlsplit(server.stdout.readline().split()[3]).netloc
        connection = http.client.HTTPConnection(address, timeout=60)

        def ask(question: str) -> object:
            body = json.dumps({"question": question})
            connection.request("POST", "/ask", body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            content = response.read()
            if response.status != http.client.OK:
                raise RuntimeError(f"{response.status}: {content.decode()}")
            return json.loads(content)

        try:
            yield ask
        finally:
            connection.close()
            server.terminate()


if __name__ == "__main__":
    typer.run(main)
