"""`dateline eval`, as far as it needs no embedding model."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import dateline


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
