"""A backup written from one real archive and restored into another."""

from __future__ import annotations

import gzip
import json
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.answering.questions import build_question
from bot.answering.turns import TurnLog
from bot.feedback import FeedbackLog
from ingest.indexer import Indexer
from retrieval.backup import restore_backup, write_backup
from retrieval.database import HEAD
from retrieval.errors import BackupUnreadable, StorageError
from retrieval.indexes import hold_indexes
from retrieval.opening import Library, build_retriever, open_library
from retrieval.settings import RetrievalSettings
from retrieval.tables import metadata, slack_bots, slack_events
from tests.bot.factories import make_answer
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder

DERIVED = {"generations", "chunks", "slack_oauth_states"}


@pytest.fixture
def filled(library: Library) -> Library:
    """Articles, one of them changed and one removed, a conversation and feedback."""
    for number in range(450):
        article = make_article(title=f"Żółw {number}", url=f"https://example.org/{number}")
        library.archive.put(article, None, (number, number + 1_000))
    kept = make_article(title="Żółw 0", url="https://example.org/0", authors=("Łukasz",))
    put_article(library.archive, kept)
    library.archive.remove(make_article(url="https://example.org/1").article_id)
    turns = TurnLog(library.database, timedelta(days=1))
    answer = replace(make_answer(), answer_id="a1", conversation_id="c1")
    turns.write(build_question("Who chaired the talks?"), "Who chaired the talks?", answer)
    FeedbackLog(library.database).give("", "a1", "down", "The summit was a year later.")
    return library


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Library]:
    """On SQLite, whatever the first is on."""
    settings = RetrievalSettings.model_construct(
        **{**RetrievalSettings().model_dump(), "home": tmp_path / "other"}
    ).model_copy(update={"archive_url": None, "chroma_url": None})
    with open_library(settings, KeywordEmbedder()) as opened:
        yield opened


def read_tables(library: Library) -> dict[str, list[dict[str, Any]]]:
    with library.database.read() as connection:
        return {
            table.name: sorted(
                (dict(row) for row in connection.execute(select(table)).mappings()), key=repr
            )
            for table in metadata.tables.values()
            if table.name not in DERIVED
        }


