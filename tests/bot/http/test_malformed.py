"""Requests as nobody should send them: each is a problem that says what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import Running, build_post, read_problem, run_shelf
from tests.factories import make_article

HEAD = b"Host: 127.0.0.1\r\n"
DEEP = b"[" * 30_000


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with open_shelf(tmp_path_factory.mktemp("malformed"), make_article()) as shelf:
        assert isinstance(shelf, Shelf)
        with run_shelf(shelf) as server:
            yield server


def get(target: bytes, *lines: bytes) -> bytes:
    return b"GET %s HTTP/1.1\r\n%s%s\r\n" % (target, HEAD, b"".join(lines))


def post(body: bytes, *lines: str) -> bytes:
    return build_post("/ask", body, *lines)


def ask(**body: object) -> bytes:
    return post(json.dumps(body).encode())


@pytest.mark.parametrize(
    ("request_", "status", "said"),
    [
        pytest.param(b"hello\r\n\r\n", 400, "well-formed", id="no HTTP"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", 400, "well-formed", id="TLS"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, "well-formed", id="no host"),
        pytest.param(get(b"/", b"Host: other\r\n"), 400, "well-formed", id="two hosts"),
        pytest.param(get(b"/", b"Bad Name: x\r\n"), 400, "well-formed", id="header name"),
        pytest.param(get(b"/a b"), 400, "well-formed", id="space in the address"),
        pytest.param(post(b"{}", "Content-Length: two"), 400, "well-formed", id="length no number"),
        pytest.param(post(b"{}", "Content-Length: -2"), 400, "well-formed", id="length negative"),
        pytest.param(
            post(b"{}", "Content-Length: 2", "Content-Length: 3"), 400, "well-formed", id="lengths"
        ),
        pytest.param(
            post(b"{}", "Transfer-Encoding: gzip"), 400, "well-formed", id="transfer encoding"
        ),
        pytest.param(get(b"/ask"), 405, "this method", id="other method"),
        pytest.param(b"BREW /ask HTTP/1.1\r\n%s\r\n" % HEAD, 405, "this method", id="no method"),
        pytest.param(get(b"/%00"), 404, "/docs", id="NUL in the address"),
        pytest.param(get(b"/articles/..%2f"), 404, "/docs", id="climbing address"),
        pytest.param(get(b"/articles/%ff%fe"), 404, "articles list", id="bytes in the address"),
        pytest.param(get(b"/search"), 422, "query.q", id="no query"),
        pytest.param(get(b"/search?q=%20"), 422, "query.q", id="blank query"),
        pytest.param(get(b"/search?q=a&top_k=x"), 422, "top_k", id="count no number"),
        pytest.param(get(b"/search?q=a&as_of=soon"), 422, "2026-02-12", id="date no date"),
        pytest.param(post(b""), 422, "body", id="no body"),
        pytest.param(post(b"{"), 422, "is not JSON (", id="half a body"),
        pytest.param(post(b"{question: 1}"), 422, "at 1): send JSON", id="nearly JSON"),
        pytest.param(post(b"\xff\xfe{"), 400, "UTF-8", id="no UTF-8"),
        pytest.param(post(b'{"question": "\xe9"}'), 400, "UTF-8", id="Latin-1"),
        pytest.param(post(DEEP), 400, "JSON", id="deep nesting"),
        pytest.param(post(b'"Who?"'), 422, "body", id="a bare string"),
        pytest.param(ask(question=None), 422, "question", id="question null"),
        pytest.param(ask(question="Who?", stream="perhaps"), 422, "stream", id="stream perhaps"),
        pytest.param(ask(question="Who?", stream=1), 422, "stream", id="stream a number"),
        pytest.param(ask(question="Who?", sources={}), 422, "sources", id="sources no list"),
        pytest.param(ask(question="Who?", asked="now"), 422, "asked", id="unknown field"),
        pytest.param(ask(question="Who?", until="2026-13-01"), 422, "2026-02-12", id="no month"),
    ],
)
def test_a_malformed_request_is_a_problem_that_says_what_to_do(
    running: Running, request_: bytes, status: int, said: str
) -> None:
    found, headers, body = running.send(request_)
    assert said in read_problem(found, headers, body)
    assert found == status
    if status == 405:
        assert headers["allow"] == "POST"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"]
)
def test_a_body_of_another_type_is_refused(running: Running, content_type: str) -> None:
    """No page of another site can send JSON as one of these, which need no asking first."""
    body = b'{"question": "Who?"}'
    request = build_post("/ask", body).replace(b"application/json", content_type.encode())
    assert "application/json" in read_problem(415, *running.send(request)[1:])
    without = build_post("/ask", body).replace(b"Content-Type: application/json\r\n", b"")
    assert "application/json" in read_problem(415, *running.send(without)[1:])


def test_a_connection_is_closed_when_a_body_s_framing_breaks(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(post(b"zz\r\n", "Transfer-Encoding: chunked"))
        assert connection.recv(1) == b""
    assert running.send(get(b"/healthz"))[0] == 200
