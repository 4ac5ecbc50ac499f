"""Fetch pages from the web: politely, once, and without being led into the network behind us."""

from __future__ import annotations

import codecs
import logging
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from ingest.addresses import Resolver, resolve_host
from ingest.documents import Visit
from ingest.errors import UnreadableInput
from ingest.robots import MOST_BYTES as MOST_ROBOTS_BYTES
from ingest.robots import Robots
from ingest.settings import IngestSettings
from ingest.visits import VisitLog
from ingest.web import BrokenOff, Deadline, Reply, Web, is_gzip, parse_address, unpack_gzip

_MOST_REDIRECTS = 5
_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 503)
_LONGEST_WAIT_S = 30.0
_LONGEST_PROMISE_S = 31 * 24 * 3600.0
_LONGEST_VALIDATOR = 1_000
_HEADERS = {
    "Accept": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
    "Accept-Encoding": "gzip",
}
# Codecs of Python's own, which no page is written in.
_NOT_OF_THE_WEB = ("idna", "punycode", "undefined", "utf-7", "unicode-escape", "raw-unicode-escape")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Fetched:
    """`url` is the last address, after redirects; `content` is unpacked."""

    url: str
    content: bytes
    content_type: str
    charset: str | None
    etag: str | None
    last_modified: str | None


