"""Articles on their way in while something is at fault: by `dateline ingest`, run again until it
succeeds as cron would, and one by one by POST /articles, sent again until it is acknowledged."""

from __future__ import annotations

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks.faults.articles import KnownArticle, write_jsonl
from benchmarks.faults.asking import at_work, post
from benchmarks.faults.servers import build_command

_PAUSE_S = 2.0
_MOST_RUNS = 40


@dataclass(slots=True)
class Ingest:
    """`acknowledged` is set once a run of the command exited with 0."""

    file: Path
    environment: Mapping[str, str]
    articles: Sequence[KnownArticle]
    runs: int = 0
    problems: list[str] = field(default_factory=list)
    acknowledged: threading.Event = field(default_factory=threading.Event)
    seconds: float = 0.0
    _process: subprocess.Popen[str] | None = None

    @classmethod
    def of(
        cls, articles: Sequence[KnownArticle], file: Path, environment: Mapping[str, str]
    ) -> Ingest:
        return cls(write_jsonl(file, articles), environment, articles)

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _run(self) -> None:
        started = time.monotonic()
        while not self.acknowledged.is_set() and self.runs < _MOST_RUNS:
            self.runs += 1
            self._process = subprocess.Popen(
                build_command("ingest", str(self.file), "--json"),
                env=dict(self.environment),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            report, problem = self._process.communicate()
            if self._process.returncode == 0 and _count(report) == len(self.articles):
                self.seconds = time.monotonic() - started
                self.acknowledged.set()
            else:
                told = problem.strip().splitlines()[-1:] or [f"exit {self._process.returncode}"]
                self.problems.extend(told)
                time.sleep(_PAUSE_S)


def _count(report: str) -> int:
    counted = json.loads(report)
    return sum(counted[name] for name in ("added", "updated", "unchanged", "duplicates"))


@dataclass(slots=True)
class Editor:
    """Posts one article after the other; `acknowledged` are those that a server said it has."""

    addresses: Sequence[str]
    articles: Iterator[KnownArticle]
    pause_s: float
    acknowledged: list[KnownArticle] = field(default_factory=list)
    refused: int = 0
    _stopped: threading.Event = field(default_factory=threading.Event)

    def posting(self) -> AbstractContextManager[None]:
        return at_work(self._stopped, self._post_on)

    def _post_on(self) -> None:
        turn = 0
        with httpx.Client(timeout=60.0, trust_env=False) as client:
            for article in self.articles:
                while not self._stopped.wait(self.pause_s):
                    turn += 1
                    if self._post(client, turn, article):
                        self.acknowledged.append(article)
                        break
                    self.refused += 1
                else:
                    return

    def _post(self, client: httpx.Client, turn: int, article: KnownArticle) -> bool:
        try:
            return post(client, self.addresses, turn, "/articles", article.line).is_success
        except httpx.HTTPError:
            return False
