"""When the server fails, is slow, or wants a key: real servers that serve the real page."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from fastapi.responses import JSONResponse, Response
from playwright.sync_api import BrowserContext, Page, expect

from bot.http.keys import read_keys
from bot.http.problems import build_problem
from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf, make_answer
from tests.bot.http.servers import serve
from tests.bot.web.conftest import OpenPage
from tests.bot.web.scripted import Scripted, stream
from tests.factories import make_article

QUESTION = "Who chaired the talks?"
DRAFT = 'event: delta\ndata: {"text": "Mark Rutte <b>chaired"}\n\n'
KEY = "a-key-of-this-test"


def ask(page: Page) -> None:
    page.locator("#question").fill(QUESTION)
    page.keyboard.press("Enter")


def check_can_be_asked_again(page: Page, scripted: Scripted) -> None:
    """Nothing typed is lost, and the same question is answered at the second try."""
    assert page.locator("#question").input_value() == QUESTION
    scripted.replies.append(stream(answer=make_answer()))
    page.get_by_role("button", name=re.compile("^(Try|Ask) again$")).click()
    expect(page.locator(".answer")).to_contain_text("Mark Rutte chaired the talks.[1]")
    expect(page.locator(".turn")).to_have_count(1)
    assert scripted.asked[-1] == scripted.asked[-2]
    assert page.locator("#question").input_value() == ""


def test_a_draft_is_shown_as_it_comes_however_its_bytes_are_cut(
    page: Page, scripted: Scripted
) -> None:
    drafts = 'event: delta\r\ndata: {"text": "Żółw 🐢 "}\r\n\r\n: a ping\r\n\r\n'.encode()
    pieces = [bytes([byte]) for byte in drafts]
    scripted.replies.append(stream(*pieces, DRAFT.encode(), 1.5, answer=make_answer()))
    ask(page)
    expect(page.locator(".draft")).to_have_text("Żółw 🐢 Mark Rutte <b>chaired")
    expect(page.locator(".answer:not(.draft)")).to_contain_text("Mark Rutte chaired the talks.[1]")
    expect(page.locator(".draft")).to_have_count(0)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([], id="at once"),
        pytest.param([DRAFT.encode()], id="after a draft"),
        pytest.param([b"event: answer\ndata: {"], id="within the answer"),
        pytest.param([b"event: answer\ndata: {\n\n"], id="with broken JSON"),
        pytest.param(['event: delta\ndata: {"text": "ż'.encode()[:-1]], id="within a letter"),
    ],
)
def test_a_stream_that_ends_without_its_last_event_is_an_error(
    page: Page, scripted: Scripted, pieces: list[bytes]
) -> None:
    scripted.replies.append(stream(*pieces))
    ask(page)
    expect(page.locator(".failure")).to_contain_text("The answer broke off")
    expect(page.get_by_role("status")).to_contain_text("The answer broke off")
    expect(page.locator(".draft")).to_have_count(0)
    check_can_be_asked_again(page, scripted)


def test_an_error_of_the_stream_is_told_in_its_words(page: Page, scripted: Scripted) -> None:
    scripted.replies.append(
        stream(b'event: error\ndata: {"status": 503, "detail": "the disk is full: make room"}\n\n')
    )
    ask(page)
    expect(page.locator(".failure p")).to_have_text("The disk is full: make room.")
    check_can_be_asked_again(page, scripted)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (
            Response(status_code=429, headers={"Retry-After": "30"}),
            "Too many questions for now. Try again in 30 seconds.",
        ),
        (Response(status_code=429), "Too many questions for now. Wait a little and try again."),
        (
            Response(status_code=503, headers={"Retry-After": "1"}),
            "The server is busy. Try again in 1 second.",
        ),
        (
            Response(status_code=503, headers={"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}),
            "The server is busy. Try again in 1 second.",
        ),
        (build_problem(503, "nothing is indexed: run `dateline reindex`"), "Nothing is indexed: "),
        (build_problem(500, "something went wrong here"), "Something went wrong here."),
        (build_problem(422, "as_of: not a date"), "As_of: not a date."),
        (Response("<h1>Bad Gateway", status_code=502), "The server failed (502)."),
        (JSONResponse(["odd"], status_code=500), "The server failed (500)."),
    ],
)
def test_a_refusal_of_the_server_is_told_in_words(
    page: Page, scripted: Scripted, reply: Response, words: str
) -> None:
    scripted.replies.append(reply)
    ask(page)
    expect(page.locator(".failure p")).to_contain_text(words)
    check_can_be_asked_again(page, scripted)


def test_a_slow_server_is_told_at_once_and_can_be_stopped(page: Page, scripted: Scripted) -> None:
    scripted.replies.append(stream(DRAFT.encode(), 30.0))
    page.locator("#question").fill(QUESTION)
    # In the very task of the click, thus before anything else can take time.
    told = page.evaluate("""() => {
        document.getElementById("submit").click();
        return document.querySelector("[role=status]").textContent;
    }""")
    assert told == "Asking …"
    expect(page.locator(".progress")).to_be_in_viewport()
    expect(page.locator(".draft")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".failure p")).to_have_text("Stopped.")
    expect(page.locator(".draft")).to_have_count(0)
    check_can_be_asked_again(page, scripted)


def test_what_was_found_is_said_before_there_is_an_answer(page: Page, scripted: Scripted) -> None:
    found = {"stage": "reading", "passages": 8, "stories": 1}
    scripted.replies.append(stream(f"event: status\ndata: {json.dumps(found)}\n\n".encode(), 30.0))
    ask(page)
    expect(page.locator(".progress")).to_contain_text("Found 8 passages in 1 story, reading …")
    page.keyboard.press("Escape")
    expect(page.locator(".failure p")).to_have_text("Stopped.")


def test_patience_is_asked_for_when_it_takes_long(page: Page, scripted: Scripted) -> None:
    page.clock.install()
    scripted.replies.append(stream(30.0))
    ask(page)
    expect(page.locator(".progress")).to_contain_text("Asking …")
    page.clock.fast_forward(8_500)
    expect(page.locator(".progress")).to_contain_text("Still working")
    page.get_by_role("button", name="Stop").click()


def test_a_question_asked_while_another_is_answered_takes_its_place(
    page: Page, scripted: Scripted
) -> None:
    scripted.replies += [stream(30.0), stream(answer=make_answer())]
    ask(page)
    expect(page.locator(".progress")).to_be_visible()
    ask(page)
    expect(page.locator(".turn").first.locator(".answer")).to_contain_text("Mark Rutte")
    expect(page.locator(".turn").nth(1).locator(".failure")).to_contain_text("Stopped.")


def test_without_a_connection_the_page_says_so(page: Page, scripted: Scripted) -> None:
    page.context.set_offline(True)
    ask(page)
    expect(page.locator(".failure p")).to_contain_text("You are offline.")
    page.context.set_offline(False)
    scripted.asked.append({"question": QUESTION, "stream": True})
    check_can_be_asked_again(page, scripted)


_DYING = """
import asyncio, sys
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from bot.web.page import add_page

