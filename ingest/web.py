"""One request to the web, bounded in time, in bytes, and in where it may lead.

Below httpx's client, because what that adds is what must not be: proxies and passwords from the
environment, cookies, redirects, and bodies unpacked to any size.
"""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpcore
import httpx

from ingest.addresses import Resolver, Unreachable, locate_host
from ingest.errors import UnreadableInput
from ingest.settings import IngestSettings

_MEDIA = ("image", "video", "audio", "font")
_GZIP_MAGIC = b"\x1f\x8b"
# What is remembered by its address needs room in PostgreSQL's index.
_LONGEST_ADDRESS = 2_000


class BrokenOff(UnreadableInput):
    """The connection was lost in the middle: worth a second try."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`content` is unpacked, and empty unless the page is there and is no picture or sound.

    It holds at most one byte more than was asked for, which tells that there is more.
    """

    url: httpx.URL
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def content_type(self) -> str:
        return content_type(self.headers)

    @property
    def is_media(self) -> bool:
        return self.content_type.partition("/")[0] in _MEDIA


class Deadline:
    """When a page must be there; what we wait out of courtesy does not count."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    @contextmanager
    def held(self) -> Iterator[None]:
        started = time.monotonic()
        yield
        self._ends_at += time.monotonic() - started

    def left_s(self) -> float:
        """Raises httpcore.ReadTimeout once there is none."""
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise httpcore.ReadTimeout
        return left_s


class Web:
    """Every request connects anew, to an address that was checked for it."""

    def __init__(
        self, settings: IngestSettings, resolve: Resolver, tls: ssl.SSLContext | None
    ) -> None:
        self._settings = settings
        self._resolve = resolve
        self._given_tls = tls

    def ask(
        self, url: httpx.URL, headers: Mapping[str, str], deadline: Deadline, most_bytes: int
    ) -> Reply:
        """Raises UnreadableInput, BrokenOff if a second try may help."""
        request = httpx.Request("GET", url, headers=dict(headers))
        network = _GuardedNetwork(self._settings.allowed_private_hosts, self._resolve, deadline)
        target = httpcore.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )
        tls = self._tls if url.scheme == "https" else None
        with (
            _explain_failures(self._settings.fetch_timeout_s),
            httpcore.ConnectionPool(ssl_context=tls, network_backend=network) as pool,
            pool.stream("GET", target, headers=request.headers.raw) as response,
        ):
            reply = Reply(url, response.status, httpx.Headers(response.headers), b"")
            if reply.status != 200 or reply.is_media:
                return reply
            pieces = _first_bytes(response.iter_stream(), most_bytes)
            content = _unpack(pieces, reply.headers.get("content-encoding", ""), most_bytes)
            return Reply(url, reply.status, reply.headers, content)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return self._given_tls or httpx.create_ssl_context()


def parse_address(address: str) -> httpx.URL:
    """Raises UnreadableInput for what is no plain address of the web."""
    try:
        url = httpx.URL(address)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UnreadableInput("is not a valid address: check it") from error
    port = 80 if url.port is None else url.port
    if url.scheme not in ("http", "https") or not url.host or not 0 < port < 65_536:
        raise UnreadableInput("is not a web address: write it like https://example.org/a")
    if url.userinfo:
        raise UnreadableInput("holds a user name or a password: leave them out of the address")
    if len(str(url)) > _LONGEST_ADDRESS:
        raise UnreadableInput(f"is longer than an address may be ({_LONGEST_ADDRESS:,} characters)")
    return url.copy_with(fragment=None)


def content_type(headers: Mapping[str, str]) -> str:
    named = headers.get("content-type", "").partition(";")[0].strip().lower()
    return named or "application/octet-stream"


def is_gzip(content: bytes) -> bool:
    return content.startswith(_GZIP_MAGIC)


def unpack_gzip(pieces: Iterable[bytes], most_bytes: int) -> bytes:
    """At most one byte more than `most_bytes`, however large it would become."""
    content, unpacker = bytearray(), zlib.decompressobj(wbits=31)
    for piece in pieces:
        rest = piece
        while rest and len(content) <= most_bytes:
            if unpacker.eof:
                if rest[:1] != _GZIP_MAGIC[:1]:
                    return bytes(content)
                unpacker = zlib.decompressobj(wbits=31)
            try:
                content += unpacker.decompress(rest, most_bytes + 1 - len(content))
            except zlib.error as error:
                raise UnreadableInput(
                    "says that it is gzip, and is not: check the address"
                ) from error
            rest = unpacker.unconsumed_tail or unpacker.unused_data
    if not unpacker.eof and len(content) <= most_bytes:
        raise UnreadableInput("is gzip that ends early: try again later")
    return bytes(content)


def _unpack(pieces: Iterable[bytes], encoding: str, most_bytes: int) -> bytes:
    match encoding.strip().lower():
        case "" | "identity":
            return b"".join(pieces)[: most_bytes + 1]
        case "gzip" | "x-gzip":
            return unpack_gzip(pieces, most_bytes)
        case other:
            raise UnreadableInput(f"is compressed as {other[:20]!r}, which was not asked for")


def _first_bytes(pieces: Iterable[bytes], most_bytes: int) -> Iterator[bytes]:
    received = 0
    for piece in pieces:
        yield piece
        received += len(piece)
        if received > most_bytes:
            return


@contextmanager
def _explain_failures(timeout_s: float) -> Iterator[None]:
    try:
        yield
    except httpcore.TimeoutException as error:
        raise Unreachable(
            f"does not answer within {timeout_s:g} s: try again later, or raise "
            "ingest.fetch_timeout_s"
        ) from error
    except httpcore.ConnectError as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise Unreachable(
                f"has an untrusted certificate ({cause.verify_message}): check the address"
            ) from error
        if isinstance(cause, ssl.SSLError):
            raise Unreachable("does not speak TLS: check the address") from error
        if isinstance(cause, ConnectionResetError):
            raise BrokenOff("closes the connection early: try again later") from error
        raise Unreachable("cannot be reached: check the address") from error
    except (httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise BrokenOff("stops in the middle of its answer: try again later") from error


class _GuardedNetwork(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, and keeps the deadline on every read."""

    def __init__(self, allowed: tuple[str, ...], resolve: Resolver, deadline: Deadline) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._deadline = deadline

    def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.NetworkStream:
        addresses = locate_host(host, port, self._resolve, self._allowed)
        failure: Exception = httpcore.ConnectError()
        for tried, address in enumerate(addresses):
            share_s = self._deadline.left_s() / (len(addresses) - tried)
            try:
                stream = httpcore.SyncBackend().connect_tcp(address, port, share_s)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure


class _TimedStream(httpcore.NetworkStream):
    """A peer that sends a byte now and then does not win time by it."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.left_s())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left_s())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        left_s = self._deadline.left_s()
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, left_s), self._deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