class Fetcher:
    """One run over the web: a page is fetched once, robots.txt is read once a site."""

    def __init__(
        self,
        settings: IngestSettings,
        log: VisitLog,
        resolve: Resolver = resolve_host,
        wait: Callable[[float], object] = time.sleep,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._settings = settings
        self._log = log
        self._web = Web(settings, resolve, tls)
        self._pauses = _Pauses(wait, max(_LONGEST_WAIT_S, settings.fetch_delay_s))
        self._robots = Robots(settings.user_agent, self._get_robots)
        self._fetched: set[str] = set()

    def fetch(self, url: str, updated: str | None) -> Fetched | None:
        """The page, or None if it is as it was when logged, or fetched before in this run.

        `updated` is when a feed says it last changed. Raises UnreadableInput.
        """
        asked, most_bytes = parse_address(url), self._settings.max_article_bytes
        known = self._log.find(url) or Visit(url)
        if url in self._fetched or (updated is not None and updated == known.updated):
            return None
        conditions = _conditions(known)
        reply = self._follow(asked, conditions, most_bytes, self._admit)
        _log.debug("%s answered %s", reply.url.host, reply.status)
        fetched = None
        if reply.status != HTTPStatus.NOT_MODIFIED or not conditions:
            fetched = _read_page(reply, asked, most_bytes)
        elif updated:
            self._log.record(replace(known, updated=updated))
        self._fetched.add(url)
        return fetched

    def _follow(
        self,
        url: httpx.URL,
        conditions: Mapping[str, str],
        most_bytes: int,
        admit: Callable[[httpx.URL], None],
    ) -> Reply:
        """The reply at the end of the redirects; every step is checked like the first."""
        deadline, location = Deadline(self._settings.fetch_timeout_s), ""
        for _ in range(_MOST_REDIRECTS + 1):
            try:
                if location:
                    url, conditions = _resolve_redirect(url, location), {}
                with deadline.held():
                    admit(url)
                reply = self._ask(url, conditions, most_bytes, deadline)
            except UnreadableInput as error:
                if not location:
                    raise
                raise UnreadableInput(f"redirects to {location[:200]!r}, which {error}") from error
            location = reply.headers.get("location", "")
            if reply.status not in _REDIRECTS or not location:
                return reply
        raise UnreadableInput(f"redirects more than {_MOST_REDIRECTS} times: check the address")

    def _ask(
        self, url: httpx.URL, conditions: Mapping[str, str], most_bytes: int, deadline: Deadline
    ) -> Reply:
        """Once more if the connection breaks off, or if the server asks us to wait a little."""
        headers = {"User-Agent": self._settings.user_agent, **_HEADERS, **conditions}
        for last in (False, True):
            with deadline.held():
                self._pauses.wait_for(url.host)
            try:
                reply = self._web.ask(url, headers, deadline, most_bytes)
            except BrokenOff:
                if last:
                    raise
                continue
            finally:
                delay_s = max(self._settings.fetch_delay_s, self._robots.delay_s(url))
                self._pauses.begin(url.host, delay_s)
            wait_s = _read_retry_after(reply)
            if wait_s is None:
                break
            self._pauses.begin(url.host, wait_s)
        return reply

    def _admit(self, url: httpx.URL) -> None:
        if self._settings.obey_robots:
            self._robots.admit(url)

    def _get_robots(self, url: httpx.URL) -> Reply:
        return self._follow(url, {}, MOST_ROBOTS_BYTES, admit=lambda _: None)


class _Pauses:
    """When the next request to a host may be made."""

    def __init__(self, wait: Callable[[float], object], longest_s: float) -> None:
        self._wait = wait
        self._longest_s = longest_s
        self._over_at: dict[str, float] = {}

    def begin(self, host: str, seconds: float) -> None:
        over_at = time.monotonic() + seconds
        self._over_at[host] = max(over_at, self._over_at.get(host, 0.0))

    def wait_for(self, host: str) -> None:
        """Raises UnreadableInput if the host wants to be left alone for long."""
        seconds = self._over_at.get(host, 0.0) - time.monotonic()
        if seconds > self._longest_s:
            until = datetime.now().astimezone() + timedelta(seconds=seconds)
            raise UnreadableInput(f"asks not to be fetched until {until:%Y-%m-%d %H:%M %Z}")
        if seconds > 0:
            self._wait(seconds)


def _resolve_redirect(url: httpx.URL, location: str) -> httpx.URL:
    try:
        target = parse_address(str(url.join(location)))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UnreadableInput("is not a valid address") from error
    if (url.scheme, target.scheme) == ("https", "http"):
        raise UnreadableInput("is not encrypted, although the first address was")
    return target


def _read_page(reply: Reply, asked: httpx.URL, most_bytes: int) -> Fetched:
    """Raises UnreadableInput for what is no page."""
    # An address that redirects may lead elsewhere tomorrow, where these would mean nothing.
    validators = reply.headers if reply.url == asked else httpx.Headers()
    return Fetched(
        url=str(reply.url),
        content=_read_content(reply, most_bytes),
        content_type=reply.content_type,
        charset=_read_charset(reply),
        etag=_read_validator(validators.get("etag")),
        last_modified=_read_validator(validators.get("last-modified")),
    )


def _read_content(reply: Reply, most_bytes: int) -> bytes:
    if reply.status != HTTPStatus.OK:
        raise UnreadableInput(f"answers {_describe_status(reply.status)}: check the address")
    if reply.is_media:
        raise UnreadableInput(f"is {reply.content_type}, not an article")
    content = reply.content
    if is_gzip(content):
        content = unpack_gzip([content], most_bytes)
    if len(content) > most_bytes:
        raise UnreadableInput(
            f"is larger than {most_bytes:,} bytes: raise ingest.max_article_bytes to take it"
        )
    return content


def _describe_status(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)


def _read_charset(reply: Reply) -> str | None:
    """The charset that the server states, by the name that Python has for it."""
    message = Message()
    message["content-type"] = reply.headers.get("content-type", "")
    try:
        name = codecs.lookup(str(message.get_param("charset", ""))).name
    except LookupError:
        return None
    return None if name in _NOT_OF_THE_WEB else name


def _read_validator(header: str | None) -> str | None:
    return header if header and header.isascii() and len(header) <= _LONGEST_VALIDATOR else None


def _conditions(known: Visit) -> dict[str, str]:
    conditions = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _read_retry_after(reply: Reply) -> float | None:
    """The seconds that a busy server asks us to wait, given as such or as a date."""
    if reply.status not in _BUSY:
        return None
    value = reply.headers.get("retry-after", "")
    try:
        seconds = float(value) if value.isdecimal() else _seconds_until(value)
    except (ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), _LONGEST_PROMISE_S)


def _seconds_until(value: str) -> float:
    moment = parsedate_to_datetime(value)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()
