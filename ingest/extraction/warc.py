"""A web crawl as WARC: the pages in it, as they were sent."""

from __future__ import annotations

import gzip
import logging
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO

from ingest.cleaning import web_url
from ingest.documents import Container, Document, Failure, Link, too_large
from ingest.errors import UnreadableInput
from ingest.settings import IngestSettings

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord as Record

# Of what a crawl brings home, these are pages; plain text is robots.txt and its like, and what
# leads to other pages is left alone.
_PAGES = (".html", ".pdf", ".docx")
_GZIP = b"\x1f\x8b"
_BLOCK_BYTES = 65_536
_MOST_HEADER_BYTES = 1_000_000
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.I)
_PACKINGS = ("gzip", "x-gzip", "deflate", "identity", "")
_DAMAGE = (EOFError, OSError, zlib.error, ValueError)


def split_warc(
    container: Container, settings: IngestSettings
) -> Iterator[Document | Link | Failure]:
    """Every page; a date of crawling is no date of publication. Raises UnreadableInput."""
    found = 0
    try:
        for record in _read_records(_Unpacked(container.file, settings.max_container_bytes)):
            if (url := _page_url(record)) is None:
                continue
            name = f"{container.name}#{url}"
            try:
                page = _read_page(record, name, url, settings)
            except UnreadableInput as unreadable:
                yield Failure(name, str(unreadable))
            else:
                yield page
            found += 1
    except _Damaged as error:
        raise UnreadableInput(
            f"is not a WARC file, or is cut off or damaged after {found} pages: fetch it again"
        ) from error
    if not found:
        raise UnreadableInput("holds no pages: only records of a crawl without them")


class _Damaged(Exception):
    """What follows cannot be read."""


class _Unpacked:
    """The bytes of a WARC file, gzipped or not, with a bound on what a header may hold."""

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        is_packed = file.read(2) == _GZIP
        file.seek(0)
        self._file = gzip.GzipFile(fileobj=file) if is_packed else file
        self._left = most_bytes if is_packed else None
        self._most_bytes = most_bytes
        self._header_bytes_left = _MOST_HEADER_BYTES

    def begin_record(self) -> bytes:
        """The first line that is not empty; no bytes at the end."""
        self._header_bytes_left = _MOST_HEADER_BYTES
        while line := self.readline():
            if line.strip():
                break
        return line

    def readline(self, length: int = -1) -> bytes:
        most = _BLOCK_BYTES if length < 0 else min(length, _BLOCK_BYTES)
        try:
            line = self._count(self._file.readline(most))
        except _DAMAGE as error:
            raise _Damaged from error
        self._header_bytes_left -= len(line)
        if self._header_bytes_left < 0 or (len(line) == _BLOCK_BYTES and line[-1:] != b"\n"):
            raise _Damaged("a header without an end")
        return line

    def read(self, length: int = -1) -> bytes:
        try:
            return self._count(self._file.read(length))
        except _DAMAGE as error:
            raise _Damaged from error

    def tell(self) -> int:
        return 0

    def _count(self, block: bytes) -> bytes:
        if self._left is not None:
            self._left -= len(block)
            if self._left < 0:
                raise UnreadableInput(
                    f"unpacks to more than {self._most_bytes:,} bytes: split it, or raise "
                    "ingest.max_container_bytes"
                )
        return block


def _read_records(unpacked: _Unpacked) -> Iterator[Record]:
    """Each is to be read before the next one is asked for. Raises _Damaged."""
    from warcio.exceptions import ArchiveLoadFailed
    from warcio.recordloader import ArcWarcRecordLoader
    from warcio.statusandheaders import StatusAndHeadersParserException

    # It reports flaws that do no harm, and quotes them.
    logging.getLogger("warcio").setLevel(logging.CRITICAL)
    loader = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
    try:
        while line := unpacked.begin_record():
            record = loader.parse_record_stream(unpacked, line, known_format="warc")
            if record.length is None or record.length < 0:
                raise _Damaged("a record without a length")
            yield record
            _skip(record)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, AttributeError, EOFError) as error:
        raise _Damaged from error


def _skip(record: Record) -> None:
    while record.raw_stream.read(_BLOCK_BYTES):
        pass
    if record.raw_stream.limit:
        raise _Damaged("a record that ends early")


def _page_url(record: Record) -> str | None:
    """The address of a page that was found, as opposed to what else is in a crawl."""
    from ingest.extraction import CONTENT_TYPES

    if record.rec_type != "response" or record.http_headers is None:
        return None
    if not record.http_headers.statusline.startswith("200"):
        return None
    if CONTENT_TYPES.get(_content_type(record)) not in _PAGES:
        return None
    return web_url(record.rec_headers.get_header("WARC-Target-URI"))


def _read_page(record: Record, name: str, url: str, settings: IngestSettings) -> Document:
    from ingest.extraction import CONTENT_TYPES

    stated = record.http_headers.get_header("Content-Type")
    charset = _CHARSET.search(stated)
    return Document(
        name=name,
        path=url,
        format=CONTENT_TYPES[_content_type(record)],
        content=_read_content(record, settings),
        url=url,
        charset=charset[1] if charset else None,
        captured_at=_read_moment(record.rec_headers.get_header("WARC-Date")),
    )


def _read_moment(stated: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat(stated or "")
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _content_type(record: Record) -> str:
    stated = record.http_headers.get_header("Content-Type") or ""
    return str(stated).partition(";")[0].strip().lower()


def _read_content(record: Record, settings: IngestSettings) -> bytes:
    """The page as a browser has it. warcio's own unpacking knows no bound."""
    from warcio.bufferedreaders import ChunkedDataReader

    limit = settings.max_article_bytes
    if record.length > limit + _MOST_HEADER_BYTES:
        raise UnreadableInput(too_large(record.length, settings))
    headers = record.http_headers
    packing = (headers.get_header("Content-Encoding") or "").strip().lower()
    if packing not in _PACKINGS:
        raise UnreadableInput(
            f"is compressed as {packing[:20]!r}: crawl it uncompressed, or with gzip"
        )
    stream = record.raw_stream
    if (headers.get_header("Transfer-Encoding") or "").lower() == "chunked":
        stream = ChunkedDataReader(stream)
    content = bytes(stream.read(limit + 1))
    _skip(record)
    if packing not in ("identity", ""):
        content = _unpack(content, limit)
    if len(content) > limit:
        raise UnreadableInput(too_large(len(content), settings))
    return content


def _unpack(content: bytes, limit: int) -> bytes:
    """Of what was packed or only says so; some servers send deflate without its header."""
    for window_bits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):
        try:
            return zlib.decompressobj(window_bits).decompress(content, limit + 1)
        except zlib.error:
            continue
    return content
