"""The page's own files: small, safe, and cheap to ask for again."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

import bot.web
from bot.web.page import add_page

STATIC = Path(bot.web.__file__).parent / "static"
FILES = sorted(path.name for path in STATIC.iterdir())


@pytest.fixture
def client() -> TestClient:
    app = FastAPI()
    add_page(app)
    return TestClient(app)


def test_the_whole_page_is_at_most_100_kilobytes() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) <= 100_000


@pytest.mark.parametrize("path", ["/", *(f"/static/{name}" for name in FILES)])
def test_every_file_comes_with_its_type_and_the_strict_policy(
    client: TestClient, path: str
) -> None:
    response = client.get(path)
    assert response.status_code == 200
    expected = {"css": "text/css", "js": "text/javascript"}.get(path.rsplit(".")[-1], "text/html")
    assert response.headers["content-type"].startswith(expected)
    assert response.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-cache"


def test_a_file_that_has_not_changed_is_not_sent_again(client: TestClient) -> None:
    tag = client.get("/static/page.js").headers["etag"]
    again = client.get("/static/page.js", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/static/", "/static/..%2fpage.py", "/static/page.py"])
def test_nothing_but_the_page_s_files_is_served(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


def test_no_file_makes_elements_of_text_or_names_another_host() -> None:
    for path in STATIC.iterdir():
        text = path.read_text(encoding="utf-8")
        for forbidden in (
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
        ):
            assert forbidden not in text, path.name
        hosts = text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in hosts, path.name
        assert "https://" not in hosts, path.name
