"""An address over HTTP: fetched in the background, by one job after another."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from bot.http.callers import Caller, get_caller
from bot.http.jobs import MOST_QUEUED, IngestJobs, JobNotFound
from bot.serving import build_app
from bot.settings import BotSettings
from ingest.documents import Link
from ingest.settings import IngestSettings
from retrieval.errors import StorageError
from retrieval.opening import Library
from tests.bot.http.test_app import check_problem
from tests.bot.http.test_articles import wait_for
from tests.bot.http.test_problems import Failing
from tests.ingest.test_feeds_to_archive import make_feed, make_page
from tests.web_server import Page, WebServer, redirect, serve_web

JOB_KEYS = {"job_id", "status", "href", "report", "error"}


@pytest.fixture
def web() -> Iterator[WebServer]:
    with serve_web() as server:
        yield server


@pytest.fixture
def app(library: Library, monkeypatch: pytest.MonkeyPatch) -> FastAPI:
    """It may fetch from what is called localhost, but not from 127.0.0.1."""
    monkeypatch.setenv("DATELINE_INGEST__ALLOWED_PRIVATE_HOSTS", '["localhost"]')
    monkeypatch.setenv("DATELINE_INGEST__FETCH_DELAY_S", "0")
    return build_app(library, Failing(AssertionError()), BotSettings())


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as opened:
        yield opened


def send(client: TestClient, web: WebServer, path: str) -> str:
    """The job's address."""
    return send_url(client, web.address(path, host="localhost"))


def send_url(client: TestClient, url: str) -> str:
    response = client.post("/articles", json={"url": url})
    assert response.status_code == 202, response.text
    assert set(response.json()) == JOB_KEYS
    href = response.headers["location"]
    assert href == response.json()["href"] == f"/jobs/{response.json()['job_id']}"
    return href


def wait_until_over(client: TestClient, href: str) -> tuple[str, dict[str, int], str | None]:
    """How it ended, what was counted, and what went wrong."""
    wait_for(lambda: client.get(href).json()["status"] in ("done", "failed"), timeout_s=30)
    job = client.get(href).json()
    assert set(job) == JOB_KEYS
    counts = {name: count for name, count in job["report"].items() if isinstance(count, int)}
    return job["status"], {name: count for name, count in counts.items() if count}, job["error"]


class Gate:
    """A page that is sent when it is opened."""

    def __init__(self, page: Page) -> None:
        self.opened, self.asked = threading.Event(), threading.Event()
        self._page = page

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.set()
        assert self.opened.wait(30)
        assert isinstance(self._page.body, bytes)
        handler.send_response(200)
        handler.send_header("Content-Type", "text/html")
        handler.send_header("Content-Length", str(len(self._page.body)))
        handler.end_headers()
        handler.wfile.write(self._page.body)


@pytest.fixture
def gate(web: WebServer) -> Iterator[Gate]:
    gate = Gate(make_page("Accord"))
    web.pages["/slow"] = gate
    yield gate
    gate.opened.set()


def test_a_page_is_taken_in(client: TestClient, web: WebServer) -> None:
    web.pages["/a"] = make_page("Accord")
    assert wait_until_over(client, send(client, web, "/a")) == ("done", {"added": 1}, None)
    (article,) = client.get("/articles").json()["articles"]
    assert (article["title"], article["url"]) == ("Accord", web.address("/a", host="localhost"))


