"""What pip needs to work in a chroot as it works here."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

_PASSED_ON = re.compile(
    r"PIP_\w+|SSL_CERT_FILE|REQUESTS_CA_BUNDLE|(https?|no)_proxy", re.IGNORECASE
)


def find_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)}


def find_index() -> str:
    """Where packages come from."""
    found = subprocess.run(
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True,
        text=True,
    )
    return os.environ.get("PIP_INDEX_URL") or found.stdout.strip() or "https://pypi.org/simple"


def find_files() -> tuple[Path, ...]:
    """Configuration files, and what they and the environment name on this machine's disk."""
    files = re.findall(r"^\s+(/.*), exists: True$", _pip_config("debug"), re.MULTILINE)
    words = [word for line in _pip_config("list").splitlines() for word in _read_value(line)]
    words += [word for value in find_environment().values() for word in value.split()]
    named = [word for word in words if word.startswith("/")]
    # An index on this disk keeps its files beside its pages.
    named += [str(Path(word[7:]).parent) for word in words if word.startswith("file:///")]
    return tuple(path for path in map(Path, dict.fromkeys([*files, *named])) if path.exists())


def _pip_config(action: str) -> str:
    command = [sys.executable, "-m", "pip", "config", action]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _read_value(line: str) -> list[str]:
    """The words of `name='first second'`."""
    return " ".join(shlex.split(line.partition("=")[2])).split()
