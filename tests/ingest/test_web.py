"""Servers that are slow, endless, packed, encrypted or broken."""

from __future__ import annotations

import gzip
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from ingest.errors import UnreadableInput
from ingest.fetching import Fetcher
from ingest.settings import IngestSettings
from ingest.visits import VisitLog
from tests.web_server import (
    HTML,
    Page,
    WebServer,
    fetch,
    fetch_error,
    gzipped,
    make_fetcher,
    redirect,
    resolve_test_names,
    serve_web,
)


def test_the_server_is_told_its_name_and_ours_and_nothing_else(
    web: WebServer, log: VisitLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine news.test login ann password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    fetch(log, web.address(), user_agent="gazette/2 (+https://gazette.example)")
    assert dict(web.requests[-1].headers) == {
        "Host": f"news.test:{web.port}",
        "User-Agent": "gazette/2 (+https://gazette.example)",
        "Accept": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
        "Accept-Encoding": "gzip",
    }


def test_proxies_of_the_environment_are_not_used(
    web: WebServer, log: VisitLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(variable, "http://127.0.0.1:9")
    assert fetch(log, web.address()).content == HTML


def test_cookies_are_not_sent_back(web: WebServer, log: VisitLog) -> None:
    cookie = {"Set-Cookie": "session=1; Path=/"}
    web.pages["/a"] = Page(b"", 302, {"Location": "/", **cookie})
    web.pages["/"] = Page(headers={"Content-Type": "text/html", **cookie})
    fetcher = make_fetcher(log)
    fetcher.fetch(web.address("/a"), None)
    fetcher.fetch(web.address("/"), None)
    assert web.paths == ["/a", "/", "/"]
    assert not any("Cookie" in request.headers for request in web.requests)


def timed_error(log: VisitLog, address: str) -> str:
    started = time.monotonic()
    error = fetch_error(log, address, fetch_timeout_s=0.5, obey_robots=False)
    assert time.monotonic() - started < 1.5
    return error


def test_a_body_that_drips_is_given_up_at_the_deadline(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = Page(itertools.repeat(b"x"), pause_s=0.05)
    error = timed_error(log, web.address("/a"))
    assert error.startswith("does not answer within 0.5 s")
    assert "ingest.fetch_timeout_s" in error


def test_a_packed_body_that_drips_is_given_up_at_the_deadline(
    web: WebServer, log: VisitLog
) -> None:
    packed = gzip.compress(HTML)
    pieces = (packed[n : n + 1] for n in range(len(packed)))
    headers = {"Content-Type": "text/html", "Content-Encoding": "gzip"}
    web.pages["/a"] = Page(pieces, headers=headers, pause_s=0.05)
    assert "does not answer within" in timed_error(log, web.address("/a"))


def test_headers_that_drip_are_given_up_at_the_deadline(web: WebServer, log: VisitLog) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not web.stopping.wait(0.05):
            handler.wfile.write(b"X-Slow: 1\r\n")

    web.pages["/a"] = drip
    assert "does not answer within" in timed_error(log, web.address("/a"))


def test_a_server_that_says_nothing_is_given_up_at_the_deadline(
    web: WebServer, log: VisitLog
) -> None:
    def say_nothing(_: BaseHTTPRequestHandler) -> None:
        web.stopping.wait()

    web.pages["/a"] = say_nothing
    assert "does not answer within" in timed_error(log, web.address("/a"))


def test_redirects_share_one_deadline(web: WebServer, log: VisitLog) -> None:
    def slowly(handler: BaseHTTPRequestHandler) -> None:
        web.stopping.wait(0.2)
        handler.send_response(302)
        handler.send_header("Location", handler.path + "x")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    web.pages |= {"/a" + "x" * n: slowly for n in range(6)}
    assert "does not answer within" in timed_error(log, web.address("/a"))


def test_waiting_out_of_courtesy_does_not_count_against_the_deadline(
    web: WebServer, log: VisitLog
) -> None:
    fetched = fetch(log, web.address(), fetch_timeout_s=0.5, fetch_delay_s=0.7)
    assert fetched.content == HTML


@pytest.mark.parametrize(
    "page",
    [
        Page(b"x" * 2_001),
        Page(itertools.repeat(b"x" * 65_536)),
        gzipped(b"x" * 2_001),
        gzipped(b"\0" * 50_000_000),
        Page(gzip.compress(b"\0" * 50_000_000), headers={"Content-Type": "application/gzip"}),
        gzipped(gzip.compress(b"\0" * 50_000_000)),
    ],
    ids=["long", "endless", "packed", "bomb", "bomb as a file", "bomb in a bomb"],
)
def test_a_page_that_is_too_large_is_refused_before_it_is_whole(
    web: WebServer, log: VisitLog, page: Page
) -> None:
    web.pages["/a"] = page
    error = fetch_error(log, web.address("/a"), max_article_bytes=2_000)
    assert error == "is larger than 2,000 bytes: raise ingest.max_article_bytes to take it"


def test_a_page_of_the_largest_size_is_taken(web: WebServer, log: VisitLog) -> None:
    for page in (Page(b"x" * 2_000), gzipped(b"x" * 2_000), Page([b"x" * 1_000] * 2)):
        web.pages["/a"] = page
        fetched = fetch(log, web.address("/a"), max_article_bytes=2_000)
        assert fetched.content == b"x" * 2_000


def test_a_bomb_does_not_take_the_memory_that_it_would_unpack_to(
    web: WebServer, log: VisitLog
) -> None:
    import tracemalloc

    web.pages["/a"] = gzipped(b"\0" * 50_000_000)
    tracemalloc.start()
    try:
        fetch_error(log, web.address("/a"), max_article_bytes=2_000)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 5_000_000


def test_gzip_of_several_members_and_a_tail_is_unpacked(web: WebServer, log: VisitLog) -> None:
    members = gzip.compress(HTML[:50]) + gzip.compress(b"") + gzip.compress(HTML[50:])
    packed = {"Content-Type": "text/html", "Content-Encoding": "x-gzip"}
    web.pages["/a"] = Page(members + b"\0" * 8, headers=packed)
    web.pages["/a.html.gz"] = Page(members, headers={"Content-Type": "application/gzip"})
    assert fetch(log, web.address("/a")).content == HTML
    assert fetch(log, web.address("/a.html.gz")).content == HTML


@pytest.mark.parametrize(
    ("encoding", "body", "error"),
    [
        ("gzip", gzip.compress(HTML)[:-9], "ends early"),
        ("gzip", HTML, "says that it is gzip, and is not"),
        ("br", HTML, "is compressed as 'br'"),
        ("gzip, gzip", gzip.compress(gzip.compress(HTML)), "is compressed as 'gzip, gzip'"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_refused(
    web: WebServer, log: VisitLog, encoding: str, body: bytes, error: str
) -> None:
    web.pages["/a"] = Page(body, headers={"Content-Encoding": encoding})
    assert error in fetch_error(log, web.address("/a"))


def test_a_body_shorter_than_announced_is_no_page(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = Page(HTML, headers={"Content-Length": str(len(HTML) + 10)})
    assert "stops in the middle" in fetch_error(log, web.address("/a"))


def test_headers_without_end_are_refused(web: WebServer, log: VisitLog) -> None:
    web.pages["/a"] = Page(headers={f"X-{n}": "x" * 1_000 for n in range(200)})
    assert "stops in the middle" in fetch_error(log, web.address("/a"))


def test_what_is_no_http_is_refused(web: WebServer, log: VisitLog) -> None:
    def greet(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")

    web.pages["/a"] = greet
    assert "stops in the middle" in fetch_error(log, web.address("/a"))


@pytest.mark.parametrize("kind", ["image/png", "Video/mp4", "audio/mpeg; codecs=x", "font/woff2"])
def test_pictures_and_sounds_are_refused_before_they_are_read(
    web: WebServer, log: VisitLog, kind: str
) -> None:
    web.pages["/a"] = Page(itertools.repeat(b"x"), headers={"Content-Type": kind}, pause_s=5)
    assert "not an article" in fetch_error(log, web.address("/a"), fetch_timeout_s=2)


def test_a_tls_server_is_told_the_name_of_the_host(log: VisitLog) -> None:
    hellos: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def take() -> None:
            connection, _ = listener.accept()
            with connection:
                hellos.append(connection.recv(16_384))

        thread = threading.Thread(target=take)
        thread.start()
        port = listener.getsockname()[1]
        fetch_error(log, f"https://news.test:{port}/", obey_robots=False, fetch_timeout_s=2)
        thread.join()
    assert b"news.test" in hellos[0]
    assert b"127.0.0.1" not in hellos[0]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of news.test, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "news.test")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("news.test")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    unlocked = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(key.private_bytes(*unlocked) + signed.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def tls_web(certificate: Path) -> Iterator[WebServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with serve_web(context) as server:
        server.pages["/"] = Page()
        yield server


def make_tls_fetcher(log: VisitLog, certificate: Path, *hosts: str) -> Fetcher:
    settings = IngestSettings(allowed_private_hosts=hosts, fetch_delay_s=0)
    trusting = ssl.create_default_context(cafile=certificate)
    return Fetcher(settings, log, resolve_test_names, tls=trusting)


def test_a_certificate_is_checked_against_the_host_s_name_not_its_address(
    tls_web: WebServer, log: VisitLog, certificate: Path
) -> None:
    fetcher = make_tls_fetcher(log, certificate, "news.test", "other.test")
    assert fetcher.fetch(tls_web.address(), None) is not None
    with pytest.raises(UnreadableInput, match="has an untrusted certificate"):
        fetcher.fetch(tls_web.address(host="other.test"), None)


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tls_web: WebServer, log: VisitLog
) -> None:
    assert "has an untrusted certificate" in fetch_error(log, tls_web.address())


def test_a_redirect_from_https_to_http_is_refused(
    tls_web: WebServer, web: WebServer, log: VisitLog, certificate: Path
) -> None:
    tls_web.pages["/a"] = redirect(web.address())
    web.pages["/a"] = redirect(tls_web.address())
    fetcher = make_tls_fetcher(log, certificate, "news.test")
    with pytest.raises(UnreadableInput, match="which is not encrypted, although the first"):
        fetcher.fetch(tls_web.address("/a"), None)
    assert web.requests == []
    upgraded = fetcher.fetch(web.address("/a"), None)
    assert upgraded is not None
    assert upgraded.url == tls_web.address()


def test_http_where_tls_is_expected_is_an_error(web: WebServer, log: VisitLog) -> None:
    address = web.address().replace("http:", "https:")
    assert "does not speak TLS" in fetch_error(log, address)
