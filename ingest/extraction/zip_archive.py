"""A zip archive, read as the folder it was packed from would be, and never unpacked to disk."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath
from zipfile import ZipInfo

from ingest.documents import Container, Document, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.file_names import find_suffix, is_article_name
from ingest.extraction.unzipping import open_zip, read_member
from ingest.settings import IngestSettings

# A container in a container is held in memory whole.
_MOST_ARTICLES_IN_MEMORY = 10
_UTF_8_NAME = 0x800
_LEADS_OUT = re.compile(r"/|[A-Za-z]:|(?:.*/)?\.\.(?:/|$)")


def split_zip(
    container: Container, settings: IngestSettings
) -> Iterator[Document | Link | Failure]:
    """Every article file in it. Raises UnreadableInput where there is none."""
    from ingest.extraction import FORMATS, list_formats, unknown_format

    left = settings.max_container_bytes
    seen: set[str] = set()
    with open_zip(container.file) as archive:
        for member in archive.infolist():
            name = _read_name(member)
            if name.endswith("/") or not is_article_name(PurePosixPath(name)):
                continue
            suffix = find_suffix(name, FORMATS)
            if suffix not in FORMATS:
                seen.add(name)
                yield Failure(f"{container.name}/{name}", unknown_format())
                continue
            holds = _MOST_ARTICLES_IN_MEMORY if FORMATS[suffix].split else 1
            shown = f"{container.name}/{name}"
            try:
                _check_member(member, name, seen)
                content = read_member(archive, member, holds * settings.max_article_bytes)
            except UnreadableInput as unreadable:
                seen.add(name)
                yield Failure(shown, str(unreadable))
                continue
            seen.add(name)
            left -= len(content)
            if left < 0:
                raise UnreadableInput(
                    f"unpacks to more than {settings.max_container_bytes:,} bytes: split it, or "
                    "raise ingest.max_container_bytes"
                )
            yield Document(shown, _join(container.path, name), suffix, content)
    if not seen:
        raise UnreadableInput(f"holds no articles: put {list_formats()} files in it")


def _read_name(member: ZipInfo) -> str:
    """With the separators and, where it is not marked, the encoding that are most likely."""
    name = member.filename
    if not member.flag_bits & _UTF_8_NAME:
        with suppress(UnicodeError):
            name = name.encode("cp437").decode()
    return name.replace("\\", "/").encode("utf-8", "replace").decode()


def _check_member(member: ZipInfo, name: str, seen: set[str]) -> None:
    if _LEADS_OUT.match(name):
        raise UnreadableInput("has a name that leads out of the archive: rename it")
    if not name.isprintable():
        raise UnreadableInput("has a name that cannot be shown: rename it")
    if name in seen:
        raise UnreadableInput("is in the archive more than once: pack it again")
    if stat.S_ISLNK(member.external_attr >> 16):
        raise UnreadableInput("is a link: pack the file that it points to")


def _join(path: str, name: str) -> str:
    """Where the file would be if the archive were unpacked where it lies."""
    folder = path.rpartition("/")[0]
    return f"{folder}/{name}" if folder else name
