"""What the page shows while nothing is asked."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Page, expect

from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf
from tests.bot.http.servers import serve
from tests.bot.http.test_holdings import HARBOUR as BRIDGE_OPENED
from tests.bot.web.articles import ATTACK
from tests.bot.web.conftest import OpenPage
from tests.bot.web.test_asking import AGENCY, BRIDGE, TALKS, ask, wait_for_answer
from tests.bot.web.test_looks import check_accessible, check_fits
from tests.factories import make_article

PHONE = {"width": 390, "height": 844}


def test_it_says_what_the_archive_holds_and_its_newest_stories(open_page: OpenPage) -> None:
    page = open_page()
    archive = page.get_by_role("region", name="In the archive")
    expect(archive).to_contain_text("6 articles")
    expect(archive).to_contain_text("1 Feb 2020 – 25 Jun 2025 · 1 undated")
    expect(archive.locator(".publishers li")).to_have_count(6)
    stories = page.locator(".newest li")
    expect(stories).to_have_count(6)
    expect(stories.first.locator(".dateline")).to_have_text("Meridian Wire · 25 Jun 2025")
    expect(stories.nth(1).locator("h3")).to_have_text(f"Volcano {ATTACK}")
    table = archive.get_by_role("table", name="Articles by day")
    assert table.locator("td").all_text_contents() == ["1"] * 5
    ask(page, TALKS)
    expect(page.locator("#front")).to_be_hidden()
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator("#front")).to_be_visible()
    recent = page.get_by_role("region", name="Asked lately")
    recent.get_by_role("button", name=TALKS).click()
    wait_for_answer(page)


def test_a_headline_opens_its_article(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_role("link", name="Allies meet in The Hague").click()
    expect(page.locator(".article")).to_contain_text("Mark Rutte chaired the talks.")
    expect(page.locator("#front")).to_be_hidden()


def test_a_suggested_question_is_answered(open_page: OpenPage, shelf: Shelf) -> None:
    shelf.put(make_article(title="Bridge opens", text=BRIDGE_OPENED))
    with serve(build_app(shelf.library, shelf.service, BotSettings())) as address:
        page = open_page(address)
        suggested = page.get_by_role("region", name="This archive answers")
        question = suggested.get_by_role("button", name=BRIDGE)
        expect(question).to_be_visible(timeout=30_000)
        question.click()
        wait_for_answer(page)
        expect(page.locator(".answer blockquote").first).to_contain_text("Kalle Sepp")


def test_bars_take_days_and_a_publisher_takes_what_it_published(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("svg.days")).to_be_visible()
    bars = page.locator(".bar").count()
    assert bars > 10

    def drag(first: int, last: int) -> None:
        box = page.locator("svg.days").bounding_box()
        assert box is not None
        width = box["width"] / bars
        middle = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + width * (first + 0.5), middle)
        page.mouse.down()
        page.mouse.move(box["x"] + width * (last + 0.5), middle, steps=3)
        page.mouse.up()

    drag(bars - 14, bars - 1)
    expect(page.get_by_label("Published from")).to_have_value("2024-05-01")
    expect(page.get_by_label("Published to")).to_have_value("2025-06-30")
    expect(page.get_by_role("heading", name=re.compile("^Published 1 May 2024"))).to_be_visible()
    expect(page.locator(".newest li")).to_have_count(3)
    page.get_by_role("button", name="Coast Post").click()
    expect(page.get_by_label("Publishers", exact=True)).to_have_value("Coast Post")
    drag(bars - 14, bars - 1)
    expect(page.get_by_label("Published from")).to_have_value("")
    expect(page.locator(".newest li")).to_have_count(6)


def test_publishers_are_suggested_as_one_types(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.locator("#publishers option")).to_have_count(6)


def test_the_page_can_be_asked_before_the_front_page_has_come(open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/holdings", lambda _route: None)
    page.reload()
    expect(page.locator("#question")).to_be_focused()
    ask(page, AGENCY)
    expect(page.locator("#front")).to_be_hidden()


def drop(page: Page, name: str, text: str) -> None:
    page.locator(".drop").evaluate(
        """(zone, [name, text]) => {
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([text], name));
            for (const type of ["dragenter", "drop"]) {
                zone.dispatchEvent(new DragEvent(type, { dataTransfer, cancelable: true }));
            }
        }""",
        [name, text],
    )


def test_an_empty_archive_is_filled_by_what_is_dropped(open_page: OpenPage, shelf: Shelf) -> None:
    with serve(build_app(shelf.library, shelf.service, BotSettings())) as empty:
        page = open_page(empty, viewport=PHONE)
        expect(page.get_by_role("heading", name="The archive is empty.")).to_be_visible()
        check_accessible(page)
        check_fits(page)
        drop(page, "broken.jsonl", "{}")
        expect(page.locator(".intake-wrong li")).to_contain_text("broken.jsonl")
        expect(page.locator(".intake-said")).to_have_text("Nothing was taken in.")
        article = {"title": "Bridge", "text": "Mayor Kalle Sepp opened the bridge. " * 8}
        drop(page, "bridge.jsonl", json.dumps(article))
        expect(page.locator(".newest li h3")).to_have_text("Bridge", timeout=10_000)
        expect(page.get_by_role("region", name="In the archive")).to_contain_text("1 article")


def test_the_front_page_has_no_barrier_and_fits(open_page: OpenPage) -> None:
    for options in ({"viewport": PHONE, "color_scheme": "dark"}, {"color_scheme": "light"}):
        page = open_page(**options)
        expect(page.locator(".newest li")).to_have_count(6)
        check_fits(page)
        check_accessible(page)
