"""Answers as Markdown, read by a real Markdown parser."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from bot.answering.schema import Abstention
from bot.markdown import escape_markdown, list_articles, list_quotes, render_markdown
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


HEAD = "- [1] Allies meet in The Hague — Meridian Wire, 25 Jun 2025"
SUMMIT = f"{HEAD} — <https://example.org/summit>"


def test_sources_follow_the_answer_and_its_notes() -> None:
    citation = make_citation(also_reported_by=["Northern Ledger", "Harbour Courier"])
    answer = make_answer(citations=[citation], notes=["It is old."])
    assert render_markdown(answer, list_articles) == (
        "Mark Rutte chaired the talks [1].\n\n"
        "Note: It is old.\n\n"
        "**Sources**\n\n"
        f"{SUMMIT} — also reported by Northern Ledger, Harbour Courier\n"
        "  - “Mark Rutte chaired the talks.”"
    )


def test_quotes_that_share_a_marker_stand_below_their_article() -> None:
    citations = [make_citation(), make_citation(2, "It rose."), make_citation(1, "It *fell*.")]
    assert list(list_articles(citations)) == [
        SUMMIT,
        "  - “Mark Rutte chaired the talks.”",
        "  - “It \\*fell\\*.”",
        SUMMIT.replace("[1]", "[2]"),
        "  - “It rose.”",
    ]
    html = MarkdownIt().render("\n".join(list_articles(citations)))
    assert html.count("<ul>") == 3


def test_a_line_a_quote_names_the_article_by_its_id() -> None:
    citations = [make_citation(also_reported_by=["Northern Ledger"]), make_citation(2, "It rose.")]
    assert list(list_quotes(citations)) == [
        f"{SUMMIT} — also reported by Northern Ledger — article_id abc: "
        "“Mark Rutte chaired the talks.”",
        f"{SUMMIT.replace('[1]', '[2]')} — article_id abc: “It rose.”",
    ]


@pytest.mark.parametrize("url", [None, "javascript:alert(1)", "file:///etc/passwd", "http://["])
def test_what_is_not_the_address_of_a_page_is_no_link(url: str | None) -> None:
    assert next(list_articles([make_citation(url=url)])) == HEAD


def test_an_address_cannot_end_its_link() -> None:
    citation = make_citation(url="https://example.org/a> <b>[x](y)")
    line = next(list_articles([citation]))
    assert line.endswith("<https://example.org/a%3E%20%3Cb%3E%5Bx%5D(y)>")


def test_an_abstention_says_why_and_quotes_what_came_closest() -> None:
    abstention = Abstention("no_evidence", "No article here answers this.", (make_citation(),))
    assert render_markdown(make_answer(abstention=abstention), list_articles) == (
        "No article here answers this.\n\n"
        f"**Closest**\n\n{SUMMIT}\n  - “Mark Rutte chaired the talks.”"
    )
