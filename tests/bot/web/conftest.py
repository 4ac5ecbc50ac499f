"""Chromium, and the pages that it opens: of a real archive, or of a server made for one test."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, sync_playwright

from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import open_shelf
from tests.bot.http.servers import serve
from tests.bot.web.articles import ARTICLES
from tests.bot.web.scripted import Scripted
from tests.programs import CHROMIUM

OpenPage = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Of this folder alone: while it runs, no other event loop can in this thread."""
    program = CHROMIUM.require()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-background-networking"],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server over ARTICLES. Tests only read it."""
    with open_shelf(tmp_path_factory.mktemp("page"), *ARTICLES) as shelf:
        app = build_app(shelf.library, shelf.service, BotSettings())
        with serve(app) as address:
            yield address


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context() as context:
        yield context


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def open_page(browser: Browser, url: str) -> Iterator[OpenPage]:
    """Opens an address, the archive's by default, in a browser that remembers nothing.

    Wherever the test is about, its page may speak to no other server, break no rule of its own
    policy, open no dialog and leave no error unhandled.
    """
    wrong: list[str] = []
    with ExitStack() as opened:

        def open_one(address: str = url, **options: object) -> Page:
            context: BrowserContext = browser.new_context(**options)  # type: ignore[arg-type]
            opened.callback(context.close)
            page = context.new_page()
            _watch(page, address, wrong)
            page.goto(address)
            return page

        yield open_one
    assert not wrong


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def page(scripted: Scripted, open_page: OpenPage) -> Iterator[Page]:
    with serve(scripted.app) as address:
        yield open_page(address)


def _watch(page: Page, address: str, wrong: list[str]) -> None:
    origin = "/".join(address.split("/")[:3])

    def check_request(requested: str) -> None:
        if not requested.startswith((f"{origin}/", "data:")):
            wrong.append(f"a request to {requested}")

    def check_console(text: str) -> None:
        if "Content Security Policy" in text:
            wrong.append(text)

    def dismiss(dialog: Dialog) -> None:
        wrong.append("a dialog")
        dialog.dismiss()

    page.on("request", lambda request: check_request(request.url))
    page.on("console", lambda message: check_console(message.text))
    page.on("pageerror", lambda error: wrong.append(f"an error: {error}"))
    page.on("dialog", lambda dialog: dismiss(dialog))
