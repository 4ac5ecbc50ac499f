"""Where the reader of an answer finds this server's page.

What proxies say that they changed is believed for this alone: a caller who makes it up gets a
wrong link in an answer of its own.
"""

from __future__ import annotations

import re

from fastapi import Request
from starlette.datastructures import Headers

_SCHEMES = ("http", "https")
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?", re.I | re.A)
_PREFIX = re.compile(r"(?:/[\w.~-]+)+", re.A)
# `for=192.0.2.60;proto=https;host="news.example"` (RFC 7239)
_FORWARDED = re.compile(r'\b(proto|host)=(?:"([^"]*)"|([^\s;,"]+))', re.I)


def find_page_url(request: Request) -> str:
    """The address of `/`, as a browser outside of any proxy reaches it."""
    seen, headers = request.base_url, request.headers
    first = {name.lower(): quoted or bare for name, quoted, bare in _read_forwarded(headers)}
    scheme = _first(headers, "x-forwarded-proto") or first.get("proto", "")
    host = _first(headers, "x-forwarded-host") or first.get("host", "")
    prefix = _first(headers, "x-forwarded-prefix").rstrip("/")
    return "".join(
        (
            scheme.lower() if scheme.lower() in _SCHEMES else seen.scheme,
            "://",
            host if _HOST.fullmatch(host) else seen.netloc,
            prefix if _PREFIX.fullmatch(prefix) else "",
            seen.path,
        )
    )


def _first(headers: Headers, name: str) -> str:
    """Of several proxies, what the outermost says."""
    return headers.get(name, "").partition(",")[0].strip()


def _read_forwarded(headers: Headers) -> list[tuple[str, str, str]]:
    return _FORWARDED.findall(_first(headers, "forwarded"))
