"""Phone and desk, light and dark, and what assistive technology makes of it."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from bot.serving import build_app
from bot.settings import BotSettings
from tests.bot.factories import Shelf
from tests.bot.http.servers import serve
from tests.bot.web.conftest import OpenPage
from tests.bot.web.test_asking import AGENCY, TALKS, UNKNOWN, ask

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


def check_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_no_state_of_the_page_has_a_barrier_that_axe_finds(
    open_page: OpenPage, scheme: str, viewport: dict[str, int]
) -> None:
    page = open_page(color_scheme=scheme, viewport=viewport, reduced_motion="reduce")
    check_accessible(page)
    page.get_by_label("As of").fill("2025-12-31")
    page.get_by_text("Dates and publishers").click()
    ask(page, TALKS)
    check_accessible(page)
    page.locator(".marker").first.click()
    expect(page.locator("mark")).to_be_visible()
    check_accessible(page)
    page.get_by_role("button", name="Good answer").click()
    check_accessible(page)
    ask(page, UNKNOWN)
    page.get_by_role("button", name="History").click()
    check_accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_empty_archive_has_no_barrier_either(
    open_page: OpenPage, shelf: Shelf, scheme: str
) -> None:
    with serve(build_app(shelf.library, shelf.service, BotSettings())) as empty:
        page = open_page(empty, color_scheme=scheme)
        ask(page, TALKS)
        check_accessible(page)


def check_fits(page: Page) -> None:
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]


@pytest.mark.parametrize("width", [320, 390, 700, 1000])
def test_no_width_scrolls_sideways(open_page: OpenPage, width: int) -> None:
    page = open_page(viewport={"width": width, "height": 844})
    check_fits(page)
    page.get_by_text("Dates and publishers").click()
    ask(page, f"{TALKS} {'w' * 300}")
    check_fits(page)
    ask(page, TALKS)
    page.locator(".marker").first.click()
    expect(page.locator("mark")).to_be_in_viewport()
    page.get_by_role("button", name="Bad answer").first.click()
    check_fits(page)


def test_the_article_is_beside_the_answer_or_on_a_phone_below(open_page: OpenPage) -> None:
    def place(viewport: dict[str, int]) -> dict[str, dict[str, float]]:
        page = open_page(viewport=viewport)
        ask(page, TALKS)
        page.locator(".marker").first.click()
        expect(page.locator("mark")).to_be_in_viewport()
        box = "found => found.getBoundingClientRect().toJSON()"
        return {name: page.locator(f".{name}").evaluate(box) for name in ("answer", "article")}

    desk, phone = place(DESK), place(PHONE)
    assert desk["article"]["left"] >= desk["answer"]["right"]
    assert desk["article"]["top"] < desk["answer"]["bottom"]
    assert phone["article"]["top"] >= phone["answer"]["bottom"]


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_colours_follow_the_system_until_a_reader_chooses(open_page: OpenPage) -> None:
    light, dark = open_page(color_scheme="light"), open_page(color_scheme="dark")
    paper, night = background(light), background(dark)
    assert paper != night
    dark.get_by_role("button", name="Light").click()
    assert background(dark) == paper
    dark.reload()
    assert background(dark) == paper
    light.emulate_media(color_scheme="dark")
    assert background(light) == night


def test_everything_can_be_reached_and_used_with_the_keyboard(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, AGENCY)
    page.locator("#question").focus()
    reached: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("""() => {
                const { activeElement: found } = document;
                const visible = getComputedStyle(found).outlineStyle !== "none";
                const name = found.getAttribute("aria-label") ?? found.textContent.trim();
                return `${name || found.id}${visible ? "" : " (focus not seen)"}`;
            }""")
        )
        if reached[-1].startswith("In the article"):
            break
    for name in ("Ask", "New conversation", "as-of", "Dates and publishers", "Copy with sources"):
        assert name in reached, reached
    assert any(name.startswith("[1]") for name in reached)
    assert not [name for name in reached if "focus not seen" in name]
    page.keyboard.press("Enter")
    expect(page.locator("mark")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="In the article").first).to_be_focused()


def test_the_page_has_its_landmarks_and_labels(open_page: OpenPage) -> None:
    page = open_page()
    for role in ("banner", "main", "status"):
        expect(page.get_by_role(role)).to_have_count(1)
    expect(page.get_by_role("form", name="Ask")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dateline")
    expect(page.get_by_role("textbox", name="Ask the archive")).to_be_focused()
