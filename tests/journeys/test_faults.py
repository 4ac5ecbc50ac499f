"""What goes wrong: each fault gets one line, the right exit code, and loses nothing."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.journeys.conftest import EXAMPLES, CommandLine, copy_newsroom

pytestmark = pytest.mark.integration


def test_unusable_inputs_are_named_and_the_rest_is_taken_in(
    command_line: CommandLine, tmp_path: Path
) -> None:
    inputs = tmp_path / "inputs"
    (inputs / "none").mkdir(parents=True)
    (inputs / "empty.txt").write_text("")
    (inputs / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (inputs / "large.txt").write_text("A sentence goes on. " * 1_500_000)
    (inputs / "loop.txt").symlink_to(inputs / "loop.txt")
    good = EXAMPLES / "meridian-wire" / "2023-04-04-finland-joins.txt"
    names = ["empty.txt", "binary.txt", "large.txt", "loop.txt", "none", "missing.txt"]
    finished = command_line.run(
        "ingest", *(str(inputs / name) for name in names), str(good), "--json"
    )
    report = json.loads(finished.stdout)
    errors = {Path(failure["input"]).name: failure["error"] for failure in report["failed"]}
    assert finished.returncode == 3
    assert report["added"] == 1
    assert errors["empty.txt"] == "is empty"
    assert errors["binary.txt"].startswith("is binary")
    assert errors["large.txt"].startswith("is too large for one article (30,000,000 bytes")
    assert errors["none"].startswith("holds no articles")
    assert set(errors) == set(names)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("ask", "--wrong", "x"), "No such option: --wrong"),
        (("ask",), "Missing argument 'QUESTION'"),
        (("ask", "x", "--as-of", "soon"), "cannot read 'soon' as a date"),
        (("articles", "show", "0"), "no article has the id '0'"),
        (("serve", "--host", "0.0.0.0"), "refusing to serve on 0.0.0.0"),
        (("slack",), "set SLACK_APP_TOKEN"),
    ],
)
def test_usage_errors_are_one_line_and_exit_2(
    command_line: CommandLine, arguments: tuple[str, ...], said: str
) -> None:
    finished = command_line.run(*arguments)
    assert finished.returncode == 2
    assert said in finished.stderr
    assert finished.stderr.startswith("dateline: ")
    assert finished.stderr.count("\n") == 1
    assert finished.stdout == ""


def test_settings_that_the_index_was_not_made_with_are_named(newsroom: CommandLine) -> None:
    other = CommandLine(newsroom.home, {"DATELINE_RETRIEVAL__CHUNK_SIZE_TOKENS": "120"})
    mismatch = other.run("ask", "What is Arctic Sentry?")
    assert mismatch.returncode == 2
    assert "retrieval.chunk_size_tokens = 200, but the settings say 120" in mismatch.stderr


@pytest.mark.embedded
def test_a_missing_index_says_how_to_rebuild(newsroom: CommandLine, tmp_path: Path) -> None:
    moved = copy_newsroom(newsroom, tmp_path / "home")
    shutil.rmtree(moved.home / "chroma")
    missing = moved.run("ask", "What is Arctic Sentry?")
    assert missing.returncode == 2
    assert "vector index is missing: run `dateline reindex`" in missing.stderr
    assert moved.run("reindex").returncode == 0
    assert moved.json("ask", "What is Arctic Sentry?")["answered"]


def test_full_disk_is_said_and_the_next_run_completes(command_line: CommandLine) -> None:
    def fill_the_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))

    full = command_line.run("ingest", str(EXAMPLES), preexec_fn=fill_the_disk)
    assert full.returncode == 1
    assert full.stderr.splitlines()[-1].startswith("dateline: ")
    assert "Traceback" not in full.stderr
    report = command_line.json("ingest", str(EXAMPLES))
    assert report["failed"] == []
    assert len(command_line.json("articles", "list")["articles"]) == 42


@pytest.mark.parametrize("moment_s", [1.5, 5.0])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_stopped_ingest_is_finished_by_the_next(
    command_line: CommandLine, newsroom: CommandLine, how: signal.Signals, moment_s: float
) -> None:
    process = command_line.start("ingest", str(EXAMPLES))
    time.sleep(moment_s)
    process.send_signal(how)
    _, stderr = process.communicate(timeout=60)
    assert "Traceback" not in stderr
    if how == signal.SIGINT and process.returncode:
        assert process.returncode == 130
        assert "interrupted" in stderr
    assert command_line.run("ingest", str(EXAMPLES)).returncode == 0
    questions = ("Which command will run Arctic Sentry?", "When did Finland join NATO?")
    for question in questions:
        finished, undisturbed = (
            each.json("ask", question)["answer"] for each in (command_line, newsroom)
        )
        assert finished == undisturbed


def test_two_ingests_at_once_lose_nothing(command_line: CommandLine) -> None:
    folders = ("meridian-wire", "harbour-courier")
    running: list[subprocess.Popen[str]] = [
        command_line.start("ingest", str(EXAMPLES / folder), "--json") for folder in folders
    ]
    reports = [json.loads(process.communicate(timeout=100)[0]) for process in running]
    assert [report["failed"] for report in reports] == [[], []]
    assert len(command_line.json("articles", "list")["articles"]) == 22
    assert command_line.json("ask", "When did Finland join NATO?")["answered"]
    assert command_line.json("ask", "When did Sweden become a member of NATO?")["answered"]