def test_what_was_saved_is_what_comes_back(filled: Library, empty: Library, tmp_path: Path) -> None:
    file = tmp_path / "saved.gz"
    written = write_backup(filled.database, file)
    assert written["articles"] == 449
    assert written["feedback"] == written["conversation_turns"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert restore_backup(empty.database, file) == written
    assert read_tables(empty) == read_tables(filled)


def test_an_archive_goes_from_one_database_to_the_other_and_goes_on(
    filled: Library, empty: Library, tmp_path: Path
) -> None:
    """With `--servers`, to PostgreSQL and its counted ids."""
    first, second = tmp_path / "first.gz", tmp_path / "second.gz"
    write_backup(filled.database, first)
    restore_backup(empty.database, first)
    write_backup(empty.database, second)
    for table in reversed(metadata.sorted_tables):
        with filled.database.write() as connection:
            connection.execute(table.delete())
    restore_backup(filled.database, second)
    assert read_tables(filled) == read_tables(empty)
    turns = TurnLog(filled.database, timedelta(days=1))
    for number in range(3):
        answer = replace(make_answer(), answer_id=f"b{number}", conversation_id="c1")
        turns.write(build_question("And then?"), "And then?", answer)
        FeedbackLog(filled.database).give("", f"b{number}", "up", None)
    assert filled.archive.put(make_article(url="https://example.org/new"), None, ()) == "added"
    assert filled.archive.latest_revision() == 453


def test_the_restored_archive_can_be_indexed_and_asked(
    filled: Library, empty: Library, tmp_path: Path
) -> None:
    write_backup(filled.database, tmp_path / "saved.gz")
    restore_backup(empty.database, tmp_path / "saved.gz")
    with hold_indexes(empty.settings, empty.generations) as indexes:
        Indexer(empty).catch_up(indexes)
        passages = build_retriever(empty, indexes).retrieve("Who chaired the talks?")
    assert passages


def test_what_is_written_meanwhile_is_not_half_in_it(
    library: Library, empty: Library, tmp_path: Path
) -> None:
    stopped, begun = threading.Event(), threading.Event()

    def write() -> None:
        number = 0
        while not stopped.is_set() or number < 20:
            article = make_article(title=f"Article {number}", url=f"https://example.org/{number}")
            library.archive.put(article, None, ())
            number += 1
            if number == 20:
                begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(30)
        written = write_backup(library.database, tmp_path / "saved.gz")
    finally:
        stopped.set()
        writer.join()
    restore_backup(empty.database, tmp_path / "saved.gz")
    revisions = [change.revision for change in empty.archive.changes_since(0, 100_000)]
    assert revisions == list(range(1, written["articles"] + 1))
    assert empty.archive.latest_revision() == revisions[-1]


def test_questions_under_way_stay_behind_and_tokens_come_along(
    library: Library, empty: Library, tmp_path: Path
) -> None:
    moment = datetime(2026, 2, 12, 17, 30, tzinfo=UTC).replace(tzinfo=None)
    bot = {"client_id": "1", "app_id": "A1", "team_id": "T1", "bot_token": "ciphertext"}
    with library.database.write() as connection:
        for event_id, payload in (("done", None), ("under way", "{}")):
            row = {"event_id": event_id, "received_at": 1, "payload": payload}
            connection.execute(insert(slack_events).values(row))
        row = {**bot, "is_enterprise_install": False, "installed_at": moment}
        connection.execute(insert(slack_bots).values(row))
    write_backup(library.database, tmp_path / "saved.gz")
    restore_backup(empty.database, tmp_path / "saved.gz")
    restored = read_tables(empty)
    assert [row["event_id"] for row in restored["slack_events"]] == ["done"]
    [installed] = restored["slack_bots"]
    assert (installed["bot_token"], installed["installed_at"]) == ("ciphertext", moment)


def test_only_an_empty_archive_is_restored_into(
    filled: Library, library: Library, tmp_path: Path
) -> None:
    write_backup(filled.database, tmp_path / "saved.gz")
    before = read_tables(library)
    with pytest.raises(StorageError, match="the archive is not empty: restore into a new one"):
        restore_backup(library.database, tmp_path / "saved.gz")
    assert read_tables(library) == before


def pack(*lines: object) -> bytes:
    return gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())


HEADER = {"format": "dateline-backup", "tables": HEAD}
COUNTERS = {"table": "counters", "rows": [{"name": "revision", "value": 3}]}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "cannot be read", id="nothing"),
        pytest.param(b"words", "cannot be read", id="text"),
        pytest.param(pack({"format": "other", "tables": HEAD}), "not a Dateline", id="other"),
        pytest.param(pack([1]), "cannot be read", id="list"),
        pytest.param(pack({**HEADER, "tables": "9999"}), "newer Dateline", id="newer"),
        pytest.param(pack(HEADER, COUNTERS), "it is cut off", id="no end"),
        pytest.param(pack(HEADER, COUNTERS, {"end": {}})[:-20], "cannot be read", id="cut off"),
        pytest.param(pack(HEADER, {"table": "secrets", "rows": []}), "'secrets'", id="table"),
        pytest.param(
            pack(HEADER, COUNTERS, {"table": "articles", "rows": [{"no": 1}]}, {"end": {}}),
            "a row of articles is not valid",
            id="row",
        ),
    ],
)
def test_what_is_no_whole_backup_changes_nothing(
    library: Library, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "saved.gz"
    file.write_bytes(content)
    before = read_tables(library)
    with pytest.raises(BackupUnreadable, match=reason) as caught:
        restore_backup(library.database, file)
    assert "nothing was changed" in str(caught.value)
    assert read_tables(library) == before


def test_a_file_that_is_not_there_is_said(library: Library, tmp_path: Path) -> None:
    with pytest.raises(BackupUnreadable, match="No such file"):
        restore_backup(library.database, tmp_path / "missing.gz")


def test_a_place_that_cannot_be_written_leaves_nothing(library: Library, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot write"):
        write_backup(library.database, tmp_path / "missing" / "saved.gz")
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match="cannot write"):
        write_backup(library.database, tmp_path / "folder")
    assert not list(tmp_path.glob("*.part"))
