"""What is in an image: how large, whose, and nothing that builds programs."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from deploy.check.building import Build

MOST_BYTES = 1_500_000_000
# Debian's `as` and `ld` come with every compiler of its own.
_COMPILERS = ("gcc", "cc", "g++", "c++", "clang", "as", "ld", "make", "rustc", "go", "nvcc")
_ABSENT = ("tests", "eval", "benchmarks", "deploy")


def measure(folder: Path) -> int:
    """Bytes of the files below, links not followed; what has two names counts once."""
    found = {(status.st_dev, status.st_ino): status.st_size for _, status in _walk(folder)}
    return sum(found.values())


def list_largest(folder: Path, count: int) -> list[tuple[int, str]]:
    """Bytes and names of what lies in the folder, the largest first."""
    sizes = (
        (measure(path) if path.is_dir() else path.lstat().st_size, path.name)
        for path in folder.iterdir()
    )
    return sorted(sizes, reverse=True)[:count]


def find_problems(image: Build) -> Iterator[str]:
    """What an image of ours must not have, or must have and has not."""
    if (size := measure(image.root)) > MOST_BYTES:
        yield f"{size / 1e6:.0f} MB is more than {MOST_BYTES / 1e6:.0f}"
    if image.user.partition(":")[0] in {"", "0", "root"}:
        yield "it runs as root"
    yield from _find_builders(image)
    yield from _find_leftovers(image)
    yield from _find_strangers(image)


def _find_builders(image: Build) -> Iterator[str]:
    for folder in image.environment["PATH"].split(":"):
        for name in _COMPILERS:
            if (image.root / folder[1:] / name).exists():
                yield f"{folder}/{name} builds programs"


def _find_leftovers(image: Build) -> Iterator[str]:
    packages = find_packages(image)
    yield from (f"{name} is in it" for name in _ABSENT if (packages / name).exists())
    for cache in ("root/.cache", "var/lib/apt/lists", "src"):
        if any(path.is_file() for path in (image.root / cache).rglob("*")):
            yield f"/{cache} holds files"


def _find_strangers(image: Build) -> Iterator[str]:
    """Its user owns its home and nothing else, and what runs is nobody's to change."""
    home = image.root / image.environment["DATELINE_HOME"][1:]
    user = int(image.user.partition(":")[0])
    if home.stat().st_uid != user:
        yield f"{image.environment['DATELINE_HOME']} is not its user's"
    for path, status in _walk(image.root):
        if status.st_uid == user and not path.is_relative_to(home):
            yield f"/{path.relative_to(image.root)} is its user's"
        is_ours = path.is_relative_to(image.root / "opt")
        if is_ours and (status.st_uid or (status.st_mode & stat.S_IWOTH and not path.is_symlink())):
            yield f"/{path.relative_to(image.root)} can be changed by others than root"


def find_packages(image: Build) -> Path:
    (packages,) = (image.root / "opt/dateline/lib").glob("python3.*/site-packages")
    return packages


def _walk(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for root, _, names in os.walk(folder):
        for path in (Path(root), *(Path(root, name) for name in names)):
            yield path, path.lstat()
