"""`dateline feedback`: from an answer to a gold question."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import dateline
from bot.answering.conversation import Conversation
from bot.answering.questions import build_question
from bot.answering.turns import TurnLog
from bot.feedback import FeedbackLog, Verdict
from bot.feedback_commands import app
from ingest import housekeeping
from retrieval.errors import SettingsError, StorageError
from tests.bot.factories import Shelf
from tests.factories import make_article

GOOD = "Who chaired the talks of the allies in The Hague?"
BAD = "Where will the next summit be held?"
DECLINED = "How do penguins feed their chicks in Antarctica?"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["feedback", *arguments])


def judge(shelf: Shelf, question: str, verdict: Verdict, comment: str | None = None) -> str:
    turns = TurnLog(shelf.library.database, timedelta(days=30))
    conversation = Conversation(shelf.build_answerer(), turns, None)
    answer = conversation.answer(build_question(question, asked_at="2025-07-01"))
    FeedbackLog(shelf.library.database).give("", answer.answer_id, verdict, comment)
    return answer.answer_id


@pytest.fixture
def judged(shelf: Shelf) -> tuple[str, str, str]:
    """The ids of an answer found good, one found bad and a refusal found right."""
    shelf.put(make_article(), make_article(title="Copy", url=None, path="desk/copy.txt"))
    return (
        judge(shelf, GOOD, "up"),
        judge(shelf, BAD, "down", "[red]Not \x1b[31mthere[/red]"),
        judge(shelf, DECLINED, "up"),
    )


def read_json(*arguments: str) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = json.loads(run("list", "--json", *arguments).stdout)["feedback"]
    return listed


def test_feedback_is_listed_as_json_by_verdict(judged: tuple[str, str, str]) -> None:
    assert [each["answer_id"] for each in read_json()] == list(judged)
    (bad,) = read_json("--verdict", "down")
    assert (bad["answer_id"], bad["question"], bad["understood"]) == (judged[1], BAD, BAD)
    assert bad["citations"]


def test_feedback_is_listed_to_people_and_moves_nothing_on_their_terminal(
    judged: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = run("list").stdout
    assert all(answer_id in shown for answer_id in judged)
    assert "[red]Not" in shown
    assert "\x1b[31m" not in shown


def test_without_feedback_the_list_says_so() -> None:
    assert "There is no feedback yet" in run("list").stdout
    assert read_json() == []


def test_feedback_is_removed_by_the_answer_s_id(judged: tuple[str, str, str]) -> None:
    assert run("remove", judged[0], judged[1]).stdout == "2 verdict(s) removed.\n"
    assert [each["answer_id"] for each in read_json()] == [judged[2]]
    assert isinstance(run("remove", judged[0]).exception, SettingsError)


def test_an_export_to_a_folder_that_is_not_there_is_an_error_and_leaves_nothing() -> None:
    assert isinstance(run("export", "nowhere/gold.jsonl").exception, StorageError)
    assert not Path("nowhere").exists()


def check_gold(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["dateline", "eval", "--check", *arguments])
    with pytest.raises(SystemExit) as ended:
        dateline.main()
    return ended.value.code if isinstance(ended.value.code, int) else 0


def test_an_export_is_a_gold_set_once_a_person_has_finished_it(
    judged: tuple[str, str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("corpus").mkdir()
    CliRunner().invoke(housekeeping.app, ["export", "corpus/all.jsonl"])
    assert "3 question(s)" in run("export", "gold.jsonl").stdout
    assert len(run("export", "--verdict", "down").stdout.splitlines()) == 1
    arguments = ("--gold", "gold.jsonl", "--corpus", "corpus")
    assert check_gold(monkeypatch, *arguments) == 1
    faults = capsys.readouterr().err
    assert f"{judged[0]}: has no accepted string" in faults
    assert f"{judged[1]}: answerable questions need evidence" in faults
    assert judged[2] not in faults, "a refusal that was right wants nothing more"

    good, bad, declined = map(json.loads, Path("gold.jsonl").read_text().splitlines())
    good["accepted"] = ["Mark Rutte"]
    bad["answer"], bad["accepted"] = "In Ankara.", ["Ankara"]
    quote = "The next summit will be held in Ankara, Türkiye."
    bad["evidence"] = [{"article": "desk/copy.txt", "quote": quote}]
    finished = "\n".join(json.dumps(item) for item in (good, bad, declined))
    Path("gold.jsonl").write_text(finished)
    assert check_gold(monkeypatch, *arguments) == 0
    assert "3 questions are valid." in capsys.readouterr().out
