"""Where a connection may lead, and every way to lead it elsewhere."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ingest.addresses import is_public, locate_host
from ingest.errors import UnreadableInput
from ingest.visits import VisitLog
from tests.web_server import (
    WebServer,
    fetch,
    fetch_error,
    make_fetcher,
    redirect,
    resolve_test_names,
)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "017700000001"),
        *("localhost", "LOCALHOST", "0.0.0.0", "0", "127。0。0。1"),
        *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::]"),
        *("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254"),
        *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fc00::1]"),
        *(
            "[fec0::1]",
            "[ff0e::1]",
            "224.0.0.1",
            "192.88.99.1",
            "255.255.255.255",
            "[64:ff9b:1::1]",
        ),
    ],
)
def test_a_host_that_is_not_public_is_refused_however_it_is_written(
    log: VisitLog, host: str
) -> None:
    error = fetch_error(log, f"http://{host}:9/")
    assert error.startswith("is at a private address (")
    assert error.endswith("): add its host to ingest.allowed_private_hosts if it is yours")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:4700::6810:84e5", True),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::5db8:d70e", True),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:5db8:d70e::1", False),
        ("192.0.0.8", False),
        ("198.18.0.1", False),
        ("203.0.113.1", False),
        ("240.0.0.1", False),
        ("2001:db8::1", False),
        ("3fff::1", False),
        ("5f00::1", False),
        ("100::1", False),
        ("fe80::1%eth0", False),
        ("news.test", False),
        ("127.1", False),
    ],
)
def test_an_address_is_public_if_the_internet_routes_it(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_a_name_with_one_private_address_among_public_ones_is_refused() -> None:
    found = ("93.184.215.14", "10.0.0.5")
    with pytest.raises(UnreadableInput, match=r"private address \(10\.0\.0\.5\)"):
        locate_host("news.test", 80, lambda *_: found, ())


def test_a_name_that_changes_between_two_checks_is_refused(
    web: WebServer, log: VisitLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected: list[Any] = []

    def refuse(address: Any, *_: object, **__: object) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    answers = iter([("93.184.215.14",), ("127.0.0.1",)])
    fetcher = make_fetcher(log, lambda *_: next(answers), obey_robots=False)
    address = web.address(host="turning.example")
    with pytest.raises(UnreadableInput, match="cannot be reached"):
        fetcher.fetch(address, None)
    with pytest.raises(UnreadableInput, match=r"is at a private address \(127\.0\.0\.1\)"):
        fetcher.fetch(address, None)
    assert connected == [("93.184.215.14", web.port)]


def test_a_name_is_checked_anew_for_every_request(web: WebServer, log: VisitLog) -> None:
    asked: list[str] = []

    def note(host: str, port: int) -> tuple[str, ...]:
        asked.append(f"{host}:{port}")
        return resolve_test_names(host, port)

    web.pages["/a"] = redirect("/")
    make_fetcher(log, note).fetch(web.address("/a"), None)
    assert asked == [f"news.test:{web.port}"] * 3  # robots.txt, /a, /


def test_an_allowed_host_is_let_through_by_its_exact_name_alone(
    web: WebServer, log: VisitLog
) -> None:
    for allowed in ("127.0.0.1", "NEWS.test", "[::1]"):
        host = allowed.lower()
        if ":" not in host:
            fetch(log, web.address(host=host), allowed_private_hosts=(allowed,))
    for host in ("www.news.test", "127.1", "localhost", "news.test."):
        address = web.address(host=host)
        error = fetch_error(log, address, allowed_private_hosts=("127.0.0.1", "news.test"))
        assert "names a host" in error or "private" in error
    assert locate_host("::1", 80, lambda *_: ("::1",), ("[::1]",)) == ("::1",)


def test_the_next_address_is_tried_where_one_does_not_answer(web: WebServer, log: VisitLog) -> None:
    fetcher = make_fetcher(log, lambda *_: ("::1", "127.0.0.1"))
    assert fetcher.fetch(web.address(), None) is not None


@pytest.mark.parametrize(
    "address",
    [
        *("ftp://news.test/", "file:///etc/passwd", "gopher://news.test/", "javascript:alert(1)"),
        *(
            "http:///a",
            "http://",
            "news.test",
            "",
            "http://news.test:0/",
            "http://news.test:70000/",
        ),
    ],
)
def test_an_address_that_is_not_of_the_web_is_refused(log: VisitLog, address: str) -> None:
    assert "is not a web address" in fetch_error(log, address)


@pytest.mark.parametrize(
    "address",
    [
        "http://a\x00b/",
        "http://0177.0.0.1/",
        "http://①②.test/",
        "http://a.test/\ud800",
        "http://[::1/",
    ],
)
def test_an_address_that_cannot_be_read_is_refused(log: VisitLog, address: str) -> None:
    assert fetch_error(log, address) == "is not a valid address: check it"


def test_an_overlong_address_is_refused(log: VisitLog) -> None:
    assert fetch_error(log, f"http://news.test/{'ż' * 400}").startswith(
        "is longer than an address may be"
    )


@pytest.mark.parametrize("userinfo", ["ann@", "ann:secret@", ":@", "good.example\\@"])
def test_a_user_name_or_password_in_the_address_is_refused(log: VisitLog, userinfo: str) -> None:
    error = fetch_error(log, f"http://{userinfo}news.test/")
    assert error.startswith("holds a user name or a password")
    assert "secret" not in error


def test_a_host_that_does_not_exist_is_named(log: VisitLog) -> None:
    def resolve_nothing(*_: object) -> tuple[str, ...]:
        raise socket.gaierror

    with pytest.raises(UnreadableInput, match=r"cannot be found \(news\.test\)"):
        make_fetcher(log, resolve_nothing).fetch("http://news.test/", None)
    assert "cannot be found" in fetch_error(log, f"http://{'a' * 70}.example/")


def test_a_port_where_nothing_listens_is_an_error(log: VisitLog) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert "cannot be reached" in fetch_error(log, f"http://news.test:{port}/")


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://127.0.0.1:9/", "is at a private address (127.0.0.1)"),
        ("//localhost:9/", "is at a private address (127.0.0.1)"),
        ("http://169.254.169.254/latest/meta-data/", "private address (169.254.169.254)"),
        ("http://[::ffff:169.254.169.254]/", "is at a private address"),
        ("http://0x7f000001/", "is at a private address (127.0.0.1)"),
        ("http://inside.test/", "is at a private address (127.0.0.1)"),
        ("file:///etc/passwd", "is not a web address"),
        ("gopher://news.test/", "is not a web address"),
        ("http://ann:secret@news.test/", "holds a user name or a password"),
        ("http://a\x7fb/", "is not a valid address"),
    ],
)
def test_a_redirect_is_checked_like_the_first_address(
    web: WebServer, log: VisitLog, location: str, error: str
) -> None:
    web.pages["/a"] = redirect(location)
    message = fetch_error(log, web.address("/a"))
    assert message.startswith(f"redirects to {location!r}, which ")
    assert error in message
