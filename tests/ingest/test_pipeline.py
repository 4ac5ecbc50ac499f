"""From files to the archive, with the report that counts."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from ingest.documents import Given
from ingest.pipeline import IngestReport, archive_articles
from ingest.settings import IngestSettings
from retrieval.opening import Library
from retrieval.schema import Filters, Window
from retrieval.windows import parse_moment

STORY = (
    "The ministers of both countries signed the accord on Monday after two years of talks in the "
    "capital. It lets 40 ships a day use the northern strait without a pilot on board. Fishing "
    "crews on both shores welcomed the text, and said that the rules had been unclear for decades."
)
OTHER = (
    "A cable on the sea floor between Finland and Estonia was cut by the anchor of a tanker, the "
    "navy said. Repairs are to take two weeks."
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "news"
    path.mkdir()
    return path


def ingest(library: Library, *inputs: Path, given: Given = Given()) -> IngestReport:
    named = [str(path) for path in inputs]
    return archive_articles(named, library, IngestSettings(), lambda _name: None, given=given)


def write_line(path: Path, **fields: object) -> None:
    line = {"title": "Title", "text": STORY, "url": "https://example.org/", **fields}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def test_every_article_counts_once_in_the_report(library: Library, folder: Path) -> None:
    write_text(folder / "a.txt", STORY)
    write_text(folder / "b.txt", OTHER)
    assert ingest(library, folder) == IngestReport(added=2)
    write_text(folder / "a.txt", f"{STORY} The vote is in autumn.")
    write_text(folder / "c.md", f"# The accord\n\n{STORY} The vote is in autumn.")
    write_text(folder / "d.txt", "Too short.")
    report = ingest(library, folder, folder / "nothing.txt")
    assert (report.added, report.updated, report.unchanged, report.duplicates) == (0, 1, 1, 1)
    assert [failure.input for failure in report.failed] == [
        str(folder / "d.txt"),
        str(folder / "nothing.txt"),
    ]
    assert library.archive.count() == 3


def test_the_same_folder_again_changes_nothing(library: Library, folder: Path) -> None:
    write_text(folder / "a.txt", STORY)
    write_text(folder / "b.md", f"---\ndate: 2026-02-12\n---\n# Cable\n\n{OTHER}")
    write_line(folder / "c.jsonl", url="https://example.org/c")
    ingest(library, folder)
    revision = library.archive.latest_revision()
    assert ingest(library, folder) == IngestReport(unchanged=3)
    assert library.archive.latest_revision() == revision


def test_progress_is_told_for_every_article_that_went_in(library: Library, folder: Path) -> None:
    write_text(folder / "a.txt", STORY)
    write_text(folder / "b.txt", "Too short.")
    told: list[str] = []
    archive_articles([str(folder)], library, IngestSettings(), told.append)
    assert told == [str(folder / "a.txt")]


def test_an_article_keeps_its_identity_when_its_folder_moves(
    library: Library, folder: Path, tmp_path: Path
) -> None:
    write_text(folder / "a.txt", STORY)
    ingest(library, folder)
    moved = folder.rename(tmp_path / "moved")
    assert ingest(library, moved) == IngestReport(unchanged=1)


@pytest.mark.parametrize(
    "bad",
    [
        {"published_at": "0001-01-01T00:00:00+05:00"},
        {"published_at": "9999-12-31T23:59:59-05:00"},
        {"url": "http://[bad"},
        {"title": 5},
        {"text": None},
        {"authors": "Ann"},
        {"text": "Too short."},
        {"title": ""},
    ],
    ids=str,
)
def test_one_bad_line_does_not_stop_the_rest(
    library: Library, folder: Path, bad: dict[str, object]
) -> None:
    path = folder / "wire.jsonl"
    write_line(path, url="https://example.org/1")
    write_line(path, **{"url": "https://example.org/2", **bad})
    write_line(path, url="https://example.org/3", text=OTHER)
    report = ingest(library, path)
    assert report.added == 2
    (failure,) = report.failed
    assert failure.input == f"{path}:2"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("m.html", b"<html><link rel=canonical href='http://[bad'><p>Short.</p></html>"),
        ("m.html", b""),
        ("m.md", b"---\ntitle: a: b\n---\nWords."),
        ("m.md", b"---\ndate: 2026-02-30\n---\nWords."),
        ("m.txt", b"\x00\x01\x02"),
        ("m.txt", b"\x81\x8d"),
        ("m.jsonl", b"[1, 2"),
    ],
)
def test_one_bad_file_does_not_stop_the_rest(
    library: Library, folder: Path, name: str, content: bytes
) -> None:
    write_text(folder / "a.txt", STORY)
    (folder / name).write_bytes(content)
    write_text(folder / "z.txt", OTHER)
    report = ingest(library, folder)
    assert report.added == 2
    assert len(report.failed) == 1


def test_a_text_with_half_a_surrogate_pair_goes_in(library: Library, folder: Path) -> None:
    path = folder / "wire.jsonl"
    write_line(path, url="https://example.org/1", text=f"{STORY} \ud83d")
    write_line(path, url="https://example.org/2", text=OTHER, source="\ud83d Wire")
    assert ingest(library, path) == IngestReport(added=2)


def test_a_line_with_overlong_names_goes_in(library: Library, folder: Path) -> None:
    path = folder / "wire.jsonl"
    chance = random.Random(1)
    name = "".join(chance.choices("abcdefghijklmnopqrstuvwxyz żółw", k=20_000))
    write_line(path, url="https://example.org/1", source=name, language=name, authors=[name])
    assert ingest(library, path) == IngestReport(added=1)
    assert ingest(library, path) == IngestReport(unchanged=1)
    (article,) = library.archive
    assert article.source is not None
    assert name.startswith(article.source)


def test_every_format_brings_its_facts_into_the_archive(library: Library, folder: Path) -> None:
    write_text(folder / "a.txt", f"Ministers sign the accord\n12 February 2026\n\n{STORY}")
    write_text(folder / "b.md", f"---\ntitle: Cable cut\ndate: 2026-02-11\n---\n{OTHER}")
    stored = {}
    ingest(library, folder)
    for article in library.archive:
        assert article.published_at is not None
        stored[article.title] = (article.published_at.day, article.date_provenance)
    assert stored == {
        "Ministers sign the accord": (12, "byline"),
        "Cable cut": (11, "structured"),
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", '<meta property="article:published_time" content="{}"><p>{}</p>'),
        ("a.md", "---\ntitle: Cable cut\ndate: '{}'\n---\n{}"),
        ("a.jsonl", '{{"title": "Cable cut", "published_at": "{}", "text": "{}"}}'),
        ("a.json", '{{"uri": "urn:a", "versioncreated": "{}", "body_text": "{}"}}'),
        ("a.txt", "Cable between Finland and Estonia cut\n{}\n\n{}"),
        ("a.eml", "From: Ann <a@b.example>\nSubject: Cable cut\nDate: {}\nTo: c@d.example\n\n{}"),
    ],
    ids=lambda value: value if len(value) < 10 else "",
)
def test_an_article_s_day_is_that_of_the_zone_it_states(
    library: Library, folder: Path, name: str, content: str
) -> None:
    stated = "Thu, 05 Mar 2026 00:30:00 +0100" if name == "a.eml" else "2026-03-05T00:30:00+01:00"
    write_text(folder / name, content.format(stated, OTHER))
    assert ingest(library, folder).failed == []
    (article,) = library.archive
    assert article.published_at is not None
    assert article.published_at.isoformat() == "2026-03-05T00:30:00+01:00"
    end_of_4_march = parse_moment("2026-03-04", end_of_day=True)
    assert library.archive.count(Filters(Window(as_of=end_of_4_march))) == 0


def test_two_files_of_one_name_do_not_overwrite_each_other(library: Library, folder: Path) -> None:
    first, second = folder / "monday" / "note.txt", folder / "tuesday" / "note.txt"
    for path, text in ((first, STORY), (second, OTHER)):
        path.parent.mkdir()
        write_text(path, text)
    report = ingest(library, first, second)
    assert report.added == 1
    assert [failure.input for failure in report.failed] == [str(second)]
    assert "has the same path as" in report.failed[0].error


GIVEN = Given(parse_moment("2026-03-05T00:00Z"), "Valley News")


def test_what_is_given_counts_where_an_article_states_nothing(
    library: Library, folder: Path
) -> None:
    write_text(folder / "a.txt", STORY)
    write_line(folder / "b.jsonl", text=OTHER, published_at="2026-02-12", source="Harbour Gazette")
    assert ingest(library, folder, given=GIVEN).added == 2
    found = {each.source: each for each in library.archive}
    assert found["Valley News"].published_at == GIVEN.published_at
    assert found["Valley News"].date_provenance == "given"
    assert found["Harbour Gazette"].published_at == parse_moment("2026-02-12T00:00Z")


def test_what_was_given_stays_when_the_article_comes_again(library: Library, folder: Path) -> None:
    write_text(folder / "a.txt", STORY)
    ingest(library, folder)
    (article,) = library.archive
    library.archive.amend(article.article_id, GIVEN.published_at, GIVEN.source)
    (amended,) = library.archive
    assert (amended.published_at, amended.source) == (GIVEN.published_at, GIVEN.source)
    assert amended.revision > article.revision
    assert ingest(library, folder) == IngestReport(unchanged=1)
    write_text(folder / "a.txt", f"{STORY} The vote is in autumn.")
    assert ingest(library, folder) == IngestReport(updated=1)
    (again,) = library.archive
    assert (again.published_at, again.date_provenance) == (GIVEN.published_at, "given")


def test_a_date_that_an_article_states_later_takes_the_place_of_the_given_one(
    library: Library, folder: Path
) -> None:
    write_text(folder / "a.txt", STORY)
    ingest(library, folder, given=GIVEN)
    write_text(folder / "a.txt", f"The accord is signed\n12 February 2026\n\n{STORY}")
    ingest(library, folder)
    (article,) = library.archive
    assert article.published_at == parse_moment("2026-02-12T00:00Z")
    assert article.date_provenance == "byline"
