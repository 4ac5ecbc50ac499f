"""What a newcomer does first: the demo, questions, filters."""

from __future__ import annotations

import time

import pytest

from bot.demo import QUESTIONS
from tests.journeys.conftest import EXAMPLES, CommandLine

pytestmark = pytest.mark.integration


def test_demo_gives_three_cited_answers_and_one_refusal_and_is_repeatable(
    command_line: CommandLine,
) -> None:
    first = command_line.run("demo")
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("Sources") == 3
    assert first.stdout.count("No article here answers this.") == 1
    assert "40 added, 2 copies of stories already held" in first.stdout
    started = time.monotonic()
    second = command_line.run("demo")
    assert "42 unchanged; 0 chunks embedded" in second.stdout
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    ("question", "words"),
    list(zip(QUESTIONS[:3], ("Ankara", "4,500", "five per cent"), strict=True)),
)
def test_what_the_demo_asks_is_answered_in_the_first_sentence(
    newsroom: CommandLine, question: str, words: str
) -> None:
    answer = newsroom.json("ask", question)
    first = answer["answer"].partition("[1]")[0]
    assert words in first
    # A lead of its own stands only where it is right.
    assert answer["short_answer"] is None or words in answer["short_answer"]


def test_what_the_demo_asks_last_is_declined(newsroom: CommandLine) -> None:
    assert not newsroom.json("ask", QUESTIONS[3])["answered"]


def test_ingest_again_embeds_nothing(newsroom: CommandLine) -> None:
    report = newsroom.json("ingest", str(EXAMPLES))
    assert (report["unchanged"], report["chunks"], report["failed"]) == (42, 0, [])


def test_ask_quotes_the_article_to_the_character(newsroom: CommandLine) -> None:
    answer = newsroom.json("ask", "How many soldiers does NATO's force in Kosovo have?")
    assert answer["answered"]
    assert "4,500" in answer["answer"]
    for citation in answer["citations"]:
        article = newsroom.json("articles", "show", citation["article_id"])
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]


def test_ask_uses_nothing_published_after_as_of(newsroom: CommandLine) -> None:
    answer = newsroom.json("ask", "What is Arctic Sentry?", "--as-of", "2025-12-31")
    assert not answer["answered"]
    dates = [citation["published_at"] for citation in answer["abstention"]["closest"]]
    assert all(date <= "2025-12-31T23:59:59Z" for date in dates)


def test_ask_names_who_else_carried_the_story(newsroom: CommandLine) -> None:
    answer = newsroom.json("ask", "Which four countries buy long-range strike weapons together?")
    others = {name for citation in answer["citations"] for name in citation["also_reported_by"]}
    assert "The Harbour Courier" in others


def test_search_keeps_to_the_source_that_is_asked_for(newsroom: CommandLine) -> None:
    found = newsroom.json("search", "NATO", "--source", "northern ledger", "--top-k", "5")
    assert {passage["source"] for passage in found["passages"]} == {"Northern Ledger"}


def test_ask_shows_source_date_and_quote_on_a_terminal(newsroom: CommandLine) -> None:
    shown = newsroom.run("ask", "When did Finland join NATO?").stdout
    assert "Meridian Wire, 4 Apr 2023 (by its byline)" in shown
    assert "“Finland joined NATO on Tuesday" in shown


def test_removed_article_answers_no_more(command_line: CommandLine) -> None:
    wire = EXAMPLES / "meridian-wire" / "2026-02-12-arctic-sentry.txt"
    command_line.run("ingest", str(wire))
    listed = command_line.json("articles", "list")["articles"]
    assert command_line.json("ask", "Which command will run Arctic Sentry?")["answered"]
    assert command_line.run("articles", "remove", listed[0]["article_id"]).returncode == 0
    answer = command_line.json("ask", "Which command will run Arctic Sentry?")
    assert answer["abstention"]["reason"] == "no_articles"
