"""What `docker build` is sent: the folder without what .dockerignore leaves out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path, PurePath


def find_context(folder: Path) -> Iterator[PurePath]:
    """Files, relative to the folder."""
    patterns = _read_patterns(folder / ".dockerignore")
    for root, folders, names in os.walk(folder):
        place = PurePath(root).relative_to(folder)
        # Nothing brings back what lies in these, and they are large.
        folders[:] = [name for name in folders if name not in {".git", ".venv", "__pycache__"}]
        for name in names:
            if not is_ignored(place / name, patterns):
                yield place / name


def is_ignored(path: PurePath, patterns: Sequence[str]) -> bool:
    """The last pattern that names the file, or a folder it is in, decides."""
    ignored = False
    places = [str(place) for place in (path, *path.parents)]
    for pattern in patterns:
        if any(fnmatchcase(place, pattern.removeprefix("!")) for place in places):
            ignored = not pattern.startswith("!")
    return ignored


def _read_patterns(path: Path) -> list[str]:
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
