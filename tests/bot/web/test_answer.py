"""What the page makes of an answer, whatever is in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from bot.answering.schema import Abstention, Citation, Mode
from bot.feedback import FeedbackLog
from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.schema import Window
from tests.bot.factories import Shelf, day, make_answer, make_citation
from tests.bot.http.servers import serve
from tests.bot.web.articles import ARTICLES, HARBOUR
from tests.bot.web.conftest import OpenPage
from tests.bot.web.scripted import Scripted, stream
from tests.bot.web.test_asking import ask, wait_for_answer
from tests.factories import make_article


def cite(
    marker: int, article_id: str, published_at: datetime | None, quote: str = "It rose."
) -> Citation:
    citation = make_citation(marker, quote, title=article_id, source="Wire")
    return replace(citation, article_id=article_id, published_at=published_at)


def test_sources_are_in_the_order_of_time_one_card_an_article(
    page: Page, scripted: Scripted
) -> None:
    citations = [
        cite(1, "newest", day("2025-06-25")),
        cite(2, "undated", None),
        cite(3, "oldest", day("2020-02-01")),
        cite(4, "newest", day("2025-06-25"), "It fell."),
    ]
    text = "It rose [1][3]. It fell [4]. Nobody knows [2]."
    scripted.replies.append(stream(answer=make_answer(text, citations)))
    ask(page, "Did it rise?")
    assert page.locator(".card h4").all_inner_texts() == ["oldest", "newest", "undated"]
    assert page.locator(".card").nth(1).locator(".number").all_inner_texts() == ["[1]", "[4]"]
    expect(page.get_by_role("heading", name="Sources, oldest first")).to_be_visible()
    assert page.locator(".marker").all_inner_texts() == ["[1]", "[3]", "[4]", "[2]"]
    expect(page.locator(".answer")).to_have_text("It rose.[1][3] It fell.[4] Nobody knows.[2]")


def test_a_reply_to_small_talk_is_a_plain_line(page: Page, scripted: Scripted) -> None:
    reply = Abstention("small_talk", "Hello! Ask me about “<b>Cable</b>”.")
    scripted.replies.append(stream(answer=make_answer(abstention=reply)))
    ask(page, "hi")
    expect(page.locator(".answer")).to_have_text(reply.message)
    expect(page.locator(".refusal, .actions, .card")).to_have_count(0)


def test_a_number_in_brackets_that_cites_nothing_is_text(page: Page, scripted: Scripted) -> None:
    scripted.replies.append(stream(answer=make_answer("It rose [7] by [x] and [1].")))
    ask(page, "Did it rise?")
    expect(page.locator(".answer")).to_have_text("It rose [7] by [x] and.[1]")
    expect(page.locator(".marker")).to_have_count(1)


def test_who_else_reported_it_and_every_note_are_shown(page: Page, scripted: Scripted) -> None:
    citation = make_citation(also_reported_by=["Northern Ledger", "Coast <b>Post"])
    notes = ["On 1 May 2024 Meridian Wire said 40; on 2 May 2025 it said 50.", "It is <i>old</i>."]
    scripted.replies.append(stream(answer=make_answer(citations=[citation], notes=notes)))
    ask(page, "Did it rise?")
    expect(page.locator(".card")).to_contain_text("also reported by Northern Ledger, Coast <b>Post")
    assert page.locator(".notes p").all_inner_texts() == notes


def test_who_wrote_it_how_sure_and_which_days_are_said_in_words(
    page: Page, scripted: Scripted
) -> None:
    window = Window(prefer_since=day("2025-04-01"), prefer_until=day("2025-04-30"))
    written = replace(
        make_answer(window=window), mode="generative", model="a-model", confidence=0.9
    )
    scripted.replies += [stream(answer=written), stream(answer=make_answer())]
    ask(page, "What was it in April 2025?")
    expect(page.locator(".standing")).to_have_text(
        "Written by a-model, each sentence checked against its quote · high confidence · "
        "newest source 25 Jun 2025 · date understood: 1 Apr 2025 – 30 Apr 2025"
    )
    ask(page, "And now?")
    expect(page.locator(".standing").first).to_have_text(
        "Quoted word for word · answers this sure are right about 8 times in 10 · "
        "newest source 25 Jun 2025"
    )


@pytest.mark.parametrize(
    ("name", "verdict", "comment"),
    [("Good answer", "up", None), ("Bad answer", "down", "wrong year")],
)
def test_a_thumb_and_a_word_if_there_is_one_are_kept_with_the_answer(
    open_page: OpenPage, shelf: Shelf, name: str, verdict: str, comment: str | None
) -> None:
    shelf.put(make_article())
    with serve(build_app(shelf.library, shelf.service, BotSettings())) as address:
        page = open_page(address)
        ask(page, "Who chaired the talks?")
        page.get_by_role("button", name=name).click()
        expect(page.get_by_label("A word on why")).to_be_focused()
        page.keyboard.type(comment or "")
        page.keyboard.press("Enter")
        expect(page.locator(".feedback")).to_have_text(re.compile(r"Thank you\.$"))
    [given] = FeedbackLog(shelf.library.database).read()
    assert (given.verdict, given.comment) == (verdict, comment)
    assert given.question == "Who chaired the talks?"
    assert given.answer.startswith("Mark Rutte chaired the talks [1].")


def test_feedback_that_could_not_be_sent_is_not_lost(page: Page, scripted: Scripted) -> None:
    """The request is caught in the browser, and fails."""
    page.route("**/feedback", lambda route: route.abort())
    scripted.replies.append(stream(answer=make_answer()))
    ask(page, "Did it rise?")
    page.get_by_role("button", name="Bad answer").click()
    page.keyboard.type("wrong year")
    page.keyboard.press("Enter")
    expect(page.locator(".feedback")).to_contain_text("Not sent. The server did not answer.")
    assert page.get_by_label("A word on why").input_value() == "wrong year"


def test_an_article_that_the_address_names_is_shown_alone(open_page: OpenPage, url: str) -> None:
    [bridge] = [article for article in ARTICLES if article.title.endswith("Bridge opens")]
    page = open_page(f"{url}/?article={bridge.article_id}")
    expect(page.locator(".article")).to_contain_text(HARBOUR)
    expect(page.locator(".article")).to_contain_text("Bridge opens")
    ask(page, "Who opened the harbour bridge?")
    wait_for_answer(page)
    assert "?article" not in page.url


def test_an_article_that_is_gone_is_said_to_be(open_page: OpenPage, url: str) -> None:
    page = open_page(f"{url}/?article=gone")
    expect(page.locator(".failure")).to_be_visible()


def test_a_short_answer_stands_over_its_quotes_each_with_its_dateline(
    page: Page, scripted: Scripted
) -> None:
    citations = [
        cite(1, "a", day("2026-02-12"), "The bridge was opened by Kalle Sepp."),
        cite(2, "a", day("2026-02-12"), "It had cost [3] million."),
        cite(3, "b", day("2026-02-13"), "Sepp opened it."),
    ]
    quotes = "The bridge was opened by Kalle Sepp [1]. It had cost (3) million [2]."
    answer = make_answer(f"Kalle Sepp — {quotes} Sepp opened it [3].", citations)
    scripted.replies.append(stream(answer=replace(answer, short_answer="Kalle Sepp")))
    ask(page, "Who opened the bridge?")
    expect(page.locator(".lead")).to_have_text("Kalle Sepp[1]")
    figures = page.locator(".answer figure")
    assert figures.locator("figcaption").all_inner_texts() == [
        "WIRE · 12 FEB 2026",
        "WIRE · 13 FEB 2026",
    ]
    assert figures.first.locator("blockquote").all_inner_texts() == [
        "The bridge was opened by Kalle Sepp.[1]",
        "It had cost [3] million.[2]",
    ]
    large, small = (
        page.locator(name).first.evaluate("found => parseFloat(getComputedStyle(found).fontSize)")
        for name in (".lead", ".answer blockquote")
    )
    assert large > small
    assert page.locator(".card blockquote").count() == 0


_STRAYED = """() => [...document.querySelectorAll(".marker")].filter((marker) => {
    const word = document.createRange();
    word.setStart(marker.parentElement.firstChild, 0);
    word.setEnd(marker.parentElement.firstChild, marker.parentElement.firstChild.length);
    const [letters, shown] = [word.getBoundingClientRect(), marker.getBoundingClientRect()];
    const apart = shown.bottom < letters.top || shown.top > letters.bottom;
    return apart || shown.left < letters.right - 1;
}).length"""


@pytest.mark.parametrize("mode", ["extractive", "generative"])
def test_no_marker_begins_a_line_however_narrow_the_page(
    page: Page, scripted: Scripted, mode: Mode
) -> None:
    words = ["Ministers of the allies signed the accord on Monday, 12 January.", "It rose."]
    citations = [cite(n, "a", day("2026-02-12"), words[n % 2]) for n in range(1, 9)]
    text = " ".join(f"{words[n % 2][:-1]} [{n}]." for n in range(1, 9))
    answer = replace(make_answer(text, citations), mode=mode)
    scripted.replies.append(stream(answer=answer))
    ask(page, "What was signed?")
    expect(page.locator(".marker")).to_have_count(8)
    for width in range(320, 460, 6):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(_STRAYED) == 0


def test_what_is_more_than_its_quotes_is_set_as_prose(page: Page, scripted: Scripted) -> None:
    citation = cite(1, "a", day("2026-02-12"), "It rose.")
    scripted.replies.append(stream(answer=make_answer("They say: It rose [1].", [citation])))
    ask(page, "Did it rise?")
    expect(page.locator(".answer.prose")).to_have_text("They say: It rose.[1]")
    expect(page.locator(".card q")).to_have_text("It rose.")


def test_figures_stand_on_the_line(page: Page) -> None:
    style = page.evaluate("getComputedStyle(document.body).fontVariantNumeric")
    assert style == "lining-nums"
