"""What the page makes of an answer, whatever is in it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

import pytest
from playwright.sync_api import Page, expect

from bot.answering.schema import Abstention, Citation
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
    expect(page.locator(".answer")).to_have_text(text)


def test_a_reply_to_small_talk_is_a_plain_line(page: Page, scripted: Scripted) -> None:
    reply = Abstention("small_talk", "Hello! Ask me about “<b>Cable</b>”.")
    scripted.replies.append(stream(answer=make_answer(abstention=reply)))
    ask(page, "hi")
    expect(page.locator(".answer")).to_have_text(reply.message)
    expect(page.locator(".refusal, .actions, .card")).to_have_count(0)


def test_a_number_in_brackets_that_cites_nothing_is_text(page: Page, scripted: Scripted) -> None:
    scripted.replies.append(stream(answer=make_answer("It rose [7] by [x] and [1].")))
    ask(page, "Did it rise?")
    expect(page.locator(".answer")).to_have_text("It rose [7] by [x] and [1].")
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
        "newest source 25 Jun 2025 · time words read as 1 Apr 2025 – 30 Apr 2025"
    )
    ask(page, "And now?")
    expect(page.locator(".standing").first).to_have_text(
        "Quoted word for word · fair confidence · newest source 25 Jun 2025"
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
