"""Answers as Markdown, read by a real Markdown parser."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from bot.answering.schema import Abstention
from bot.markdown import escape_markdown, render_markdown
from tests.bot.factories import make_answer, make_citation


def read_plainly(markdown: str) -> str:
    """The text of one paragraph that holds nothing else."""
    opened, inline, closed = MarkdownIt().parse(markdown)
    assert (opened.type, closed.type) == ("paragraph_open", "paragraph_close")
    assert {token.type for token in inline.children or []} <= {"text", "text_special"}
    return "".join(token.content for token in inline.children or [])


@pytest.mark.parametrize(
    "text",
    [
        "[click](https://evil.example)",
        "![x](https://evil.example/p.png)",
        "<img src=x onerror=alert(1)> <https://evil.example>",
        "[1]: https://evil.example",
        "`code` and ~~~ and *stars* and __lines__ and a | b",
        "# Heading",
        "- item",
        "C:\\new\\[x](y)",
    ],
)
def test_markdown_in_a_text_is_shown_as_it_was_written(text: str) -> None:
    assert read_plainly(escape_markdown(text)) == text


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("See https://evil.example/raw.", "See https\\://evil.example/raw."),
        ("See www.evil.example.", "See www\\.evil.example."),
        ("Write to a@evil.example.", "Write to a\\@evil.example."),
    ],
)
def test_a_bare_address_is_not_made_a_link_by_pages_that_look_for_them(
    text: str, escaped: str
) -> None:
    assert escape_markdown(text) == escaped
    assert read_plainly(escaped) == text


def test_a_text_of_several_lines_stays_on_one() -> None:
    assert escape_markdown("One\n\n# Two\u200b\x1b[0m") == "One # Two\\[0m"


def test_sources_follow_the_answer_and_its_notes() -> None:
    citation = make_citation(also_reported_by=["Northern Ledger", "Harbour Courier"])
    assert render_markdown(make_answer(citations=[citation], notes=["It is old."])) == (
        "Mark Rutte chaired the talks [1].\n\n"
        "Note: It is old.\n\n"
        "**Sources**\n\n"
        "- [1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025 — "
        "<https://example.org/summit> — also reported by Northern Ledger, Harbour Courier"
    )


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "file:///etc/passwd", "http://["])
def test_what_is_not_the_address_of_a_page_is_no_link(url: str | None) -> None:
    rendered = render_markdown(make_answer(citations=[make_citation(url=url)]))
    assert rendered.endswith("- [1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025")


def test_an_address_cannot_end_its_link() -> None:
    citation = make_citation(url="https://example.org/a> <b>[x](y)")
    rendered = render_markdown(make_answer(citations=[citation]))
    assert rendered.endswith("<https://example.org/a%3E%20%3Cb%3E%5Bx%5D(y)>")


def test_an_abstention_says_why_and_quotes_what_came_closest() -> None:
    abstention = Abstention("no_evidence", "No article here answers this.", (make_citation(),))
    assert render_markdown(make_answer(abstention=abstention)) == (
        "No article here answers this.\n\n"
        "**Closest**\n\n"
        "- [1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025 — "
        "<https://example.org/summit>: “Mark Rutte chaired the talks.”"
    )
