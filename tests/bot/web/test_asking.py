"""Asking in a browser, over a real server and a real archive."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf
from tests.bot.http.servers import serve
from tests.bot.web.articles import ATTACK, HARBOUR
from tests.bot.web.conftest import OpenPage

TALKS = "Who chaired the talks?"
AGENCY = "Who leads the border agency?"
BRIDGE = "Who opened the new harbour bridge of Tallinn?"
UNKNOWN = "How many penguins live on Saturn?"


def ask(page: Page, question: str) -> None:
    """Asks, and waits for the answer or the refusal."""
    before = page.locator(".turn").count()
    page.get_by_role("textbox", name=re.compile("^Ask ")).fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(before + 1)
    wait_for_answer(page)


def wait_for_answer(page: Page) -> None:
    expect(page.locator(".progress")).to_have_count(0, timeout=20_000)
    expect(page.locator(".answer").first).to_be_visible()


def newest(page: Page) -> str:
    """The newest turn's answer: a quote a line, or prose."""
    quotes = page.locator(".turn").first.locator(".answer blockquote").all_inner_texts()
    return "\n".join(quotes) or page.locator(".turn").first.locator(".answer").inner_text()


def test_a_question_is_answered_with_markers_and_dated_sources(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, TALKS)
    assert newest(page).startswith("Mark Rutte chaired the talks.[1]")
    card = page.locator(".card").first
    expect(card.locator(".dateline")).to_have_text("Meridian Wire · 25 Jun 2025")
    expect(card.locator("time")).to_have_attribute("datetime", "2025-06-25T16:00:00Z")
    link = card.get_by_role("link", name="Allies meet in The Hague")
    expect(link).to_have_attribute("href", "https://example.org/summit")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(page.locator(".standing")).to_contain_text(
        re.compile(r"answers this sure are right about \d times in 10")
    )
    expect(page.locator(".notes")).to_contain_text("Newest source: 25 June 2025")
    expect(page.get_by_role("status")).to_have_text(re.compile(r"^Answered, with \d quotes?\.$"))
    assert page.get_by_role("textbox", name="Ask a follow-up").input_value() == ""


def test_an_undated_article_is_called_undated(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "Who keeps the old lighthouse of Skagen?")
    expect(page.locator(".card .dateline").first).to_have_text("Coast Post · undated")


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_a_marker_opens_the_article_with_exactly_the_quote_highlighted(
    open_page: OpenPage, by: str
) -> None:
    page = open_page()
    ask(page, TALKS)
    marker = page.get_by_role("button", name="[1] Meridian Wire, 25 Jun 2025")
    if by == "mouse":
        marker.click()
    else:
        marker.focus()
        page.keyboard.press("Enter")
    expect(page.locator("mark")).to_have_text("Mark Rutte chaired the talks.")
    pane = page.get_by_role("region", name="Article: Allies meet in The Hague")
    expect(pane).to_be_focused()
    expect(pane).to_contain_text("They agreed to spend 5 percent of GDP on defence by 2035.")
    expect(marker).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(pane).to_have_count(0)
    expect(marker).to_be_focused()
    expect(marker).to_have_attribute("aria-expanded", "false")


def test_a_quote_after_emoji_and_arabic_is_highlighted_to_the_letter(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BRIDGE)
    page.locator(".marker").first.click()
    assert page.locator("mark").evaluate("mark => mark.textContent") == HARBOUR
    text = page.locator(".text").evaluate("text => text.textContent")
    assert text.startswith("🎉🌉👩‍🚀 A day of joy 🇪🇪.")
    expect(page.locator(".article .aside")).to_contain_text("dated by its address")


def test_an_address_that_is_not_of_the_web_is_no_link(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, BRIDGE)
    page.locator(".marker").first.click()
    expect(page.locator("mark")).to_be_visible()
    expect(page.locator(".card", has_text="Bridge opens").get_by_role("link")).to_have_count(0)
    expect(page.locator(".article").get_by_role("link")).to_have_count(0)


def test_another_day_as_of_gives_another_answer_to_the_same_question(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, AGENCY)
    assert "Orsolya Nagy" in newest(page)
    page.get_by_label("As of").fill("2021-01-01")
    expect(page.get_by_role("button", name="Ask again")).to_be_visible()
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".turn")).to_have_count(2)
    wait_for_answer(page)
    assert "Henrik Dahl" in newest(page)
    expect(page.locator(".headline .chip")).to_have_text("as of 1 Jan 2021×")
    page.get_by_role("button", name="Clear filters").click()
    assert page.get_by_label("As of").input_value() == ""


