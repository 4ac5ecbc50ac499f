"""The commands that look after the archive, as far as no model is needed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingest.housekeeping import app, parse_age
from retrieval.errors import ArticleNotFound, InvalidDate, SettingsError, StorageError
from retrieval.opening import open_library
from retrieval.schema import Article, Edition
from retrieval.settings import RetrievalSettings
from tests.factories import SUMMIT, make_article, put_article
from tests.stores import build_environment

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def archive(*articles: Article) -> None:
    with open_library(RetrievalSettings.load()) as library:
        for article in articles:
            put_article(library.archive, article)


def archive_one() -> Article:
    article = make_article(authors=("Ann Ekholm",))
    archive(article)
    return article


def read_archive() -> dict[str, Article]:
    with open_library(RetrievalSettings.load()) as library:
        return {article.article_id: article for article in library.archive}


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


def test_what_publishers_have_withdrawn_is_listed() -> None:
    assert "No publisher has withdrawn" in run("articles", "list", "--withdrawn").stdout
    article = archive_one()
    notice = Edition(created_at=NOW, standing="withdrawn", identity=article.url)
    with open_library(RetrievalSettings.load()) as library:
        library.archive.withdraw(article.article_id, notice)
    said = "was withdrawn by Meridian Wire on 1 March 2026"
    assert f"{article.url} {said}" in run("articles", "list", "--withdrawn").stdout
    assert json.loads(run("articles", "list", "--withdrawn", "--json").stdout)["withdrawn"] == [
        {
            "article_id": article.article_id,
            "identity": article.url,
            "withdrawn_by": "Meridian Wire",
            "withdrawn_at": "2026-03-01T12:00:00Z",
        }
    ]
    assert said in str(run("articles", "show", article.article_id).exception)


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


def test_removing_asks_for_something_to_remove() -> None:
    assert isinstance(run("articles", "remove").exception, SettingsError)


def test_an_age_is_days_weeks_years_or_a_date() -> None:
    assert parse_age("90d", NOW) == datetime(2025, 12, 1, 12, tzinfo=UTC)
    assert parse_age("2W", NOW) == datetime(2026, 2, 15, 12, tzinfo=UTC)
    assert parse_age("1y", NOW) == datetime(2025, 3, 1, 12, tzinfo=UTC)
    assert parse_age("2025-06-25", NOW) == datetime(2025, 6, 25, tzinfo=UTC)
    assert parse_age("99999y", NOW) == datetime.min.replace(tzinfo=UTC)
    for wrong in ("90", "0d", "-1d", "soon", ""):
        with pytest.raises(InvalidDate):
            parse_age(wrong, NOW)


def make_kinds() -> tuple[Article, ...]:
    """One article of every provenance, with and without what may be missing."""
    url = "https://example.org/"
    return (
        make_article(title="A “quoted” title", url=f"{url}1", authors=("Ann Ekholm", "Bo Lund")),
        replace(
            make_article(url=f"{url}2", date_provenance="feed", text=SUMMIT + "\n\nZażółć gęślą."),
            modified_at=datetime(2025, 6, 26, 8, 30, tzinfo=UTC),
            language="pl",
        ),
        make_article(url=f"{url}3", date_provenance="url", source=None, text=SUMMIT[::-1]),
        make_article(url=None, path="notes/b.txt", date_provenance="byline", text=SUMMIT * 3),
        make_article(url=None, path="notes/a.txt", published_at=None, text=SUMMIT.upper()),
    )


def test_what_is_exported_comes_back_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive(*make_kinds())
    exported = read_archive()
    file = tmp_path / "all.jsonl"
    assert "5 article(s)" in run("export", str(file)).stdout
    assert run("export").stdout == file.read_text(encoding="utf-8")
    for name, value in build_environment(tmp_path / "other").items():
        monkeypatch.setenv(name, value)
    archive_lines(file)
    assert read_archive() == exported


def archive_lines(file: Path) -> None:
    from ingest.pipeline import archive_articles
    from ingest.settings import IngestSettings

    with open_library(RetrievalSettings.load()) as library:
        report = archive_articles([str(file)], library, IngestSettings(), lambda _: None)
    assert report.failed == []


def test_an_export_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    archive_one()
    ran = run("export", str(tmp_path / "nothing" / "all.jsonl"))
    assert isinstance(ran.exception, StorageError)
    assert "cannot write" in str(ran.exception)
    assert list(tmp_path.glob("**/*.part")) == []


def test_an_export_has_no_article_that_was_removed() -> None:
    archive(*make_kinds())
    with open_library(RetrievalSettings.load()) as library:
        library.archive.remove(make_kinds()[0].article_id)
    urls = [json.loads(line)["url"] for line in run("export").stdout.splitlines()]
    assert urls == ["https://example.org/2", "https://example.org/3", None, None]


def test_setting_nothing_or_what_is_not_there_says_what_to_do() -> None:
    assert "give --date" in str(run("articles", "set", "x").exception)
    ran = run("articles", "set", "x", "--date", "2026-02-12")
    assert isinstance(ran.exception, ArticleNotFound)
