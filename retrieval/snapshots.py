"""Copies of a generation's lexical index in the archive's database, from which new replicas begin.

A copy is the index's folder as a tar file, cut into parts.
"""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import delete, func, insert, select

from retrieval.database import Database
from retrieval.errors import StorageError
from retrieval.generations import Generation
from retrieval.leadership import Leadership
from retrieval.tables import lexical_snapshots

_PART_BYTES = 4_000_000
# A new replica follows a thousand changes in a second or two; a copy is worth more than that.
_LEAST_CHANGES = 1_000
_LEAST_SHARE = 0.1


class LexicalSnapshots:
    """One a generation, replaced when the index has moved on a lot."""

    def __init__(
        self, database: Database, storing: Leadership, least_changes: int = _LEAST_CHANGES
    ) -> None:
        self._database = database
        self._storing = storing
        self._least_changes = least_changes
        # The checkpoints of the copies, as they were last seen.
        self._stored: dict[int, int] = {}

    def fetch(self, generation: Generation, folder: Path) -> None:
        """Fill a folder that is not there, if there is a copy. Raises StorageError."""
        unfinished = folder.with_name(f"{folder.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        query = (
            select(lexical_snapshots.c.content)
            .where(lexical_snapshots.c.generation_id == generation.generation_id)
            .order_by(lexical_snapshots.c.part)
        )
        try:
            with TemporaryFile() as packed:
                with self._database.read() as connection:
                    found = connection.execution_options(yield_per=1).execute(query)
                    for content in found.scalars():
                        packed.write(content)
                if packed.tell() == 0:
                    return
                packed.seek(0)
                with tarfile.open(fileobj=packed) as archive:
                    archive.extractall(unfinished, filter="data")
            unfinished.rename(folder)
        except (OSError, tarfile.TarError) as error:
            raise StorageError(
                f"the copy of the lexical index cannot be unpacked into {folder} ({error}): free "
                "some disk space and try again"
            ) from error

    def keep(self, generation: Generation, folder: Path, checkpoint: int) -> None:
        """Store the folder, to which nobody writes now, where the copy there is far behind.

        Raises StorageError.
        """
        key = generation.generation_id
        if not self._has_moved(checkpoint, self._stored.get(key, 0)) or not self._storing.take():
            return
        try:
            self._stored[key] = self._read_checkpoint(generation)
            if self._has_moved(checkpoint, self._stored[key]):
                self._store(generation, folder, checkpoint)
                self._stored[key] = checkpoint
        finally:
            self._storing.release()

    def _has_moved(self, checkpoint: int, since: int) -> bool:
        return checkpoint - since >= max(self._least_changes, _LEAST_SHARE * since)

    def _read_checkpoint(self, generation: Generation) -> int:
        query = select(func.max(lexical_snapshots.c.checkpoint)).where(
            lexical_snapshots.c.generation_id == generation.generation_id
        )
        with self._database.read() as connection:
            return int(connection.execute(query).scalar() or 0)

    def _store(self, generation: Generation, folder: Path, checkpoint: int) -> None:
        key = {"generation_id": generation.generation_id, "checkpoint": checkpoint}
        with TemporaryFile() as packed:
            with tarfile.open(fileobj=packed, mode="w") as archive:
                archive.add(folder, arcname=".")
            packed.seek(0)
            with self._database.write() as connection:
                of_this = lexical_snapshots.c.generation_id == generation.generation_id
                connection.execute(delete(lexical_snapshots).where(of_this))
                part = 0
                while content := packed.read(_PART_BYTES):
                    row = {**key, "part": part, "content": content}
                    connection.execute(insert(lexical_snapshots).values(row))
                    part += 1