def test_dates_and_publishers_limit_what_is_read(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_text("Dates and publishers").click()
    page.get_by_label("Published from").fill("2020-01-01")
    page.get_by_label("Published to").fill("2020-12-31")
    page.get_by_label("Publishers", exact=True).fill("Harbour Courier; Coast Post")
    with page.expect_request("**/ask") as asked:
        ask(page, AGENCY)
    assert asked.value.post_data_json == {
        "question": AGENCY,
        "since": "2020-01-01",
        "until": "2020-12-31",
        "sources": ["Harbour Courier", "Coast Post"],
        "stream": True,
    }
    expect(page.locator(".headline .chip")).to_have_text(
        ["from 1 Jan 2020×", "to 31 Dec 2020×", "Harbour Courier×", "Coast Post×"]
    )
    assert "Henrik Dahl" in newest(page)


def test_a_follow_up_is_understood_by_the_turn_before_it(open_page: OpenPage) -> None:
    page = open_page()
    sent: list[Any] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.post_data_json)

    page.on("request", note)
    ask(page, AGENCY)
    ask(page, "And since when?")
    expect(page.locator(".notes").first).to_contain_text("Understood as:")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, TALKS)
    assert ["conversation_id" in body for body in sent] == [False, True, False]


def test_a_refusal_says_so_and_shows_what_came_closest(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, UNKNOWN)
    assert newest(page) == "No article here answers this."
    expect(page.get_by_role("heading", name=re.compile("^Closest article"))).to_be_visible()
    expect(page.locator(".marker")).to_have_count(0)
    expect(page.locator(".number")).to_have_count(0)
    page.get_by_role("button", name="In the article").first.click()
    expect(page.locator("mark")).to_be_visible()


def test_an_empty_archive_says_what_to_do(open_page: OpenPage, shelf: Shelf) -> None:
    with serve(build_app(shelf.library, shelf.service, BotSettings())) as empty:
        page = open_page(empty)
        ask(page, TALKS)
        assert newest(page) == "The archive is empty."
        expect(page.locator(".first-step code")).to_have_text("dateline ingest examples/")


def test_markup_in_articles_and_questions_stays_text(open_page: OpenPage) -> None:
    """A dialog or an image's request would fail the test, as everywhere here."""
    page = open_page()
    ask(page, f"Where did the volcano Krafla erupt? {ATTACK}")
    expect(page.locator(".headline h2")).to_contain_text(ATTACK)
    assert ATTACK in newest(page)
    page.locator(".marker").first.click()
    expect(page.locator(".article h3")).to_have_text(f"Volcano {ATTACK}")
    expect(page.locator("mark")).to_contain_text(ATTACK)
    page.get_by_role("button", name="History").click()
    expect(page.locator("#history-list")).to_contain_text(ATTACK)
    assert page.locator("img, main script, iframe, object, base").count() == 0
    assert page.evaluate("document.querySelectorAll('script').length") == 2


def test_a_link_with_markup_asks_it_as_text(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/#{urlencode({'q': ATTACK, 'source': ATTACK, 'as_of': ATTACK})}")
    expect(page.locator(".failure")).to_contain_text("Try again")
    expect(page.locator(".headline h2")).to_have_text(ATTACK)
    assert page.locator("img, main script").count() == 0


def test_what_was_asked_is_in_the_history_until_it_is_cleared(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, TALKS)
    page.get_by_label("As of").fill("2021-01-01")
    ask(page, AGENCY)
    answer = newest(page)
    page.goto("about:blank")
    page.go_back()
    page.get_by_role("button", name="New conversation").click()
    page.get_by_label("As of").fill("")
    page.get_by_role("button", name="History").click()
    entries = page.locator("#history-list li")
    expect(entries).to_have_count(2)
    expect(entries.first).to_contain_text("as of 1 Jan 2021")
    expect(entries.first).to_contain_text(f"after “{TALKS}”")
    entries.first.get_by_role("button", name=AGENCY).click()
    expect(page.locator(".turn")).to_have_count(2)
    wait_for_answer(page)
    assert newest(page) == answer
    assert page.get_by_label("As of").input_value() == "2021-01-01"
    page.get_by_role("button", name="History").click()
    page.get_by_role("button", name="Clear history").click()
    expect(entries).to_have_count(0)
    assert page.evaluate("localStorage.getItem('dateline.history')") is None


STORAGE = {
    "full": "Storage.prototype.setItem = () => "
    "{ throw new DOMException('', 'QuotaExceededError'); }",
    "blocked": "for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty("
    "window, name, { get() { throw new DOMException('', 'SecurityError'); } })",
    "damaged": "localStorage.setItem('dateline.history', '{\"not\": [\"ours\"')",
    "foreign": 'localStorage.setItem(\'dateline.history\', \'[{"requests": 7, "at": ""}]\')',
}


@pytest.mark.parametrize("state", STORAGE)
def test_the_page_works_whatever_the_browser_s_storage_does(
    browser_context: BrowserContext, url: str, state: str
) -> None:
    browser_context.add_init_script(STORAGE[state])
    page = browser_context.new_page()
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.goto(url)
    ask(page, TALKS)
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="History").click()
    expect(page.locator("#history-list li")).to_have_count(1)
    page.get_by_role("button", name="Clear history").click()
    expect(page.locator("#history-list li")).to_have_count(0)
    assert not errors


