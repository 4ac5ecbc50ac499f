"""A folder as a root: made by debootstrap, reached by chroot.

Whoever uses this is in a mount namespace of its own, which takes every mount along when it ends.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

# Debian's own images have none of it either.
_UNWANTED = (
    *("var/cache/apt/archives", "var/lib/apt/lists"),
    *("usr/share/doc", "usr/share/locale", "usr/share/man"),
)


def bootstrap(root: Path, suite: str, packages: tuple[str, ...]) -> None:
    """Debian's smallest system of this suite, with these packages; slim as images are."""
    included = f"--include={','.join(packages)}"
    with (root.parent / f"{root.name}.log").open("wb") as log:
        subprocess.run(
            ["debootstrap", "--variant=minbase", included, suite, str(root)],
            check=True,
            stdout=log,
            stderr=log,
        )
    for unwanted in _UNWANTED:
        shutil.rmtree(root / unwanted)
        (root / unwanted).mkdir()


def run_in(
    root: Path,
    script: str,
    environment: Mapping[str, str],
    folder: str = "/",
    user: str = "0:0",
) -> None:
    """Raises CalledProcessError. What it prints is shown."""
    subprocess.run(
        [*enter(root, user), "/bin/sh", "-c", f"cd {shlex.quote(folder)} && {script}"],
        check=True,
        env=dict(environment),
    )


def enter(root: Path, user: str) -> list[str]:
    """What comes before a command that is run there by this user and group, `UID:GID`."""
    return ["chroot", f"--userspec={user}", "--groups=", str(root)]


@contextmanager
def bound(source: Path, target: Path, *, writable: bool = False) -> Iterator[None]:
    """`source`, folder or file, seen at `target` too."""
    with _place_for(source, target):
        _mount("--rbind", str(source), str(target))
        try:
            if not writable:
                _mount("-o", "remount,bind,ro", str(target))
            yield
        finally:
            subprocess.run(["umount", "--recursive", "--lazy", str(target)], check=True)


@contextmanager
def mounted(root: Path, *also: Path) -> Iterator[None]:
    """With devices, processes and the network's names; `also` are seen at their own places."""
    shared = (Path("/etc/resolv.conf"), *also)
    with ExitStack() as stack:
        for folder in ("/dev", "/proc"):
            stack.enter_context(bound(Path(folder), root / folder[1:], writable=True))
        for path in shared:
            stack.enter_context(bound(path.resolve(), root / str(path)[1:]))
        yield


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


@contextmanager
def _place_for(source: Path, target: Path) -> Iterator[None]:
    """Somewhere to mount on, removed again where it was not there."""
    made = [path for path in (target, *target.parents) if not path.exists()]
    if made:
        (target if source.is_dir() else target.parent).mkdir(parents=True, exist_ok=True)
        if not source.is_dir():
            target.touch()
    try:
        yield
    finally:
        for path in made:
            if path.is_dir():
                os.rmdir(path)
            else:
                path.unlink()
