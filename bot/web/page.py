"""`GET /`, `/archive` and `/docs`: pages, and the scripts and styles that they load from
`/static/`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

# A browser asks for these before anyone can have given a key; they hold nothing of the archive.
STATIC_PATH = "/static/"
ARCHIVE_PATH = "/archive"

_STATIC = Path(__file__).parent / "static"
# The package and its folder, as `StaticFiles` takes them.
_SWAGGER_UI = ("fastapi_offline", "static")
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # The page and its scripts are of one version: each is asked after again, and costs a 304.
    "Cache-Control": "no-cache",
}


class _CheckedFiles(StaticFiles):
    def file_response(self, *arguments: Any, **options: Any) -> Response:
        response = super().file_response(*arguments, **options)
        response.headers.update(_HEADERS)
        return response


def add_page(app: FastAPI) -> None:
    _add_html(app, "/", "index.html")
    _add_html(app, ARCHIVE_PATH, "archive.html")
    _add_html(app, "/docs", "docs.html")
    files = _CheckedFiles(directory=_STATIC, packages=[_SWAGGER_UI])
    app.mount(STATIC_PATH.rstrip("/"), files, name="static")


def _add_html(app: FastAPI, path: str, name: str) -> None:
    html = (_STATIC / name).read_text(encoding="utf-8")

    @app.head(path, include_in_schema=False)
    @app.get(path, include_in_schema=False)
    def page() -> HTMLResponse:
        return HTMLResponse(html, headers=_HEADERS)
