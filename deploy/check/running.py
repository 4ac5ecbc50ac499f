"""What must work in a container that can write to /data and /tmp alone, with no network."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deploy.check.container import Container
from deploy.check.dockerfile import read_words

_PATIENCE_S = 60
_ARTICLE = {
    "title": "Harbour bridge opens in Pristina",
    "source": "The Check Courier",
    "published_at": "2026-03-04T09:00:00Z",
    "text": "The Harbour bridge was opened on Wednesday by Mayor Arta Krasniqi. "
    "It cost 41 million euros and took three years to build.",
}
_QUESTION = "How much did the Harbour bridge cost?"
_WRITE_ELSEWHERE = (
    "for place in / /etc /opt/dateline /usr/local /var/tmp /home; do touch $place/x; done"
)
_CHROMA = ["chroma", "run", "--path", "/data/chroma", "--host", "0.0.0.0"]
_PROBE = ["python", "/opt/dateline/probe_chroma.py"]


class Failed(Exception):
    """What was to work did not; the message says which, and what was seen."""


def check_container(container: Container, healthcheck: str) -> None:
    """Say what works. Raises Failed at the first that does not."""
    for check in (_check_user, _check_places, _check_doctor, _check_answer):
        print(f"  {check(container)}", flush=True)
    print(f"  {_check_server(container, read_words(healthcheck))}", flush=True)
    print(f"  {_check_chroma(container)}", flush=True)


def _check_user(container: Container) -> str:
    who = _succeed(container, "id").strip()
    if "(root)" in who:
        raise Failed(f"it runs as root: {who}")
    return f"it runs as {who}"


def _check_places(container: Container) -> str:
    found = container.run("find", "/", "-xdev", "-writable", "!", "-type", "l").stdout.split()
    writable = set(found) - {"/data", "/tmp"}
    refused = container.run("sh", "-c", _WRITE_ELSEWHERE).stderr.count("Read-only file system")
    if writable or refused != 6:
        raise Failed(f"it can write to {writable or 'more than /data and /tmp'}")
    _succeed(container, "touch", "/data/x", "/tmp/x")
    return "it writes to /data and /tmp alone"


def _check_doctor(container: Container) -> str:
    findings = json.loads(_succeed(container, "dateline", "doctor", "--json"))["checks"]
    return f"dateline doctor: {len(findings)} parts are well"


def _check_answer(container: Container) -> str:
    _succeed(container, "dateline", "ingest", "-", given=json.dumps(_ARTICLE))
    answer = json.loads(_succeed(container, "dateline", "ask", _QUESTION, "--json"))
    quotes = [citation["quote"] for citation in answer["citations"]]
    if not quotes or not all(quote in _ARTICLE["text"] for quote in quotes):
        raise Failed(f"no cited answer: {answer}")
    return f"dateline ask: {answer['answer']}"


def _check_server(container: Container, healthcheck: list[str]) -> str:
    if container.run(*healthcheck).returncode == 0:
        raise Failed("HEALTHCHECK is content where no server runs")
    key, *_ = _succeed(container, "dateline", "keys", "new").split()
    serve = ["dateline", "serve", "--host", "0.0.0.0"]
    with _running(container, serve, {"DATELINE_BOT__API_KEYS": f"read:{key}"}) as server:
        began = time.monotonic()
        _wait(lambda: container.run(*healthcheck).returncode == 0, "HEALTHCHECK of the server")
        took = time.monotonic() - began
        server.send_signal(signal.SIGTERM)
        if server.wait(_PATIENCE_S) != 0:
            raise Failed(f"the server ends with {server.returncode} when it is stopped")
    return f"dateline serve: healthy after {took:.0f} s, and ends when it is told to"


def _check_chroma(container: Container) -> str:
    with _running(container, _CHROMA, {}):
        _wait(lambda: container.run(*_PROBE).returncode == 0, "the probe of chroma run")
    return "chroma run: takes writes"


@contextmanager
def _running(
    container: Container, command: list[str], settings: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    with container.start(command, settings, subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.kill()


def _succeed(container: Container, *command: str, given: str = "") -> str:
    done = container.run(*command, given=given)
    if done.returncode:
        raise Failed(f"{' '.join(command)} ends with {done.returncode}: {done.stderr}{done.stdout}")
    return done.stdout


def _wait(is_so: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > until:
            raise Failed(f"{what}: not within {_PATIENCE_S} s")
        time.sleep(0.2)
