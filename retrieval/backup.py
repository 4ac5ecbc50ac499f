"""What cannot be made again, as one file: articles, stories, conversations, feedback, Slack.

A backup is gzipped JSON, a line a batch of rows, read in one transaction while others write. It
does not depend on the database that it came from: SQLite's can be restored into PostgreSQL. Indexes
are not in it, since they are made of what is.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, DateTime, Select, Table, delete, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from retrieval.database import HEAD, Database
from retrieval.errors import BackupUnreadable, StorageError
from retrieval.files import write_whole
from retrieval.tables import (
    articles,
    conversation_turns,
    counters,
    editions,
    feedback,
    feedback_articles,
    slack_bots,
    slack_events,
    story_bands,
    tombstones,
    turn_citations,
    visits,
)

_FORMAT = "dateline-backup"
# In an order in which nothing refers to what comes later.
_KEPT = (
    counters,
    articles,
    story_bands,
    tombstones,
    editions,
    visits,
    conversation_turns,
    turn_citations,
    feedback,
    feedback_articles,
    slack_bots,
    slack_events,
)
_ROWS_A_LINE = 200


def write_backup(database: Database, path: Path) -> dict[str, int]:
    """Rows by table. The file is there whole or not at all, for this user alone.

    Raises StorageError.
    """
    counts: dict[str, int] = {table.name: 0 for table in _KEPT}
    with (
        write_whole(path, mode=0o600) as unfinished,
        gzip.open(unfinished, "wt", encoding="utf-8") as output,
        database.read() as source,
    ):
        _write_line(output, {"format": _FORMAT, "tables": HEAD})
        for table in _KEPT:
            for rows in _read_rows(source, table):
                counts[table.name] += len(rows)
                _write_line(output, {"table": table.name, "rows": rows})
        _write_line(output, {"end": counts})
    return counts


def restore_backup(database: Database, path: Path) -> dict[str, int]:
    """Fill an archive that holds nothing, in one transaction; rows by table.

    Raises BackupUnreadable, or StorageError where the archive is not empty.
    """
    tables = {table.name: table for table in _KEPT}
    counts: dict[str, int] = {table.name: 0 for table in _KEPT}
    with database.write() as connection:
        _check_empty(connection)
        connection.execute(delete(counters))
        for line in _read_lines(path):
            table = tables.get(line["table"])
            if table is None:
                raise BackupUnreadable(path, f"it holds an unknown table, {line['table']!r}")
            counts[table.name] += len(line["rows"])
            try:
                connection.execute(insert(table), [_to_row(table, row) for row in line["rows"]])
            except (SQLAlchemyError, ValueError, AttributeError) as error:
                raise BackupUnreadable(path, f"a row of {table.name} is not valid") from error
        _advance_sequences(connection)
    return counts


def _read_rows(source: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    query: Select[Any] = select(table)
    if table is slack_events:
        # A question that was under way would be answered long after it was asked.
        query = query.where(slack_events.c.payload.is_(None))
    found = source.execution_options(yield_per=_ROWS_A_LINE).execute(query).mappings()
    for rows in found.partitions(_ROWS_A_LINE):
        yield [dict(row) for row in rows]


def _write_line(output: Any, line: dict[str, Any]) -> None:
    output.write(json.dumps(line, ensure_ascii=False, default=datetime.isoformat) + "\n")


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The lines with rows. Raises BackupUnreadable where the file is no whole backup."""
    ended = False
    try:
        with gzip.open(path, "rt", encoding="utf-8") as source:
            _check_header(path, json.loads(source.readline()))
            for written in source:
                line = json.loads(written)
                ended = "end" in line
                if not ended:
                    yield line
    except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
        raise BackupUnreadable(path, f"it cannot be read ({error})") from error
    if not ended:
        raise BackupUnreadable(path, "it is cut off")


def _check_header(path: Path, header: dict[str, Any]) -> None:
    if header["format"] != _FORMAT:
        raise BackupUnreadable(path, "it is not a Dateline backup")
    if header["tables"] > HEAD:
        raise BackupUnreadable(path, "a newer Dateline wrote it: upgrade Dateline")


def _check_empty(connection: Connection) -> None:
    for table in (articles, tombstones, editions):
        if connection.execute(select(func.count()).select_from(table)).scalar_one():
            raise StorageError(
                "the archive is not empty: restore into a new one, with another DATELINE_HOME or "
                "retrieval.archive_url"
            )


def _to_row(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    keys = {column.name for column in table.primary_key}
    if not keys <= row.keys() <= {column.name for column in table.c}:
        raise ValueError("other columns")
    moments = {column.name for column in table.c if isinstance(column.type, DateTime)}
    return {
        name: datetime.fromisoformat(value) if name in moments and value else value
        for name, value in row.items()
    }


def _advance_sequences(connection: Connection) -> None:
    """PostgreSQL does not count the ids that it was given."""
    if connection.dialect.name != "postgresql":
        return
    for table in _KEPT:
        for column in table.primary_key:
            if column.autoincrement is True:
                named = {"table": table.name, "column": column.name}
                sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
                if name := connection.execute(sequence, named).scalar():
                    highest = select(func.max(column))
                    value = connection.execute(highest).scalar()
                    connection.execute(select(func.setval(name, value or 1, value is not None)))
