"""What pytest says and does where a program is missing, on a machine without Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

NEEDY = """
import pytest
from tests.programs import CHROMIUM

@pytest.fixture(scope="session")
def browser():
    return CHROMIUM.require()

def test_one(browser): pass
def test_another(browser): assert browser
def test_without(): pass
def test_skipped_as_ever(): pytest.skip("not today")
"""
SAID = "Skipped for want of Chromium: web (2 tests); install it with `apt-get install chromium`."


@pytest.fixture(autouse=True)
def programs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of programs, which is empty."""
    folder = pytester.mkdir("programs")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    (pytester.mkdir("web") / "test_page.py").write_text(NEEDY)
    return folder


def run(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    return pytester.runpytest_inprocess("-ra", "-p", "tests.missing", *options)


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n1")], ids=["here", "in a worker"])
def test_tests_that_need_a_missing_program_are_skipped_and_one_line_says_so(
    pytester: pytest.Pytester, options: tuple[str, ...]
) -> None:
    ran = run(pytester, *options)
    assert ran.ret == pytest.ExitCode.OK
    assert [line for line in ran.outlines if "Chromium" in line][:-1] == [SAID]
    ran.stdout.fnmatch_lines("*1 passed, 1 skipped, 2 skipped for want of Chromium*")


def test_a_demanded_program_that_is_missing_is_an_error_and_no_test_runs(
    pytester: pytest.Pytester,
) -> None:
    ran = run(pytester, "--demand", "chromium")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    assert ran.errlines == [
        "ERROR: Chromium is not installed; install it with `apt-get install chromium`",
        "",
    ]


def test_a_demanded_program_that_is_there_is_used(
    pytester: pytest.Pytester, programs: Path
) -> None:
    (programs / "google-chrome").touch(0o755)
    ran = run(pytester, "--demand", "chromium")
    ran.assert_outcomes(passed=3, skipped=1)


def test_a_program_that_nobody_knows_cannot_be_demanded(pytester: pytest.Pytester) -> None:
    assert run(pytester, "--demand", "chromum").ret == pytest.ExitCode.USAGE_ERROR