def test_what_a_feed_leads_to_is_taken_in_and_what_fails_is_named(
    client: TestClient, web: WebServer
) -> None:
    feed = make_feed(web, "/a", "/gone")
    assert isinstance(feed.body, bytes)
    body = feed.body.replace(b"127.0.0.1", b"localhost")
    web.pages |= {"/feed": Page(body, headers=feed.headers), "/a": make_page("Accord")}
    href = send(client, web, "/feed")
    assert wait_until_over(client, href) == ("done", {"added": 1}, None)
    (failure,) = client.get(href).json()["report"]["failed"]
    assert failure["input"].endswith("/gone")
    assert "404" in failure["error"]
    again = send(client, web, "/feed")
    assert wait_until_over(client, again) == ("done", {"unchanged": 1}, None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:{port}/a", "http://[::1]:{port}/a"])
def test_a_private_address_is_not_fetched(client: TestClient, web: WebServer, url: str) -> None:
    status, counts, error = wait_until_over(client, send_url(client, url.format(port=web.port)))
    assert (status, counts) == ("failed", {})
    assert error is not None
    assert "private address" in error
    assert web.requests == []


def test_a_redirect_to_loopback_is_not_followed(client: TestClient, web: WebServer) -> None:
    web.pages |= {
        "/away": redirect(f"http://127.0.0.1:{web.port}/secret"),
        "/secret": make_page("Secret"),
    }
    status, counts, error = wait_until_over(client, send(client, web, "/away"))
    assert (status, counts) == ("failed", {})
    assert error is not None
    assert "redirects to" in error
    assert "private address" in error
    assert web.paths == ["/away"]
    assert client.get("/articles").json()["articles"] == []


def test_jobs_run_one_at_a_time_in_the_order_they_came(
    client: TestClient, web: WebServer, gate: Gate
) -> None:
    web.pages["/b"] = make_page("Cable", ships=7)
    first, second = send(client, web, "/slow"), send(client, web, "/b")
    assert gate.asked.wait(10)
    assert client.get(first).json()["status"] == "running"
    assert client.get(second).json()["status"] == "queued"
    assert "/b" not in web.paths
    gate.opened.set()
    assert wait_until_over(client, second)[0] == "done"
    assert client.get(first).json()["status"] == "done"


def test_a_running_job_shows_what_it_has_taken_in_so_far(
    client: TestClient, web: WebServer, gate: Gate
) -> None:
    feed = make_feed(web, "/a", "/slow")
    assert isinstance(feed.body, bytes)
    body = feed.body.replace(b"127.0.0.1", b"localhost")
    web.pages |= {"/feed": Page(body, headers=feed.headers), "/a": make_page("Ferry", ships=900)}
    href = send(client, web, "/feed")
    assert gate.asked.wait(10)
    job = client.get(href).json()
    assert (job["status"], job["report"]["added"]) == ("running", 1)
    gate.opened.set()
    assert wait_until_over(client, href) == ("done", {"added": 2}, None)


def test_more_addresses_than_may_wait_are_sent_back_with_a_time(
    client: TestClient, web: WebServer, gate: Gate
) -> None:
    send(client, web, "/slow")
    assert gate.asked.wait(10)
    for _ in range(MOST_QUEUED):
        send(client, web, "/slow")
    response = client.post("/articles", json={"url": web.address("/slow", host="localhost")})
    assert "again" in check_problem(response, 503)
    assert int(response.headers["retry-after"]) > 0


def test_a_job_is_its_caller_s_alone(app: FastAPI, client: TestClient, web: WebServer) -> None:
    web.pages["/a"] = make_page("Accord")
    app.dependency_overrides[get_caller] = lambda: Caller("alice", "write")
    href = send(client, web, "/a")
    assert client.get(href).status_code == 200
    app.dependency_overrides[get_caller] = lambda: Caller("bob", "write")
    foreign = check_problem(client.get(href), 404)
    unknown = check_problem(client.get(f"/jobs/{'0' * 32}"), 404)
    assert foreign.replace(href.removeprefix("/jobs/"), "0" * 32) == unknown


def test_stopping_the_server_stops_the_running_job_between_two_articles(
    app: FastAPI, library: Library, web: WebServer, gate: Gate
) -> None:
    feed = make_feed(web, "/a", "/slow", "/b")
    assert isinstance(feed.body, bytes)
    body = feed.body.replace(b"127.0.0.1", b"localhost")
    web.pages |= {"/feed": Page(body, headers=feed.headers), "/a": make_page("Ferry", ships=900)}
    web.pages["/b"] = make_page("Cable", ships=7)
    running = set(threading.enumerate())
    with TestClient(app) as client:
        send(client, web, "/feed")
        send(client, web, "/b")
        assert gate.asked.wait(10)
        threading.Timer(0.3, gate.opened.set).start()
    assert [article.title for article in library.archive] == ["Ferry"]
    assert "/b" not in web.paths
    left = set(threading.enumerate()) - running
    assert not any(thread.name == "ingest-jobs" for thread in left)


def test_a_stopped_job_says_what_to_do(library: Library, web: WebServer, gate: Gate) -> None:
    settings = IngestSettings(allowed_private_hosts=("localhost",), fetch_delay_s=0)
    jobs = IngestJobs(library, settings)
    link = Link(web.address("/slow", host="localhost"))
    running, queued = jobs.submit(link, ""), jobs.submit(link, "")
    assert gate.asked.wait(10)
    threading.Timer(0.3, gate.opened.set).start()
    jobs.stop()
    for job in (running, queued):
        assert job.status == "failed"
        assert job.error is not None
        assert "send the address again" in job.error
    assert library.archive.count() == 0


def test_a_failure_of_the_archive_fails_the_job_and_not_the_next(
    client: TestClient, library: Library, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise StorageError("the disk is full: free some")

    web.pages |= {"/a": make_page("Accord"), "/b": make_page("Cable", ships=7)}
    with monkeypatch.context() as patched:
        patched.setattr(type(library.archive), "put", fail)
        status, _, error = wait_until_over(client, send(client, web, "/a"))
    assert (status, error) == ("failed", "the disk is full: free some")
    assert wait_until_over(client, send(client, web, "/b"))[0] == "done"


def test_jobs_that_are_long_over_are_forgotten(library: Library, web: WebServer) -> None:
    jobs = IngestJobs(library, IngestSettings())
    link = Link(f"http://127.0.0.1:{web.port}/")
    first = jobs.submit(link, "")
    for _ in range(1_000):
        last = jobs.submit(link, "")
        while not last.is_over:
            time.sleep(0.001)
    with pytest.raises(JobNotFound):
        jobs.find(first.job_id, "")
    assert jobs.find(last.job_id, "") is last
    jobs.stop()