def test_a_link_asks_again_with_its_filters_and_the_turns_before(
    open_page: OpenPage, url: str
) -> None:
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_label("As of").fill("2021-01-01")
    ask(page, AGENCY)
    ask(page, "And since when?")
    first_answer = newest(page)
    page.locator(".turn").first.get_by_role("button", name="Copy link").click()
    expect(page.locator(".toast")).to_have_text("Link copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url
    assert parse_qsl(urlsplit(link).fragment) == [
        ("q", AGENCY),
        ("as_of", "2021-01-01"),
        ("q", "And since when?"),
        ("as_of", "2021-01-01"),
    ]
    other = open_page(link)
    expect(other.locator(".turn")).to_have_count(2)
    wait_for_answer(other)
    assert newest(other) == first_answer
    assert other.get_by_label("As of").input_value() == "2021-01-01"
    other.goto(f"{url}/#{urlencode({'q': TALKS})}")
    expect(other.locator(".turn")).to_have_count(1)
    wait_for_answer(other)
    assert newest(other).startswith("Mark Rutte")


@pytest.mark.parametrize("clipboard", ["modern", "missing"])
def test_an_answer_is_copied_with_its_sources(open_page: OpenPage, clipboard: str) -> None:
    page = open_page()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(page, TALKS)
    if clipboard == "missing":
        page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); 0")
    page.get_by_role("button", name="Copy with sources").click()
    expect(page.locator(".toast")).to_have_text("Copied with its sources.")
    copied = page.evaluate("navigator.clipboard.readText()")
    asked, answer, sources = copied.strip().split("\n\n")
    assert asked == TALKS
    assert answer.startswith("Mark Rutte chaired the talks [1].")
    assert sources.splitlines()[:4] == [
        "Sources",
        "[1] Allies meet in The Hague. Meridian Wire, 25 Jun 2025.",
        "    https://example.org/summit",
        "    “Mark Rutte chaired the talks.”",
    ]


def test_a_question_that_is_too_long_is_kept_and_said(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#question").fill("🙂" * 2001)
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_have_text(
        "A question may have 2,000 characters; this one has 2001."
    )
    assert page.locator("#question").input_value() == "🙂" * 2001
    expect(page.locator(".turn")).to_have_count(0)


def test_an_empty_question_asks_nothing_and_shift_enter_breaks_the_line(
    open_page: OpenPage,
) -> None:
    page = open_page()
    page.locator("#question").fill("  ")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Ask").click()
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#question")).to_be_focused()
    assert "\n" in page.locator("#question").input_value()
    expect(page.locator(".turn")).to_have_count(0)


def test_what_is_typed_while_an_answer_comes_stays(open_page: OpenPage) -> None:
    page = open_page()
    page.locator("#question").fill(TALKS)
    page.keyboard.press("Enter")
    page.locator("#question").fill("And where")
    wait_for_answer(page)
    assert page.locator("#question").input_value() == "And where"


def test_a_changed_filter_asks_again_by_itself_and_says_so(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, AGENCY)
    page.get_by_label("As of").fill("2021-01-01")
    expect(page.locator(".turn")).to_have_count(2)
    expect(page.locator(".toast")).to_have_text("Asked again, as of 1 Jan 2021.")
    wait_for_answer(page)
    assert "Henrik Dahl" in newest(page)
    page.get_by_role("button", name="Ask without it").first.click()
    expect(page.locator(".turn")).to_have_count(3)
    wait_for_answer(page)
    assert "Orsolya Nagy" in newest(page)
    assert page.get_by_label("As of").input_value() == ""


def test_wrong_filters_say_which_is_wrong_and_nothing_is_asked(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_text("Dates and publishers").click()
    page.get_by_label("Published from").fill("2024-05-05")
    page.get_by_label("Published to").fill("2024-05-04")
    page.locator("#question").fill(TALKS)
    page.keyboard.press("Enter")
    wrong = page.locator("#filters-wrong")
    expect(wrong).to_contain_text("“Published to” is earlier than “Published from”")
    expect(page.get_by_label("Published to")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Published from")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".turn")).to_have_count(0)
    page.get_by_label("Published to").fill("2024-05-06")
    page.get_by_label("Publishers", exact=True).fill("coast post; Nobody")
    page.locator("#question").focus()
    expect(wrong).to_have_text("No publisher here is called “Nobody”.")


def test_publishers_are_completed_behind_those_already_named(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_text("Dates and publishers").click()
    page.get_by_label("Publishers", exact=True).fill("Coast Post; N")
    offered = page.locator("#publishers option").evaluate_all("all => all.map(one => one.value)")
    assert "Coast Post; Northern Ledger" in offered


def test_keys_ask_stop_go_through_sources_and_are_listed(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, AGENCY)
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".marker").first.focus()
    page.keyboard.press("ArrowDown")
    opener = page.locator(".card .quiet").first
    expect(opener).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    page.keyboard.press("/")
    expect(page.locator("#question")).to_be_focused()
    page.keyboard.type("/?")
    assert page.locator("#question").input_value() == "/?"
