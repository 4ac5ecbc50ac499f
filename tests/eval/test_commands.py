"""`dateline eval`, as far as it needs no embedding model."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import dateline
from eval.commands import write_report, write_scores
from eval.dataset import GoldError
from tests.eval.factories import make_report, make_row


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--gold", "nowhere.jsonl"], "cannot read the gold set nowhere.jsonl"),
        (["--gold", "bad.jsonl"], "bad.jsonl:1"),
        (["--gate", "--floors", "nowhere.json"], "cannot read the floors nowhere.json"),
        (["--gaet"], "--gaet"),
    ],
)
def test_what_cannot_be_evaluated_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    Path("bad.jsonl").write_text("{\n")
    monkeypatch.setattr(sys, "argv", ["dateline", "eval", *arguments])
    with pytest.raises(SystemExit) as ended:
        dateline.main()
    assert ended.value.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err


@pytest.mark.integration
def test_a_corpus_without_articles_is_an_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(sys, "argv", ["dateline", "eval", "--corpus", str(tmp_path / "empty")])
    with pytest.raises(SystemExit) as ended:
        dateline.main()
    assert ended.value.code == 2
    assert "no articles" in capsys.readouterr().err


def test_measurements_show_the_scores_of_the_gold_set_as_it_is() -> None:
    """`make docs` writes them: whoever changes the questions measures again."""
    from eval.dataset import GOLD, load_gold

    measurements = Path(__file__).parents[2] / "docs" / "measurements.md"
    text = measurements.read_text(encoding="utf-8")
    scores = text.split("<!-- scores -->")[1].split("<!-- /scores -->")[0]
    gold_set = load_gold(GOLD)
    assert f"{len(gold_set.items)} questions" in scores
    assert gold_set.digest[:8] in scores


def test_scores_replace_what_stands_between_their_marks(tmp_path: Path) -> None:
    path = tmp_path / "scores.md"
    path.write_text("# A\n<!-- scores -->\nold\n<!-- /scores -->\nend\n")
    write_scores(make_report([make_row(scores={"mrr@10": 1.0})]), path)
    written = path.read_text()
    assert written.startswith("# A\n<!-- scores -->\n1 questions over 3 articles")
    assert written.endswith("<!-- /scores -->\nend\n")
    assert "old" not in written
    path.write_text("# A\n")
    with pytest.raises(GoldError, match="add them where the scores go"):
        write_scores(make_report([make_row()]), path)


def test_a_report_is_written_in_four_forms(tmp_path: Path) -> None:
    write_report(make_report([make_row(scores={"mrr@10": 1.0})]), tmp_path / "report")
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert names == {"report.json", "report.html", "summary.md", "junit.xml"}
