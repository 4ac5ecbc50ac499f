"""Find the documents in what was named or sent: files, folders, globs, addresses, uploads."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from ingest.documents import (
    Container,
    Document,
    Failure,
    Link,
    Unchanged,
    Upload,
    Visit,
    too_large,
)
from ingest.errors import UnreadableInput
from ingest.extraction import CONTENT_TYPES, FORMATS, list_formats, unknown_format
from ingest.extraction.feeds import quote_entry
from ingest.extraction.file_names import find_suffix, is_article_name
from ingest.extraction.sniffing import sniff_format, sniff_wire
from ingest.fetching import Fetcher
from ingest.settings import IngestSettings

# A text is a path, a pattern, - or an address; a link is an address and nothing else.
Input = str | Link | Upload
Found = Document | Unchanged | Failure

# Formats that any words can be read as.
_OF_WORDS = (".html", ".htm", ".txt", ".md", ".markdown")
# Formats that nothing else can be read as.
_OF_SIGNS = (".json", ".jsonl", ".xml", ".rss", ".atom", ".newsml", ".nitf")
# An array, or an object that goes on below its first line.
_NO_LINE = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[|\{[^\n]*[^}\s][ \t\r]*\n|\{[ \t\r]*\n)")
_HEAD_BYTES = 65_536
_MOST_SHOWN_CHARACTERS = 100
# A zip in a zip, a sitemap of sitemaps of pages: deeper is a trap, not a collection.
_MOST_LEVELS = 3


def read_sources(
    inputs: Sequence[Input], settings: IngestSettings, fetcher: Fetcher
) -> Iterator[Found]:
    """The documents of every input in turn; what cannot be read comes as a Failure."""
    reader = _Reader(settings, fetcher)
    sent: set[str] = set()
    for given in inputs:
        try:
            match given:
                case Upload():
                    yield from _read_upload(reader, given, sent)
                case Link():
                    yield from reader.follow(given, level=0)
                case str():
                    yield from reader.read(given)
        except (UnreadableInput, OSError) as error:
            yield Failure(_name_input(given), _explain(error))


def _read_upload(reader: _Reader, upload: Upload, sent: set[str]) -> Iterator[Found]:
    """Documents that are known by their content: whoever sends a file cannot choose, by its name,
    which article it overwrites. What they link to is not fetched; one in `sent` is there already.
    """
    yield from _by_content(replace(reader, fetcher=None).open_upload(upload), sent)


def _by_content(documents: Iterator[Found], sent: set[str]) -> Iterator[Found]:
    for found in documents:
        if isinstance(found, Document) and found.url is None:
            path = f"sent/{hashlib.sha256(found.content).hexdigest()[:32]}"
            yield Unchanged(found.name) if path in sent else replace(found, path=path)
            sent.add(path)
        else:
            yield found


def _walk(folder: Path, on_error: Callable[[OSError], None]) -> Iterator[Path]:
    """Every file below it, with those that cannot be opened: what is not read is to be named."""
    for parent, _, names in os.walk(folder, onerror=on_error):
        yield from (Path(parent, name) for name in names)


def _is_address(named: str) -> bool:
    return urlsplit(named).scheme in ("http", "https")


@dataclass(frozen=True, slots=True)
class _Reader:
    settings: IngestSettings
    fetcher: Fetcher | None

    def read(self, named: str) -> Iterator[Found]:
        path = Path(named)
        if named == "-":
            yield from self._read_standard_input()
        elif _is_address(named):
            yield from self.follow(Link(named), level=0)
        elif path.is_dir():
            yield from self._read_folder(path)
        elif path.exists():
            yield from self._read_file(path, _name(Path(path.name)))
        elif any(sign in named for sign in "*?["):
            yield from self._read_matching(named)
        elif "://" in named:
            raise UnreadableInput("is not a web address: use one with http or https")
        else:
            raise UnreadableInput("does not exist: check the path")

    def _read_standard_input(self) -> Iterator[Found]:
        content = sys.stdin.buffer.read(self.settings.max_container_bytes + 1)
        if len(content) > self.settings.max_container_bytes:
            raise UnreadableInput(_container_too_large(self.settings))
        suffix = sniff_format(content) or ".txt"
        yield from _by_content(self._open(Document("-", "-", suffix, content), level=0), set())

    def _read_folder(self, folder: Path) -> Iterator[Found]:
        unreadable: list[OSError] = []
        files = [
            path
            for path in sorted(_walk(folder, unreadable.append))
            if is_article_name(path.relative_to(folder))
        ]
        if not files and not unreadable:
            raise UnreadableInput(f"holds no articles: put {list_formats()} files in it")
        for error in unreadable:
            yield Failure(str(error.filename), _explain(error))
        yield from self._read_files(files, folder)

    def _read_matching(self, pattern: str) -> Iterator[Found]:
        """A pattern that no shell has expanded; `**` reaches into folders."""
        anchor = Path(pattern).anchor
        files = sorted(p for p in Path(anchor).glob(pattern.removeprefix(anchor)) if p.is_file())
        if not files:
            raise UnreadableInput("matches no file: check the pattern")
        yield from self._read_files(files, Path(os.path.commonpath([p.parent for p in files])))

    def _read_files(self, files: Sequence[Path], folder: Path) -> Iterator[Found]:
        for path in files:
            try:
                yield from self._read_file(path, _name(path.relative_to(folder)))
            except (UnreadableInput, OSError) as error:
                yield Failure(_name(path), _explain(error))

    def _read_file(self, path: Path, below: str) -> Iterator[Found]:
        suffix = find_suffix(path.name, FORMATS)
        if suffix not in FORMATS:
            raise UnreadableInput(unknown_format())
        if not path.is_file():
            raise UnreadableInput("is not a regular file: name a file or a folder")
        with path.open("rb") as file:
            yield from self._read_open(suffix, Container(_name(path), below, file))

    def open_upload(self, upload: Upload) -> Iterator[Found]:
        name = _name_input(upload)
        suffix = find_suffix(name, FORMATS)
        if suffix not in FORMATS:
            suffix = sniff_format(upload.file.read(self.settings.max_article_bytes)) or ""
            upload.file.seek(0)
        if suffix not in FORMATS:
            raise UnreadableInput(unknown_format())
        yield from self._read_open(suffix, Container(name, name, upload.file))

    def _read_open(self, suffix: str, container: Container) -> Iterator[Found]:
        """The documents in an open file, which may itself be one."""
        if FORMATS[suffix].split:
            yield from self._split(suffix, container, level=1)
            return
        file = container.file
        file.seek(0, os.SEEK_END)
        size_bytes = file.tell()
        if size_bytes > self.settings.max_article_bytes:
            raise UnreadableInput(too_large(size_bytes, self.settings))
        file.seek(0)
        document = Document(container.name, container.path, suffix, file.read())
        yield from self._open(document, level=0)

    def _open(self, document: Document, level: int) -> Iterator[Found]:
        if document.format in _OF_WORDS:
            # Whatever it is called: read as words, its embargo would be one of them.
            document = replace(document, format=sniff_wire(document.content) or document.format)
        if FORMATS[document.format].split is None:
            if len(document.content) > self.settings.max_article_bytes:
                raise UnreadableInput(too_large(len(document.content), self.settings))
            yield document
            return
        container = Container(document.name, document.path, BytesIO(document.content))
        yield from self._split(document.format, container, level + 1)

    def _split(self, suffix: str, container: Container, level: int) -> Iterator[Found]:
        if level > _MOST_LEVELS:
            raise UnreadableInput(f"is nested more than {_MOST_LEVELS} deep: unpack it first")
        split = FORMATS[_tell_apart(suffix, container)].split
        assert split is not None
        for part in split(container, self.settings):
            name = part.url if isinstance(part, Link) else ""
            try:
                match part:
                    case Failure():
                        yield part
                    case Link():
                        yield from self._follow_or_quote(part, level)
                    case Document():
                        name = part.name
                        yield from self._open(part, level)
            except (UnreadableInput, OSError) as error:
                yield Failure(name, _explain(error))

    def _follow_or_quote(self, link: Link, level: int) -> Iterator[Found]:
        """The page, or where it cannot be fetched what its feed quotes of it."""
        try:
            yield from self.follow(link, level)
        except UnreadableInput:
            quoted = quote_entry(link.url, link.announced)
            if quoted is None:
                raise
            yield quoted

    def follow(self, link: Link, level: int) -> Iterator[Found]:
        """Fetch what an address names; a feed or a sitemap leads to further addresses."""
        if self.fetcher is None:
            raise UnreadableInput("is an address in a file that was sent: send the address itself")
        fetched = self.fetcher.fetch(link.url, link.announced.updated)
        if fetched is None:
            yield Unchanged(link.url)
            return
        suffix = (
            sniff_format(fetched.content, fetched.content_type)
            or CONTENT_TYPES.get(fetched.content_type)
            or find_suffix(urlsplit(fetched.url).path, FORMATS)
        )
        if suffix not in FORMATS:
            raise UnreadableInput(f"is {fetched.content_type}, an unknown format")
        document = Document(
            name=link.url,
            path=link.url,
            format=suffix,
            content=fetched.content,
            url=fetched.url,
            charset=fetched.charset,
            announced=link.announced,
            asked_for=level == 0,
            captured_at=datetime.now(UTC),
        )
        visit = Visit(link.url, fetched.etag, fetched.last_modified, link.announced.updated)
        if FORMATS[suffix].extract:
            document = replace(document, visit=visit)
        yield from self._open(document, level)


def _tell_apart(suffix: str, container: Container) -> str:
    """Of JSON, JSON lines and XML the one that it is, whatever its name says."""
    if suffix not in _OF_SIGNS:
        return suffix
    head = container.file.read(_HEAD_BYTES)
    container.file.seek(0)
    told = sniff_wire(head)
    # A single line is a line of JSONL, too.
    is_line = (suffix, told) == (".jsonl", ".json") and not _NO_LINE.match(head)
    is_xml = told == ".xml" and suffix not in (".json", ".jsonl")
    return suffix if told is None or is_line or is_xml else told


def _name_input(given: Input) -> str:
    """What it is called in a report: a sent name on one line, its end, which tells the format."""
    match given:
        case Link():
            return given.url
        case Upload():
            shown = "".join(character for character in given.name if character.isprintable())
            return shown[-_MOST_SHOWN_CHARACTERS:] or "a file without a name"
        case str():
            return given


def _name(path: Path) -> str:
    """A path that can be shown and stored, even where its bytes are no UTF-8."""
    return os.fsencode(path.as_posix()).decode("utf-8", "replace")


def _container_too_large(settings: IngestSettings) -> str:
    return (
        f"is larger than {settings.max_container_bytes:,} bytes: split it, or raise "
        "ingest.max_container_bytes"
    )


def _explain(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {(error.strerror or str(error)).lower()}"
    return str(error)
