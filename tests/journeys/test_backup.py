"""An archive saved on one machine and brought back on another answers as it did."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.conftest import CommandLine

QUESTIONS = (
    "Which command oversees Arctic Sentry?",
    "What did the Hague summit agree on?",
    "Who won the 2031 election?",
)


def test_a_restored_archive_gives_the_answers_of_the_one_that_was_saved(
    newsroom: CommandLine, tmp_path: Path
) -> None:
    file = tmp_path / "saved.gz"
    saved = newsroom.json("backup", str(file))
    other = CommandLine(tmp_path / "other")
    restored = other.run("restore", str(file))
    assert restored.returncode == 0, restored.stderr
    assert f"{saved['rows']['articles']} articles" in restored.stdout
    for question in QUESTIONS:
        asked = ("ask", question, "--asked-at", "2026-03-01")
        before, after = newsroom.json(*asked), other.json(*asked)
        for each in (before, after):
            for changing in ("id", "conversation_id", "timings_ms"):
                del each[changing]
        assert after == before


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
