"""The windows that buttons open, as Slack takes them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.keeping import Source
from bot.slack.modals import (
    build_about,
    build_as_of,
    build_comment,
    build_quotes,
    find_date_fault,
    today,
)
from retrieval.schema import DateProvenance
from tests.bot.factories import make_citation
from tests.slack_server import Message, check_view, find_links, find_mentions, read_shown


def as_message(view: dict[str, Any]) -> Message:
    return Message("C1", "1.1", "UBOT", 0.0, blocks=view["blocks"])


def make_source(marker: int = 1, quote: str = "Mark Rutte chaired the talks.") -> Source:
    return Source(marker, quote, make_citation(marker, quote), stands=True)


def test_quotes_are_shown_with_title_publisher_date_and_what_says_so() -> None:
    view = build_quotes([make_source()], "en")
    check_view(view, "modal")
    assert read_shown(as_message(view)).split("\n") == [
        "*Allies meet in The Hague*",
        "Meridian Wire, 25 Jun 2025 (by its markup)",
        "[1] ",
        "Mark Rutte chaired the talks.",
    ]
    assert [link.url for link in find_links(as_message(view))] == ["https://example.org/summit"]


@pytest.mark.parametrize(
    ("provenance", "said"),
    [
        ("feed", "25 cze 2025 (by its feed)"),
        ("byline", "25 cze 2025 (by its byline)"),
        ("url", "25 cze 2025 (by its address)"),
    ],
)
def test_a_quote_says_where_its_date_is_from(provenance: DateProvenance, said: str) -> None:
    citation = replace(make_citation(), date_provenance=provenance)
    view = build_quotes([Source(1, citation.quote, citation, stands=True)], "pl")
    assert f"Meridian Wire, {said}" in read_shown(as_message(view))


def test_a_quote_is_exact_and_does_nothing() -> None:
    quote = "<!channel> *bold* _it_ `x` https://evil.example & <https://evil.example|y>"
    view = build_quotes([make_source(quote=quote)], "en")
    message = as_message(view)
    assert quote in read_shown(message).split("\n")
    assert find_mentions(message) == ()
    assert [link.url for link in find_links(message)] == ["https://example.org/summit"]


def test_an_article_that_is_gone_or_changed_is_said_to_be() -> None:
    gone = Source(1, "Its words.", None, stands=False)
    changed = replace(make_source(2), stands=False)
    told = read_shown(as_message(build_quotes([gone, changed], "en")))
    assert "[1] The article was removed from the archive, so its words are gone." in told
    assert "Its words." not in told
    assert "The article has changed since: it no longer has these words." in told


def test_more_quotes_than_a_window_takes_are_counted() -> None:
    view = build_quotes([make_source(n) for n in range(1, 61)], "en")
    check_view(view, "modal")
    told = read_shown(as_message(view))
    assert "[32] " in told
    assert told.endswith("28 more are not shown here: this window is full.")


def test_a_quote_longer_than_a_block_is_cut_and_says_so() -> None:
    view = build_quotes([make_source(quote="long " * 1_000)], "en")
    check_view(view, "modal")
    assert read_shown(as_message(view)).endswith("… (cut here: the article has the rest)")


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.lists(st.text(max_size=400), max_size=60), st.text(max_size=400))
def test_no_quote_or_title_whatever_breaks_a_window(quotes: list[str], title: str) -> None:
    sources = [
        Source(n, quote, make_citation(n, quote, title=title), stands=n % 2 == 0)
        for n, quote in enumerate(quotes, 1)
    ]
    check_view(build_quotes(sources, "en"), "modal")


@pytest.mark.parametrize("text", ["", "Who won?", "x" * 2_000])
def test_the_forms_are_such_as_slack_takes(text: str) -> None:
    check_view(build_comment("{}"), "modal")
    check_view(build_as_of(text or "?", date(2025, 6, 25), "{}"), "modal")
    check_view(build_about(text, "{}"), "modal")


def test_a_day_to_ask_as_of_has_begun_somewhere() -> None:
    assert find_date_fault(today().isoformat()) is None
    assert find_date_fault("2019-02-28") is None
    tomorrow = (today() + timedelta(days=1)).isoformat()
    assert find_date_fault(tomorrow) == "This day is in the future: choose today or an earlier day."
    assert find_date_fault(None) == "Choose a date."
    assert find_date_fault("2025-02-30") == "Choose a date."
