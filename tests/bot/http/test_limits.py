"""How large, how slow, how often and how many at once: each limit over a real server."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.requests import Request

from bot.http.limits import Turns
from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import (
    ASKED,
    PATIENCE_S,
    HeldService,
    Running,
    build_post,
    check_problem,
    read_problem,
    read_response,
    run_app,
    run_shelf,
    wait_until,
)
from tests.factories import make_article

MOST_QUESTION_BYTES = 64 * 1024


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("limits"), make_article()) as opened:
        yield opened


@pytest.fixture(scope="module")
def running(shelf: Shelf) -> Iterator[Running]:
    with run_shelf(shelf) as server:
        yield server


def chunk(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(body), body)


def test_a_body_that_announces_too_much_is_refused_before_it_is_read(running: Running) -> None:
    request = build_post("/ask", b"", f"Content-Length: {MOST_QUESTION_BYTES + 1}")
    assert str(MOST_QUESTION_BYTES) in read_problem(413, *running.send(request)[1:])


def test_a_body_in_chunks_is_refused_once_it_is_too_long(running: Running) -> None:
    body = b"".join(chunk(b"x" * 8192) for _ in range(9))
    request = build_post("/ask", body, "Transfer-Encoding: chunked")
    assert str(MOST_QUESTION_BYTES) in read_problem(413, *running.send(request)[1:])


def test_a_body_in_chunks_is_read_whole(running: Running) -> None:
    body = json.dumps({"question": ASKED}).encode()
    framed = b"".join(chunk(body[i : i + 5]) for i in range(0, len(body), 5)) + chunk(b"")
    status, _, answer = running.send(build_post("/ask", framed, "Transfer-Encoding: chunked"))
    assert status == 200
    assert json.loads(answer)["answered"] is True


def test_uploads_have_a_limit_of_their_own(shelf: Shelf) -> None:
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings(max_upload_bytes=2000)))
    assert "2000" in check_problem(client.post("/articles", content=b"x" * 2001), 413)
    assert client.post("/articles", content=b"x" * 2000).status_code != 413
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings()))
    assert client.post("/articles", content=b"x" * 10_485_760).status_code != 413
    check_problem(client.post("/articles", content=b"x" * 10_485_761), 413)


def test_a_body_that_comes_slowly_is_given_up(shelf: Shelf) -> None:
    app = build_app(shelf.library, shelf.service, BotSettings())
    (limit,) = (each for each in app.user_middleware if "BodyLimit" in repr(each))
    limit.kwargs["timeout_s"] = 0.5
    with run_app(app) as server, server.connect() as connection:
        connection.sendall(build_post("/ask", b"{", "Content-Length: 50"))
        status, headers, body = read_response(connection)
        assert "0.5 s" in read_problem(408, headers, body)
        assert headers["connection"] == "close"
        assert connection.recv(1) == b""
        assert status == 408


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "],
    ids=["nothing", "a word", "half a head"],
)
def test_a_head_that_comes_slowly_is_given_up(running: Running, beginning: bytes) -> None:
    """Slow loris: one more byte now and then does not keep the connection."""
    with running.connect() as connection:
        connection.sendall(beginning)
        connection.settimeout(0.1)
        started = time.monotonic()
        while time.monotonic() < started + PATIENCE_S:
            try:
                if connection.recv(1) == b"":
                    break
            except TimeoutError:
                if beginning:
                    connection.sendall(b"a")
            except ConnectionError:
                break
        else:
            pytest.fail("still open")


def test_a_second_head_that_comes_slowly_is_given_up_too(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert read_response(connection)[0] == 200
        connection.sendall(b"GET /hea")
        assert connection.recv(1) == b""


def test_an_idle_connection_is_kept(running: Running) -> None:
    with running.connect() as connection:
        for pause_s in (2.0, 0):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert read_response(connection)[0] == 200
            time.sleep(pause_s)


def test_a_refused_body_that_goes_on_is_cut_off(running: Running) -> None:
    with running.connect() as connection:
        connection.sendall(build_post("/ask", b"", "Content-Length: 9000000"))
        assert read_response(connection)[0] == 413
        connection.sendall(b"x")
        assert connection.recv(1) == b""


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 40_000, id="long line"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: x\r\n" * 9_000, id="many lines"
        ),
        pytest.param(b"GET /" + b"x" * 40_000, id="long address"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\rb\r\n\r\n", id="a lone CR"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\x00b\r\n\r\n", id="NUL"),
    ],
)
def test_a_head_that_is_too_long_or_malformed_is_refused(running: Running, request_: bytes) -> None:
    status, headers, body = running.send(request_)
    assert status == 400
    assert "well-formed" in read_problem(status, headers, body)


def test_so_many_requests_of_one_caller_and_no_more(shelf: Shelf) -> None:
    keys = "read:the-first-key,read:the-second-key"
    settings = BotSettings.model_validate({"rate_limit": "3/hour", "api_keys": keys})
    client = TestClient(build_app(shelf.library, shelf.service, settings))

    def search(key: str) -> Response:
        return client.get("/search", params={"q": "talks"}, headers={"X-API-Key": key})

    assert [search("the-first-key").status_code for _ in range(3)] == [200] * 3
    refused = search("the-first-key")
    assert "3 per 1 hour" in check_problem(refused, 429)
    assert 3500 < int(refused.headers["retry-after"]) <= 3600
    assert search("the-second-key").status_code == 200
    assert client.get("/healthz").status_code == 200
    assert search("wrong").status_code == 401


def test_the_window_moves(shelf: Shelf) -> None:
    settings = BotSettings.model_validate({"rate_limit": "1/second", "api_keys": "read:the-key"})
    app = build_app(shelf.library, shelf.service, settings)
    client = TestClient(app, headers={"X-API-Key": "the-key"})
    wait_until(lambda: client.get("/metrics").status_code == 429)
    time.sleep(1.1)
    assert client.get("/metrics").status_code == 200


def test_this_machine_s_own_requests_are_not_counted(shelf: Shelf) -> None:
    settings = BotSettings(rate_limit="1/hour")
    client = TestClient(build_app(shelf.library, shelf.service, settings))
    assert [client.get("/metrics").status_code for _ in range(3)] == [200] * 3


@pytest.mark.parametrize("rate", ["0/minute", "many", "10", "10/fortnight", "-1/minute", ""])
def test_a_rate_that_is_none_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match="rate_limit"):
        BotSettings(rate_limit=rate)


def test_turns_are_taken_in_the_order_of_coming() -> None:
    turns = Turns(most_running=1, most_waiting=2)
    first, second, third = turns.join(), turns.join(), turns.join()
    assert first is not None
    assert second is not None
    assert third is not None
    assert (first.done(), second.done(), third.done()) == (True, False, False)
    assert turns.join() is None
    turns.leave(first)
    assert (second.done(), third.done()) == (True, False)
    assert (turns.running, turns.waiting) == (1, 1)
    fourth = turns.join()
    assert fourth is not None
    turns.leave(third)
    turns.leave(second)
    assert fourth.result(timeout=0) is True
    turns.leave(fourth)
    assert (turns.running, turns.waiting) == (0, 0)


def test_turns_that_close_send_away_who_waits_and_who_comes() -> None:
    turns = Turns(most_running=1, most_waiting=2)
    first, second = turns.join(), turns.join()
    assert first is not None
    assert second is not None
    turns.close()
    assert second.result(timeout=0) is False
    assert turns.join() is None
    turns.leave(second)
    assert turns.running == 1
    turns.leave(first)
    assert turns.running == 0


@pytest.fixture
def held(shelf: Shelf) -> Iterator[tuple[HeldService, Running, FastAPI]]:
    """One answer at a time, one that waits, and none that ends before it is let."""
    service = HeldService(shelf.service)
    app = build_app(shelf.library, service, BotSettings(answers_at_once=1, answers_waiting=1))
    with run_app(app) as server:
        try:
            yield service, server, app
        finally:
            service.let.set()


def ask(server: Running, text: str, **body: Any) -> httpx.Response:
    return httpx.post(
        f"{server.url}/ask",
        json={"question": text, **body},
        timeout=PATIENCE_S,
        trust_env=False,
    )


def test_one_answers_one_waits_and_the_next_is_turned_away(
    held: tuple[HeldService, Running, FastAPI],
) -> None:
    service, server, app = held
    with ThreadPoolExecutor(2) as clients:
        first = clients.submit(ask, server, "Who was first?")
        wait_until(lambda: service.begun == ["Who was first?"])
        second = clients.submit(ask, server, "Who was second?", stream=True)
        wait_until(lambda: app.state.turns.waiting == 1)
        refused = ask(server, "Who was third?")
        assert read_problem(503, dict(refused.headers), refused.content)
        assert int(refused.headers["retry-after"]) > 0
        # Nothing but answering waits.
        health = httpx.get(f"{server.url}/healthz", trust_env=False, timeout=PATIENCE_S)
        assert health.status_code == 200
        service.let.set()
        assert first.result().status_code == 200
        assert "event: answer" in second.result().text
    assert service.begun == ["Who was first?", "Who was second?"]
    wait_until(lambda: (app.state.turns.running, app.state.turns.waiting) == (0, 0))


def test_a_client_that_leaves_while_it_waits_frees_its_place(
    held: tuple[HeldService, Running, FastAPI],
) -> None:
    service, server, app = held
    with ThreadPoolExecutor(1) as clients:
        first = clients.submit(ask, server, "Who was first?")
        wait_until(lambda: service.begun == ["Who was first?"])
        with server.connect() as connection:
            connection.sendall(build_post("/ask", b'{"question": "Who left?"}'))
            wait_until(lambda: app.state.turns.waiting == 1)
        wait_until(lambda: app.state.turns.waiting == 0)
        service.let.set()
        assert first.result().status_code == 200
    assert service.begun == ["Who was first?"]


@pytest.mark.parametrize("stream", ["false", "true"])
def test_a_client_that_leaves_ends_the_work_and_gives_its_turn_back(
    held: tuple[HeldService, Running, FastAPI], stream: str
) -> None:
    service, server, app = held
    body = f'{{"question": "Who left?", "stream": {stream}}}'.encode()
    with server.connect() as connection:
        connection.sendall(build_post("/ask", body))
        wait_until(lambda: service.begun == ["Who left?"])
    wait_until(lambda: service.ended == ["Who left?"])
    wait_until(lambda: app.state.turns.running == 0)


def test_a_server_that_stops_finishes_its_answer_and_turns_away_who_waits(
    held: tuple[HeldService, Running, FastAPI],
) -> None:
    service, server, app = held
    with ThreadPoolExecutor(2) as clients:
        first = clients.submit(ask, server, "Who was first?")
        wait_until(lambda: service.begun == ["Who was first?"])
        second = clients.submit(ask, server, "Who was second?")
        wait_until(lambda: app.state.turns.waiting == 1)
        server.server.should_exit = True
        assert second.result().status_code == 503
        service.let.set()
        assert first.result().status_code == 200
    with pytest.raises(httpx.TransportError):
        ask(server, "Who came late?")


def test_a_server_that_stops_does_not_wait_for_ever(shelf: Shelf) -> None:
    service = HeldService(shelf.service)
    app = build_app(shelf.library, service, BotSettings())
    with run_app(app) as server, server.connect() as connection:
        server.server.config.timeout_graceful_shutdown = 1
        connection.sendall(build_post("/ask", b'{"question": "Who holds on?"}'))
        wait_until(lambda: service.begun == ["Who holds on?"])
        server.server.should_exit = True
        assert "ask again" in read_problem(*read_response(connection))
    wait_until(lambda: service.ended == ["Who holds on?"])


def test_waiting_holds_no_thread(shelf: Shelf) -> None:
    """More wait than there are threads, and what needs a thread is still served."""
    service = HeldService(shelf.service)
    app = build_app(shelf.library, service, BotSettings(answers_at_once=1, answers_waiting=60))
    with run_app(app) as server:
        connections = [server.connect() for _ in range(51)]
        try:
            for connection in connections:
                connection.sendall(build_post("/ask", b'{"question": "Who waits?"}'))
            wait_until(lambda: app.state.turns.waiting == 50)
            ready = httpx.get(f"{server.url}/readyz", trust_env=False, timeout=PATIENCE_S)
            assert ready.status_code == 200
            assert len(service.begun) == 1
        finally:
            for connection in connections:
                connection.close()
            service.let.set()


def test_a_route_reads_the_body_that_was_read_before_it(shelf: Shelf) -> None:
    app = build_app(shelf.library, shelf.service, BotSettings())

    @app.post("/v1/echo")
    async def echo(request: Request) -> str:
        return (await request.body()).decode()

    assert TestClient(app).post("/v1/echo", content=b"whole").json() == "whole"
