"""The commands of ingestion, as far as no model is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingest.commands import app, build_report
from ingest.documents import Failure
from ingest.pipeline import IngestReport
from retrieval.errors import ArticleNotFound
from retrieval.opening import open_library
from retrieval.schema import Article
from retrieval.settings import RetrievalSettings
from tests.factories import make_article, put_article


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def archive_one() -> Article:
    article = make_article(authors=("Ann Ekholm",))
    with open_library(RetrievalSettings.load()) as library:
        put_article(library.archive, article)
    return article


def test_the_report_has_the_shape_that_scripts_rely_on() -> None:
    report = IngestReport(1, 2, 3, 4, [Failure("a.pdf", "has a format not known here")])
    assert build_report(report, chunks=5, seconds=0.25) == {
        "added": 1,
        "updated": 2,
        "unchanged": 3,
        "duplicates": 4,
        "failed": [{"input": "a.pdf", "error": "has a format not known here"}],
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


def test_articles_are_listed_and_shown_as_json() -> None:
    article = archive_one()
    (listed,) = json.loads(run("articles", "list", "--json").stdout)["articles"]
    assert listed["article_id"] == article.article_id
    shown = json.loads(run("articles", "show", article.article_id, "--json").stdout)
    assert shown == {**listed, "text": article.text}
    assert shown["revision"] == 1


def test_articles_are_listed_and_shown_to_people() -> None:
    assert "There are no articles yet" in run("articles", "list").stdout
    article = archive_one()
    assert article.article_id in run("articles", "list").stdout
    shown = run("articles", "show", article.article_id).stdout
    assert shown.startswith(f"{article.title}\nMeridian Wire, 25 June 2025\n{article.url}\n")
    assert article.text in shown


@pytest.mark.parametrize("command", ["show", "remove"])
def test_an_id_that_is_not_there_is_named(command: str) -> None:
    ran = run("articles", command, "nothing")
    assert isinstance(ran.exception, ArticleNotFound)
    assert "nothing" in str(ran.exception)


def test_removing_several_removes_none_if_one_is_not_there() -> None:
    article = archive_one()
    assert isinstance(
        run("articles", "remove", article.article_id, "nothing").exception, ArticleNotFound
    )
    with open_library(RetrievalSettings.load()) as library:
        assert library.archive.count() == 1
