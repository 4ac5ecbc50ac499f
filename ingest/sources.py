"""Find the articles in what was named: files, folders, lines of JSONL files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import UnreadableInput
from ingest.extraction import EXTRACTORS
from ingest.settings import IngestSettings


@dataclass(frozen=True, slots=True)
class RawArticle:
    """The characters of one article: a whole file, or a line of a JSONL file.

    `name` is what the user knows it by; `path` is where it stands below what was named.
    """

    name: str
    path: str
    suffix: str
    text: str


@dataclass(frozen=True, slots=True)
class Failure:
    input: str
    error: str


def read_sources(inputs: Sequence[str], settings: IngestSettings) -> Iterator[RawArticle | Failure]:
    """The articles of every input in turn; what cannot be read comes as a Failure."""
    for named in inputs:
        path = Path(named)
        try:
            if path.is_dir():
                yield from _read_folder(path, settings)
            else:
                yield from _read_file(path, _name(Path(path.name)), settings)
        except (UnreadableInput, OSError) as error:
            yield Failure(named, _explain(error))


def _read_folder(folder: Path, settings: IngestSettings) -> Iterator[RawArticle | Failure]:
    files = [path for path in sorted(folder.rglob("*")) if _is_article_file(path, folder)]
    if not files:
        raise UnreadableInput(f"holds no articles: put {_formats()} files in it")
    for path in files:
        try:
            yield from _read_file(path, _name(path.relative_to(folder)), settings)
        except (UnreadableInput, OSError) as error:
            yield Failure(_name(path), _explain(error))


def _is_article_file(path: Path, folder: Path) -> bool:
    """Hidden files are not meant to be seen; a README is about the folder."""
    parts = path.relative_to(folder).parts
    return (
        path.suffix.lower() in EXTRACTORS
        and not any(part.startswith(".") for part in parts)
        and path.stem.lower() != "readme"
        and path.is_file()
    )


def _read_file(path: Path, below: str, settings: IngestSettings) -> Iterator[RawArticle | Failure]:
    suffix = path.suffix.lower()
    if not path.exists():
        raise UnreadableInput("does not exist: check the path")
    if suffix not in EXTRACTORS:
        raise UnreadableInput(f"has a format not known here: use {_formats()}")
    if suffix == ".jsonl":
        yield from _read_lines(path, below, settings)
        return
    size_bytes = path.stat().st_size
    if size_bytes > settings.max_article_bytes:
        raise UnreadableInput(_too_large(size_bytes, settings))
    yield RawArticle(_name(path), below, suffix, _decode(path.read_bytes()))


def _read_lines(path: Path, below: str, settings: IngestSettings) -> Iterator[RawArticle | Failure]:
    empty = True
    with path.open("rb") as file:
        number = 0
        while line := file.readline(settings.max_article_bytes + 1):
            number += 1
            name = f"{_name(path)}:{number}"
            if len(line) > settings.max_article_bytes:
                yield Failure(name, _too_large(len(line), settings))
                while line and not line.endswith(b"\n"):
                    line = file.readline(settings.max_article_bytes)
                empty = False
                continue
            if not line.strip():
                continue
            empty = False
            try:
                text = _decode(line)
            except UnreadableInput as error:
                yield Failure(name, _explain(error))
                continue
            yield RawArticle(name, f"{below}:{number}", ".jsonl", text)
    if empty:
        raise UnreadableInput("is empty")


def _name(path: Path) -> str:
    """A path that can be shown and stored, even where its bytes are no UTF-8."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _decode(content: bytes) -> str:
    """UTF-8, else Windows-1252, the web's two. Raises UnreadableInput for anything else."""
    if not content.strip():
        raise UnreadableInput("is empty")
    if b"\x00" in content:
        raise UnreadableInput("is binary, not text: convert it to text first")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        raise UnreadableInput("is neither UTF-8 nor Windows-1252 text: save it as UTF-8") from error


def _too_large(size_bytes: int, settings: IngestSettings) -> str:
    return (
        f"is too large for one article ({size_bytes:,} bytes, the limit is "
        f"{settings.max_article_bytes:,}): split it, or raise ingest.max_article_bytes"
    )


def _formats() -> str:
    return ", ".join(EXTRACTORS)


def _explain(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {(error.strerror or str(error)).lower()}"
    return str(error)
