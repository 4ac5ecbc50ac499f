"""The command line as its users run it: a process of its own, the real model, a home on disk."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.stores import are_embedded, build_environment

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "examples"


@dataclass(frozen=True)
class CommandLine:
    """Runs `dateline` in one home."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("DATELINE", "SLACK"))}
        return {
            **inherited,
            **build_environment(self.home),
            "HF_HUB_OFFLINE": "1",
            "COLUMNS": "200",
            **self.settings,
        }

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, str(ROOT / "dateline.py"), *arguments],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, **options) as process:
            try:
                stdout, stderr = process.communicate(timeout=220)
            finally:
                process.kill()
        return subprocess.CompletedProcess(arguments, process.returncode, stdout, stderr)

    def json(self, *arguments: str) -> Any:
        finished = self.run(*arguments, "--json")
        assert finished.stdout, finished.stderr
        return json.loads(finished.stdout)


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "home")


@pytest.fixture(scope="session")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A home that holds the sample articles. Tests only read it."""
    command_line = CommandLine(tmp_path_factory.mktemp("newsroom") / "home")
    finished = command_line.run("ingest", str(EXAMPLES))
    assert finished.returncode == 0, finished.stderr
    return command_line


def copy_newsroom(newsroom: CommandLine, home: Path) -> CommandLine:
    """A home with the same articles, which a test may change."""
    copy = CommandLine(home)
    if are_embedded():
        shutil.copytree(newsroom.home, home)
    else:
        assert copy.run("ingest", str(EXAMPLES)).returncode == 0
    return copy


@pytest.fixture
def start_server(
    newsroom: CommandLine,
) -> Iterator[Callable[[dict[str, str]], str]]:
    """Starts `dateline serve` on a free port with more settings; gives its address."""
    with ExitStack() as running:

        def start(settings: dict[str, str]) -> str:
            return running.enter_context(serving(CommandLine(newsroom.home, settings)))

        yield start


@contextmanager
def serving(command_line: CommandLine) -> Iterator[str]:
    """Runs `dateline serve` on a free port; gives its address."""
    process = command_line.start("serve", "--port", "0")
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Dateline is at "), process.communicate()[1]
        yield line.split()[3]
    finally:
        died = process.poll()
        process.terminate()
        # What is being indexed goes on to the end of its batch.
        _, stderr = process.communicate(timeout=60)
        assert died is None, f"the server ended by itself with {died}: {stderr}"
