"""An archive saved on one machine and brought back on another answers as it did."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gold_clients import ask_all, find_differences
from benchmarks.restores import UNLIMITED, Load, back_up, restore
from eval.dataset import GOLD, load_gold
from tests.journeys.conftest import CommandLine, copy_newsroom, serving

pytestmark = pytest.mark.integration


def test_a_backup_taken_under_load_answers_elsewhere_as_before(
    newsroom: CommandLine, tmp_path: Path
) -> None:
    """`python -m benchmarks.restores` is the same with every gold question and on servers."""
    items = [*load_gold(GOLD).items[::25], *(i for i in load_gold(GOLD).items if i.previous)][:10]
    asked = CommandLine(copy_newsroom(newsroom, tmp_path / "home").home, UNLIMITED)
    backup = back_up(asked, tmp_path / "saved.gz", items, Load(askers=1, writers=1, seconds=1))
    assert backup.observed.errors == []
    assert backup.observed.questions
    assert backup.articles > 42

    other = CommandLine(tmp_path / "other", UNLIMITED)
    assert restore(other, backup.file) == backup.articles - 42
    with serving(other) as url:
        assert find_differences(backup.answers, ask_all(url, items)) == []


def test_restoring_twice_or_from_nothing_is_refused_in_one_line(
    newsroom: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "saved.gz"
    assert newsroom.run("backup", str(file)).returncode == 0
    again = newsroom.run("restore", str(file))
    assert again.returncode == 1
    assert "the archive is not empty" in again.stderr
    missing = CommandLine(tmp_path / "other").run("restore", str(tmp_path / "missing.gz"))
    assert missing.returncode == 2
    assert "No such file" in missing.stderr
    assert len(missing.stderr.splitlines()) == 1
