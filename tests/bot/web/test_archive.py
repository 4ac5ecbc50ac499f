"""Browsing the archive in a browser: filter, read, add, remove."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from bot.http.keys import read_keys
from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf, day
from tests.bot.http.servers import serve
from tests.bot.web.articles import ATTACK
from tests.bot.web.conftest import OpenPage
from tests.bot.web.test_front import PHONE, drop
from tests.bot.web.test_looks import check_accessible, check_fits
from tests.factories import make_article

PORT = "The port\n\n" + "Dockers of the old port went on strike for better pay this week. " * 6
LONG = "Mayor Kalle Sepp opened the bridge, which is long and wide and had cost the port dear. " * 4


@pytest.fixture
def own_archive(shelf: Shelf) -> Iterator[str]:
    """A server whose articles may be changed: one story that two carry."""
    for source, moment in (("Tallinn Times", "2024-05-05"), ("Coast Post", "2024-05-06")):
        url = f"https://example.org/{moment}"
        shelf.put(make_article("Bridge", LONG, url, source=source, published_at=day(moment)))
    with serve(build_app(shelf.library, shelf.service, BotSettings())) as address:
        yield address


def titles(page: Page) -> list[str]:
    return page.locator(".listing h2").all_inner_texts()


def test_articles_are_filtered_by_words_publisher_and_day(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/archive")
    expect(page.locator("#status")).to_have_text("6 articles, the newest first")
    expect(page.locator(".listing h2").nth(1)).to_have_text(f"Volcano {ATTACK}")
    expect(page.locator("#publishers option")).to_have_count(6)
    page.get_by_label("Words").fill("BORDER agency")
    expect(page.locator(".listing li")).to_have_count(2)
    page.get_by_label("Published from").fill("2024-01-01")
    expect(page.locator(".listing li")).to_have_count(1)
    assert titles(page) == ["Who leads the agency: Orsolya Nagy is named"]
    page.reload()
    expect(page.get_by_label("Words")).to_have_value("BORDER agency")
    expect(page.locator(".listing li")).to_have_count(1)
    page.get_by_label("Publisher").fill("nobody")
    expect(page.locator("#status")).to_have_text("No article fits all of these.")
    page.get_by_label("Published to").fill("2023-01-01")
    expect(page.locator("#status")).to_contain_text("“Published from” is later than")


def test_an_article_is_read_with_all_who_carry_its_story(
    open_page: OpenPage, own_archive: str
) -> None:
    page = open_page(f"{own_archive}/archive")
    page.get_by_role("button", name="Bridge").first.click()
    pane = page.get_by_role("region", name="Article", exact=True)
    expect(pane).to_be_focused()
    expect(pane.locator(".dateline").first).to_have_text("Coast Post · 6 May 2024")
    carriers = pane.locator(".carriers")
    expect(carriers).to_contain_text("Tallinn Times · 5 May 2024")
    carriers.get_by_role("button", name="Bridge").click()
    expect(pane.locator(".dateline").first).to_have_text("Tallinn Times · 5 May 2024")
    pane.get_by_role("button", name="Close").click()
    expect(pane).to_have_count(0)


def test_files_and_addresses_are_taken_in_and_what_fails_is_named(
    open_page: OpenPage, own_archive: str
) -> None:
    page = open_page(f"{own_archive}/archive")
    expect(page.locator(".listing li")).to_have_count(2)
    page.locator("input[type=file]").set_input_files(
        [
            FilePayload(name="port.txt", mimeType="text/plain", buffer=PORT.encode()),
            FilePayload(name="bad.jsonl", mimeType="text/plain", buffer=b"{"),
        ]
    )
    expect(page.locator(".intake-said")).to_have_text("1 added")
    expect(page.locator(".intake-wrong li")).to_contain_text("bad.jsonl")
    expect(page.locator(".listing li")).to_have_count(3)
    page.get_by_label("Address of a page").fill("http://127.0.0.1:9/feed.xml")
    page.get_by_role("button", name="Fetch").click()
    expect(page.locator(".intake-said")).to_have_text("Nothing was taken in.")
    expect(page.locator(".intake-wrong li")).to_have_count(1)
    drop(
        page, "strait.txt", "The strait\n\n" + "Ice closed the strait to all ships on Monday. " * 6
    )
    expect(page.locator(".listing li")).to_have_count(4)


def test_an_article_is_removed_after_asking_once_more(
    open_page: OpenPage, own_archive: str
) -> None:
    page = open_page(f"{own_archive}/archive")
    page.get_by_role("button", name="Bridge").first.click()
    page.get_by_role("button", name="Remove …").click()
    expect(page.get_by_role("button", name="Remove for good")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#status")).to_have_text("Removed: Bridge")
    expect(page.locator(".listing li")).to_have_count(1)


def test_removing_and_adding_need_a_key_that_may_write(open_page: OpenPage, shelf: Shelf) -> None:
    shelf.put(make_article())
    settings = BotSettings(api_keys=read_keys("read:a-reading-key,write:a-writing-key"))
    with serve(build_app(shelf.library, shelf.service, settings)) as address:
        page = open_page(f"{address}/archive")
        field = page.get_by_label("API key")
        expect(field).to_be_focused()
        field.fill("a-reading-key")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Allies meet in The Hague").click()
        page.get_by_role("button", name="Remove …").click()
        page.get_by_role("button", name="Remove for good").click()
        expect(page.locator("#key-reason")).to_contain_text("may only read")
        drop(page, "port.txt", "The port\n\nIt is cold here.")
        expect(page.locator(".intake-wrong li")).to_contain_text("needs a key that may write")
        assert shelf.library.archive.count() == 1


def test_the_archive_has_no_barrier_and_fits(open_page: OpenPage, own_archive: str) -> None:
    for options in ({"viewport": PHONE, "color_scheme": "dark"}, {"color_scheme": "light"}):
        page = open_page(f"{own_archive}/archive", **options)
        page.get_by_role("button", name="Bridge").first.click()
        expect(page.get_by_role("button", name=re.compile("^Remove …"))).to_be_visible()
        check_accessible(page)
        check_fits(page)