app = FastAPI()
add_page(app)

@app.post("/ask")
async def ask():
    async def send():
        yield 'event: delta\\ndata: {"text": "Half a"}\\n\\n'
        await asyncio.sleep(60)
    return StreamingResponse(send(), media_type="text/event-stream")

uvicorn.run(app, port=int(sys.argv[1]), log_level="error")
"""


def test_a_server_killed_in_the_middle_of_an_answer_is_an_error(
    open_page: OpenPage, unused_port: int
) -> None:
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(
        [sys.executable, "-c", _DYING, str(unused_port)], env=environment
    ) as process:
        try:
            page = open_when_up(open_page, f"http://127.0.0.1:{unused_port}/")
            ask(page)
            expect(page.locator(".draft")).to_have_text("Half a")
        finally:
            process.send_signal(signal.SIGKILL)
    expect(page.locator(".failure p")).to_contain_text("The answer broke off")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".failure p")).to_contain_text("The server did not answer.")
    assert page.locator("#question").input_value() == QUESTION


def open_when_up(open_page: OpenPage, address: str) -> Page:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            httpx.get(address, trust_env=False)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            break
    return open_page(address)


def test_a_key_is_asked_for_only_when_the_server_wants_one(
    open_page: OpenPage, shelf: Shelf
) -> None:
    shelf.put(make_article())
    settings = BotSettings(api_keys=read_keys(f"read:{KEY}"))
    with serve(build_app(shelf.library, shelf.service, settings)) as address:
        page = open_page(address)
        field = page.get_by_label("API key")
        expect(field).to_be_hidden()
        ask(page)
        expect(page.locator(".failure p")).to_have_text("This server asks for a key.")
        expect(field).to_be_focused()
        page.keyboard.type("a wrong one")
        page.keyboard.press("Enter")
        expect(page.locator("#key-reason")).to_contain_text("The key was not accepted.")
        assert field.input_value() == ""
        field.fill(KEY)
        page.get_by_role("button", name="Use this key").click()
        expect(page.locator(".answer")).to_contain_text("Mark Rutte chaired the talks")
        expect(field).to_be_hidden()
        page.locator(".marker").first.click()
        expect(page.locator("mark")).to_have_text("Mark Rutte chaired the talks.")
        page.reload()
        expect(page.locator(".answer")).to_contain_text("Mark Rutte chaired the talks")
        assert KEY not in page.evaluate("JSON.stringify(localStorage)")
        assert KEY not in page.url
        assert KEY not in page.content()


def test_an_article_that_is_gone_or_changed_is_not_shown_as_what_was_quoted(
    open_page: OpenPage, shelf: Shelf
) -> None:
    shelf.put(make_article())
    with serve(build_app(shelf.library, shelf.service, BotSettings())) as address:
        page = open_page(address)
        ask(page)
        expect(page.locator(".marker").first).to_be_visible()
        shelf.put(make_article(text="Corrected: the talks were chaired by somebody else."))
        page.locator(".marker").first.click()
        expect(page.locator(".article .notes")).to_contain_text("The article has changed")
        expect(page.locator("mark")).to_have_count(0)
        page.keyboard.press("Escape")
        shelf.library.archive.remove(make_article().article_id)
        page.locator(".marker").first.click()
        expect(page.locator(".article .failure")).to_be_visible()


def test_an_answer_that_cannot_be_shown_is_told_and_not_waited_for(
    browser_context: BrowserContext, scripted: Scripted
) -> None:
    with serve(scripted.app) as address:
        page = browser_context.new_page()
        page.goto(address)
        scripted.replies.append(stream(b'event: answer\ndata: {"answered": true}\n\n'))
        ask(page)
        expect(page.locator(".failure p")).to_contain_text("This page could not show the answer.")
        check_can_be_asked_again(page, scripted)
