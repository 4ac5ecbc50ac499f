"""An ingest that is killed and run again ends where an undisturbed one does."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from benchmarks.homes import find_differences, read_home
from benchmarks.kills import Pace, finish, kill_at_random, look_into
from tests.journeys.conftest import EXAMPLES, CommandLine
from tests.stores import make_settings

pytestmark = pytest.mark.integration

# About what two cores need; where an ingest ends sooner, it is started again to be killed.
PACE = Pace(first_indexed_s=8, ended_s=11)
WORDS = ("NATO", "Finland", "soldiers", "Tuesday")


def test_ingest_killed_at_random_ends_where_an_undisturbed_one_does(
    command_line: CommandLine, newsroom: CommandLine
) -> None:
    def start() -> subprocess.Popen[str]:
        return start_ingest(command_line)

    settings = make_settings(command_line.home)
    kills = kill_at_random(start, settings, PACE, kills=3, chance=random.Random(5))
    assert len(list(kills)) == 3
    finish(start)
    assert_homes_agree(newsroom.home, command_line.home)


def test_what_was_half_made_when_ingest_was_killed_is_taken_away_by_the_next(
    command_line: CommandLine, newsroom: CommandLine
) -> None:
    kill_when(command_line, is_making_a_generation)
    kill_when(command_line, is_copying_the_model)
    finish(lambda: start_ingest(command_line))
    assert_homes_agree(newsroom.home, command_line.home)


def start_ingest(command_line: CommandLine) -> subprocess.Popen[str]:
    return command_line.start("ingest", str(EXAMPLES))


def assert_homes_agree(undisturbed: Path, killed: Path) -> None:
    expected, home = (read_home(make_settings(each), WORDS) for each in (undisturbed, killed))
    assert find_differences(expected, home) == ()


def kill_when(command_line: CommandLine, is_half_done: Callable[[Path], bool]) -> None:
    process = start_ingest(command_line)
    while not is_half_done(command_line.home):
        assert process.poll() is None, "ingest ended without doing this"
        time.sleep(0.005)
    process.kill()
    process.communicate()


def is_making_a_generation(home: Path) -> bool:
    """The database knows a generation whose indexes are not there yet."""
    try:
        with look_into(make_settings(home)) as archive:
            found = archive.exec_driver_sql("SELECT active FROM generations").scalars().all()
    except DBAPIError:
        return False
    return list(map(bool, found)) == [False]


def is_copying_the_model(home: Path) -> bool:
    return any((home / "models").glob("*.unfinished"))
