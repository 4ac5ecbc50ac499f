"""Small disks that can be filled: in memory, and seen by this program and its children alone."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_APART = "DATELINE_FAULTS_APART"
_PIECE = bytes(1 << 20)
_FILLING = "filling"


def move_apart() -> bool:  # noqa: RET503 - it does not come back from execvp
    """Run this program again in a mount namespace of its own; False where that is not allowed."""
    if os.environ.pop(_APART, None):
        return True
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        return False
    os.environ[_APART] = "yes"
    os.execvp("unshare", ["unshare", "-m", sys.executable, *sys.orig_argv[1:]])


@dataclass(frozen=True, slots=True)
class Disk:
    folder: Path

    def fill(self) -> None:
        """To the last byte."""
        with (self.folder / _FILLING).open("wb", buffering=0) as file, suppress(OSError):
            while file.write(_PIECE):
                pass

    def free(self) -> None:
        (self.folder / _FILLING).unlink(missing_ok=True)


def mount(folder: Path, megabytes: int) -> Disk:
    folder.mkdir(parents=True, exist_ok=True)
    size = f"size={megabytes}m,mode=777"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)], check=True)
    return Disk(folder)


def unmount(disk: Disk) -> None:
    subprocess.run(["umount", "-l", str(disk.folder)], check=True)
