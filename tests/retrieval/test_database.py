"""Migrations, transactions, and what is said when the database cannot be used."""

from __future__ import annotations

import threading
from pathlib import Path
from sqlite3 import ProgrammingError

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg import OperationalError
from pydantic import SecretStr
from sqlalchemy import create_engine, inspect, select, update

from retrieval.database import HEAD, MIGRATIONS, Database
from retrieval.errors import SettingsError, StorageError
from retrieval.opening import Library, open_library
from retrieval.settings import RetrievalSettings
from retrieval.tables import conversation_turns, counters, metadata
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder


def with_url(settings: RetrievalSettings, url: str) -> RetrievalSettings:
    return settings.model_copy(update={"archive_url": SecretStr(url)})


def add_to_counter(database: Database) -> None:
    with database.write() as connection:
        connection.execute(update(counters).values(value=counters.c.value + 1))


def read_counter(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(counters.c.value)).scalar_one())


def test_migrations_create_exactly_the_tables_that_the_code_uses(library: Library) -> None:
    with library.database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        names = set(inspect(connection).get_table_names())
    assert names == {*metadata.tables, "alembic_version"}


def test_the_head_that_the_code_knows_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_conversations_of_the_version_before_feedback_are_kept(settings: RetrievalSettings) -> None:
    migrate(settings, "0003")
    database = Database.open(settings)
    with database.read() as connection:
        (turn,) = connection.execute(select(conversation_turns)).all()
        assert (turn.question, turn.answer, turn.record) == ("Who?", "She [1].", None)
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    database.close()


def migrate(settings: RetrievalSettings, revision: str) -> None:
    """A database of an earlier version, with one turn of a conversation in it."""
    settings.home.mkdir(parents=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = create_engine(settings.sqlalchemy_url)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.exec_driver_sql(
            "INSERT INTO conversation_turns"
            " (owner, conversation_id, answer_id, moment, question, understood, answer)"
            " VALUES ('', 'c', 'a', 1, 'Who?', 'Who?', 'She [1].')"
        )
    engine.dispose()


def test_a_database_opened_again_keeps_what_it_holds(settings: RetrievalSettings) -> None:
    with open_library(settings, KeywordEmbedder()) as library:
        put_article(library.archive, make_article())
    with open_library(settings, KeywordEmbedder()) as library:
        assert library.archive.count() == 1


def test_several_openers_of_a_new_database_do_not_get_in_each_other_s_way(
    settings: RetrievalSettings,
) -> None:
    failures: list[Exception] = []

    def open_and_write() -> None:
        try:
            database = Database.open(settings)
            add_to_counter(database)
            database.close()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=open_and_write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    database = Database.open(settings)
    assert read_counter(database) == 4
    database.close()


def test_what_is_still_used_when_it_is_closed_is_closed_then(settings: RetrievalSettings) -> None:
    database = Database.open(settings)
    with database.read() as connection:
        driver = connection.connection.driver_connection
        database.close()
        assert connection.execute(select(1)).scalar_one() == 1
    assert driver is not None
    with pytest.raises((OperationalError, ProgrammingError), match="closed"):
        driver.cursor().execute("SELECT 1")


def test_a_second_writer_waits_instead_of_failing(settings: RetrievalSettings) -> None:
    first, second = Database.open(settings), Database.open(settings)
    done = threading.Event()

    def write() -> None:
        add_to_counter(second)
        done.set()

    with first.write() as connection:
        connection.execute(update(counters).values(value=10))
        thread = threading.Thread(target=write)
        thread.start()
        assert not done.wait(0.3)
    thread.join(timeout=30)
    assert done.is_set()
    assert read_counter(first) == 11
    first.close()
    second.close()


def test_a_reader_is_not_kept_waiting_by_a_writer(settings: RetrievalSettings) -> None:
    writer, reader = Database.open(settings), Database.open(settings)
    with writer.write() as connection:
        connection.execute(update(counters).values(value=10))
        assert read_counter(reader) == 0
    assert read_counter(reader) == 10
    writer.close()
    reader.close()


def test_what_a_transaction_reads_is_of_one_moment(library: Library) -> None:
    """An indexer that reads what changed, then what was removed, would skip what lay between."""
    with library.database.read() as connection:
        query = select(counters.c.value)
        before = connection.execute(query).scalar_one()
        add_to_counter(library.database)
        assert connection.execute(query).scalar_one() == before
    assert read_counter(library.database) == before + 1


def test_a_transaction_that_fails_is_taken_back(library: Library) -> None:
    def fail_half_way() -> None:
        with library.database.write() as connection:
            connection.execute(update(counters).values(value=10))
            raise KeyError("half way")

    with pytest.raises(KeyError):
        fail_half_way()
    assert read_counter(library.database) == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hunter2",
        "nosuchdatabase://user:hunter2@host/name",
        "postgresql+nosuchdriver://user:hunter2@host/name",
        "postgresql+psycopg://user:hunter2@host:port/name",
    ],
)
def test_an_unusable_url_is_a_settings_error_without_the_url_in_it(
    settings: RetrievalSettings, url: str
) -> None:
    with pytest.raises(SettingsError, match=r"retrieval\.archive_url") as caught:
        Database.open(with_url(settings, url))
    assert "hunter2" not in str(caught.value)


def test_a_path_that_is_no_file_is_a_storage_error(
    settings: RetrievalSettings, tmp_path: Path
) -> None:
    with pytest.raises(StorageError, match="the archive cannot be used"):
        Database.open(with_url(settings, f"sqlite:///{tmp_path}"))


@pytest.mark.embedded
def test_a_home_that_cannot_be_made_is_a_storage_error(
    settings: RetrievalSettings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    home = tmp_path / "file" / "home"
    with pytest.raises(StorageError, match="DATELINE_HOME"):
        Database.open(settings.model_copy(update={"home": home}))


def test_a_file_that_is_no_database_is_a_storage_error(
    settings: RetrievalSettings, tmp_path: Path
) -> None:
    (tmp_path / "archive.db").write_text("a letter to the editor, not a database\n" * 50)
    with pytest.raises(StorageError, match="archive"):
        Database.open(with_url(settings, f"sqlite:///{tmp_path / 'archive.db'}"))


def test_an_archive_of_a_newer_version_is_refused_in_one_line(settings: RetrievalSettings) -> None:
    database = Database.open(settings)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    with pytest.raises(StorageError, match="newer"):
        Database.open(settings)
