"""The commands of ingestion, as far as no model is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingest.commands import app
from ingest.documents import Failure
from ingest.pipeline import IngestReport, build_report
from retrieval.errors import SettingsError


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_the_report_has_the_shape_that_scripts_rely_on() -> None:
    report = IngestReport(1, 2, 3, 4, [Failure("a.pdf", "has an unknown format")])
    assert build_report(report, chunks=5, seconds=0.25) == {
        "added": 1,
        "updated": 2,
        "unchanged": 3,
        "duplicates": 4,
        "withdrawn": 0,
        "failed": [{"input": "a.pdf", "error": "has an unknown format"}],
        "left_out": 0,
        "chunks": 5,
        "seconds": 0.25,
    }


def test_ingest_of_what_cannot_be_read_ends_with_3_and_json_alone(tmp_path: Path) -> None:
    ran = run("ingest", str(tmp_path / "nothing.txt"), "--json")
    assert ran.exit_code == 3
    report = json.loads(ran.stdout)
    assert (report["added"], report["chunks"]) == (0, 0)
    assert [failure["input"] for failure in report["failed"]] == [str(tmp_path / "nothing.txt")]


def test_ingest_names_failures_on_standard_error(tmp_path: Path) -> None:
    ran = run("ingest", str(tmp_path / "nothing.txt"))
    assert ran.exit_code == 3
    assert "nothing.txt does not exist" in ran.stderr
    assert "0 added" in ran.stdout


def test_ingest_without_an_input_says_what_to_name() -> None:
    assert "nothing to ingest" in str(run("ingest").exception)


def test_a_list_names_inputs_a_line_each(tmp_path: Path) -> None:
    names = tmp_path / "inputs.txt"
    names.write_text(f"# mine\n{tmp_path}/one.txt\n\n  {tmp_path}/two words.txt \n")
    report = json.loads(run("ingest", "--list", str(names), "--json").stdout)
    assert [failure["input"] for failure in report["failed"]] == [
        f"{tmp_path}/one.txt",
        f"{tmp_path}/two words.txt",
    ]


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"])
def test_a_list_that_cannot_be_read_is_an_error(tmp_path: Path, content: bytes | None) -> None:
    names = tmp_path / "inputs.txt"
    if content:
        names.write_bytes(content)
    assert "inputs.txt" in str(run("ingest", "--list", str(names)).exception)


def test_watching_asks_for_a_sensible_interval(tmp_path: Path) -> None:
    ran = run("ingest", str(tmp_path), "--watch", "--every", "often")
    assert isinstance(ran.exception, SettingsError)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--date", "soon"), "cannot read 'soon' as a date"),
        (("--date", "2999-01-01"), "is in the future"),
        (("--source", " "), "--source is empty"),
    ],
)
def test_what_cannot_be_a_date_or_a_source_is_refused(
    tmp_path: Path, arguments: tuple[str, str], problem: str
) -> None:
    assert problem in str(run("ingest", str(tmp_path), *arguments).exception)
