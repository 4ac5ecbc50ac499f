"""What a person at a terminal sees while it works."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn
from rich.progress import Progress as Bar

Json = Annotated[bool, typer.Option("--json", help="Print only JSON on standard output.")]


class Progress:
    """A bar on a terminal; nothing elsewhere."""

    def __init__(self, bar: Bar, task: TaskID) -> None:
        self._bar = bar
        self._task = task

    def advance(self, name: str) -> None:
        self._bar.update(self._task, advance=1, detail=name)

    def update(self, done: int, total: int) -> None:
        self._bar.update(self._task, completed=done, total=total)


@contextmanager
def show_progress(description: str) -> Iterator[Progress]:
    bar = Bar(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[detail]}"),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )
    with bar:
        yield Progress(bar, bar.add_task(description, total=None, detail=""))
