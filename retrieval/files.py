"""Files that are there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from retrieval.errors import StorageError


@contextmanager
def write_whole(path: Path, mode: int = 0o666) -> Iterator[Path]:
    """Gives a file beside it to write, which takes its place at the end. Raises StorageError."""
    unfinished = path.with_name(f"{path.name}.part")
    try:
        unfinished.touch(mode)
        yield unfinished
        unfinished.replace(path)
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
