"""A pytest plugin: a test whose program is missing is skipped, and one line says so at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePath

import pytest

from tests.programs import POSTGRESQL, PROGRAMS, Program


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--demand",
        action="append",
        default=[],
        choices=[program.package for program in PROGRAMS],
        help="fail at once if this program is missing, instead of skipping its tests",
    )
    parser.addoption(
        "--servers", action="store_true", help="archives on PostgreSQL, vectors on a Chroma server"
    )


def pytest_configure(config: pytest.Config) -> None:
    demanded = set(config.getoption("--demand"))
    if config.getoption("--servers"):
        demanded.add(POSTGRESQL.package)
    for program in PROGRAMS:
        if program.package in demanded and program.find() is None:
            raise pytest.UsageError(f"{program.absence}; {program.cure}")


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A category of its own, which pytest's list of skipped tests does not repeat."""
    for program in PROGRAMS:
        if _is_for_want_of(program, report):
            return _name_category(program), "s", "SKIPPED"
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for program in PROGRAMS:
        if skipped := terminalreporter.stats.get(_name_category(program)):
            places = _list_places(report.nodeid for report in skipped)
            terminalreporter.write_line(
                f"Skipped for want of {program.name}: {places}; {program.cure}.", yellow=True
            )


def _is_for_want_of(program: Program, report: pytest.TestReport) -> bool:
    # A skip is told as a file, a line and the reason.
    told = report.longrepr
    return report.skipped and isinstance(told, tuple) and told[2].endswith(program.absence)


def _name_category(program: Program) -> str:
    return f"skipped for want of {program.name}"


def _list_places(test_ids: Iterable[str]) -> str:
    """The folders and how many tests each has: `tests/bot/web (54 tests)`."""
    folders = Counter(str(PurePath(test_id.split("::")[0]).parent) for test_id in test_ids)
    return ", ".join(
        f"{folder} ({count} test{'' if count == 1 else 's'})"
        for folder, count in sorted(folders.items())
    )
