"""Programs that some tests start and pip does not install.

`python -m tests.programs` names the Debian packages of those that are missing here. CI asks it
before anything is installed, so it imports nothing but Python's own modules.
"""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

# Debian keeps PostgreSQL's programs off the path.
_OFF_PATH = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)


@dataclass(frozen=True, slots=True)
class Program:
    """`package` is Debian's; the first of `commands` that is found is the one to start."""

    name: str
    package: str
    commands: tuple[str, ...]

    @property
    def absence(self) -> str:
        return f"{self.name} is not installed"

    @property
    def cure(self) -> str:
        return f"install it with `apt-get install {self.package}`"

    def find(self) -> str | None:
        return next(filter(None, map(find_command, self.commands)), None)

    def require(self) -> str:
        """The path to start; the test that asks is skipped where there is none."""
        import pytest

        return self.find() or pytest.skip(self.absence)


# Debian's name, then Ubuntu's, then those of GitHub's runners and of other systems.
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = Program("Chromium", "chromium", _BROWSERS)
POSTGRESQL = Program("PostgreSQL", "postgresql", ("initdb",))
PROGRAMS = (CHROMIUM, POSTGRESQL)


def find_command(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *_OFF_PATH]))


if __name__ == "__main__":
    missing = (program.package for program in PROGRAMS if program.find() is None)
    sys.stdout.write(" ".join(missing) + "\n")
