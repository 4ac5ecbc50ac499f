"""Processes that can be hurt, and are started again when they end, as systemd would."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PAUSE_S = 2.0
_PROBE_S = 10.0
_MOST_FAILURES = 4
_POLL_S = 0.1
_STOP_S = 40.0


class NotReady(Exception):
    """A process did not become ready in time."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to run; `is_ready` asks whether it serves by now. `user` where it may not be root.

    `is_alive` is the probe of what may hang without ending: Kubernetes' livenessProbe.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    is_ready: Callable[[], bool]
    user: str | None = None
    is_alive: Callable[[], bool] | None = None


@dataclass(slots=True)
class Supervised:
    """One program; started again `_PAUSE_S` after it ended by itself or by a kill, and killed where
    it is there but not alive."""

    program: Program
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _closing: threading.Event = field(default_factory=threading.Event)
    _keeper: threading.Thread | None = None

    @property
    def name(self) -> str:
        return self.program.name

    def start(self) -> None:
        self._keeper = threading.Thread(target=self._keep, name=f"keep {self.name}")
        self._keeper.start()

    def wait_until_ready(self, patience_s: float) -> None:
        """Raises NotReady."""
        until = time.monotonic() + patience_s
        while not self.program.is_ready():
            if time.monotonic() > until:
                said = self.program.log.read_text(encoding="utf-8", errors="replace")[-2_000:]
                raise NotReady(f"{self.name} was not ready within {patience_s:g} s: {said}")
            time.sleep(_POLL_S)

    def signal(self, number: signal.Signals) -> None:
        """To the process and all that it started."""
        if self._process is not None:
            for pid in reversed(list_tree(self._process.pid)):
                with suppress(ProcessLookupError):
                    os.kill(pid, number)

    def close(self) -> None:
        self._closing.set()
        self.signal(signal.SIGCONT)
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)
        if self._keeper is not None:
            self._keeper.join()

    def _keep(self) -> None:
        while not self._closing.is_set():
            with self.program.log.open("ab") as output:
                self._process = subprocess.Popen(
                    self.program.command,
                    env=dict(self.program.environment),
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    user=self.program.user,
                    cwd="/",
                )
            self.starts += 1
            self._watch(self._process)
            self._closing.wait(_PAUSE_S)

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Until it ends."""
        failures = 0
        while process.poll() is None:
            try:
                process.wait(_PROBE_S)
            except subprocess.TimeoutExpired:
                alive = self.program.is_alive is None or self.program.is_alive()
                failures = 0 if alive else failures + 1
                if failures == _MOST_FAILURES:
                    self.signal(signal.SIGKILL)


def list_tree(pid: int) -> list[int]:
    """The process and what it started, parents first."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                # The name of a program stands in brackets and may hold anything.
                after_name = (folder / "stat").read_text().rpartition(")")[2]
                children.setdefault(int(after_name.split()[1]), []).append(int(folder.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found
