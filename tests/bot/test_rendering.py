"""Answers and passages on a terminal."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console

from bot.answering.prompt import build_prompt
from bot.answering.questions import build_question
from bot.answering.schema import Abstention, Answer
from bot.answering.wire import build_passages
from bot.rendering import format_date, render_answer, render_passages
from bot.slack.dates import format_published
from retrieval.schema import DateProvenance, Window
from tests.bot.factories import make_answer, make_citation, make_passage
from tests.factories import SUMMIT, make_article


def print_answer(answer: Answer) -> str:
    console = Console(record=True, file=io.StringIO(), width=200)
    render_answer(answer, console)
    return console.export_text()


@pytest.mark.parametrize(
    ("provenance", "shown"),
    [
        ("structured", "2 Feb 2026"),
        ("feed", "2 Feb 2026"),
        ("byline", "2 Feb 2026 (by its byline)"),
        ("url", "2 Feb 2026 (by its address)"),
    ],
)
def test_a_date_is_shown_with_what_it_rests_on(provenance: DateProvenance, shown: str) -> None:
    moment = datetime(2026, 2, 2, 17, 30, tzinfo=UTC)
    article = make_article(published_at=moment, date_provenance=provenance)
    assert format_date(article) == shown


@pytest.mark.parametrize(
    ("stated", "shown"),
    [
        ("2026-03-05T00:30:00+01:00", "5 Mar 2026"),
        ("2026-03-05T07:30:00+09:00", "5 Mar 2026"),
        ("2026-03-04T20:00:00-05:00", "4 Mar 2026"),
        ("2026-03-04T23:00:00+00:00", "4 Mar 2026"),
    ],
)
def test_the_day_that_is_shown_is_that_of_where_it_was_published(stated: str, shown: str) -> None:
    article = make_article(published_at=datetime.fromisoformat(stated))
    assert format_date(article) == shown
    assert format_published(article, "en") == shown
    assert format_published(article, "pl") == shown.replace("Mar", "mar")
    passage = make_passage(article=article)
    (found,) = build_passages([passage], Window(), {})["passages"]
    assert found["published_at"][:10] == f"2026-03-0{shown[0]}"
    prompt = build_prompt(build_question("Who?"), [passage])
    assert f'"published": "2026-03-0{shown[0]}"' in prompt


def test_an_undated_article_is_shown_as_undated() -> None:
    assert format_date(make_article(published_at=None)) == "undated"


def test_an_answer_is_printed_with_its_notes_and_sources() -> None:
    citation = make_citation(also_reported_by=["Northern Ledger", "Harbour Courier"])
    printed = print_answer(make_answer(citations=[citation], notes=["It is old."]))
    assert [line.strip() for line in printed.splitlines()] == [
        "Mark Rutte chaired the talks [1].",
        "Note: It is old.",
        "",
        "Sources",
        "[1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025",
        "https://example.org/summit",
        "“Mark Rutte chaired the talks.”",
        "also reported by Northern Ledger, Harbour Courier",
    ]


def test_an_abstention_is_printed_with_what_came_closest() -> None:
    declined = Abstention("no_evidence", "No article here answers this.", (make_citation(),))
    printed = print_answer(make_answer(abstention=declined))
    assert printed.startswith("No article here answers this.\n")
    assert "Closest" in printed
    assert "Sources" not in printed
    assert "“Mark Rutte chaired the talks.”" in printed


def test_an_abstention_with_nothing_close_is_one_line() -> None:
    declined = Abstention("no_articles", "There are no articles yet.")
    assert print_answer(make_answer(abstention=declined)) == "There are no articles yet.\n"


def test_text_of_an_article_is_no_markup() -> None:
    citation = make_citation(title="[bold]Loud[/bold]", quote="[link=x]it[/link] [red]rose.")
    printed = print_answer(make_answer(text="[bold]It rose [1].", citations=[citation]))
    assert "[bold]It rose [1]." in printed
    assert "[bold]Loud[/bold]" in printed
    assert "[link=x]it[/link] [red]rose." in printed


@pytest.mark.parametrize("control", ["\x1b[2J", "\x1b]0;title\x07", "\x9b2J"])
def test_a_publisher_s_name_or_address_cannot_steer_the_terminal(control: str) -> None:
    printed = io.StringIO()
    citation = make_citation(url=f"https://example.org/{control}", source=f"Wire{control}")
    render_answer(make_answer(citations=[citation]), Console(file=printed, width=200))
    assert "Wire" in printed.getvalue()
    assert not {"\x1b", "\x9b", "\x07"} & set(printed.getvalue())


def test_passages_are_printed_by_rank_with_publisher_and_date() -> None:
    undated = make_passage(make_article(published_at=None, source=None), rank=2)
    found = build_passages([make_passage(), undated], Window(), {})
    console = Console(record=True, file=io.StringIO(), width=200)
    render_passages(found, console)
    lines = [line.strip() for line in console.export_text().splitlines()]
    assert lines[0] == "1. Allies meet in The Hague — Meridian Wire, 2025-06-25"
    assert "2. Allies meet in The Hague — undated" in lines
    assert SUMMIT.splitlines()[0] in lines


def test_no_passages_are_said_to_be_none() -> None:
    console = Console(record=True, file=io.StringIO())
    render_passages(build_passages([], Window(), {}), console)
    assert console.export_text() == "No passage was found.\n"
