"""Answers as blocks that Slack takes, and in which no text of an article can act."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.answering.schema import Abstention
from bot.slack.blocks import build_blocks, escape, read_question
from tests.bot.factories import make_answer, make_citation
from tests.slack_server import find_fault


def texts(blocks: list[dict[str, Any]]) -> list[str]:
    sections = [block["text"]["text"] for block in blocks if "text" in block]
    return sections + [e["text"] for block in blocks for e in block.get("elements", [])]


def fault(blocks: list[dict[str, Any]]) -> str | None:
    return find_fault({"channel": "C1", "text": "x", "blocks": blocks})


def test_an_answer_is_its_text_its_notes_and_a_block_a_source() -> None:
    answer = make_answer(
        citations=[make_citation(also_reported_by=["Northern Ledger", "B & C"])],
        notes=["An <old> note.", "Another."],
    )
    blocks = build_blocks(answer)
    assert [block["type"] for block in blocks] == [
        "section",
        "context",
        "divider",
        "section",
        "section",
    ]
    assert texts(blocks[:1]) == ["Mark Rutte chaired the talks [1]."]
    assert texts(blocks[1:2]) == ["An &lt;old&gt; note. Another."]
    assert texts(blocks[4:]) == [
        "*[1]* <https://example.org/summit|Allies meet in The Hague> — Meridian Wire, 25 Jun 2025\n"
        ">Mark Rutte chaired the talks.\n"
        "Also reported by Northern Ledger, B &amp; C"
    ]
    assert fault(blocks) is None


def test_an_abstention_is_its_message_and_what_came_closest() -> None:
    declined = Abstention("no_evidence", "No article here answers this.", (make_citation(),))
    shown = texts(build_blocks(make_answer(abstention=declined)))
    assert shown[0] == "No article here answers this."
    assert shown[1] == "*Closest articles*"
    assert "Mark Rutte chaired the talks." in shown[2]


def test_an_abstention_with_nothing_close_is_its_message_alone() -> None:
    declined = Abstention("no_articles", "There are no articles yet.")
    assert texts(build_blocks(make_answer(abstention=declined))) == ["There are no articles yet."]


@pytest.mark.parametrize(
    "text",
    ["<!channel> rose", "<@U1> & <#C1|x>", "<https://evil.example|click>", "a < b > c & d &amp;"],
)
def test_no_text_can_mention_notify_or_link(text: str) -> None:
    citation = make_citation(quote=text, title=text, url=None, also_reported_by=[text])
    blocks = build_blocks(make_answer(text=f"{text} [1].", citations=[citation], notes=[text]))
    for shown in texts(blocks):
        assert "<" not in shown
        assert ">" not in re.sub(r"^>", "", shown, flags=re.M)
        assert re.search(r"&(?!(?:amp|lt|gt);)", shown) is None
    assert escape(text) in texts(blocks)[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a|b",
        "https://example.org/a>b",
        "https://example.org/a<!channel>b",
        "https://example.org/a|<https://evil.example",
        "https://example.org/a b\nc",
        "https://example.org/é?q=1&r=2#f",
        "https://exämple.org/",
    ],
)
def test_an_address_cannot_end_its_link_early(url: str) -> None:
    source = texts(build_blocks(make_answer(citations=[make_citation(url=url)])))[-1]
    assert re.findall(r"[<|>]", source.splitlines()[0]) == ["<", "|", ">"]
    assert re.search(r"<https://[^\s<>|]+\|Allies meet in The Hague>", source)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "slack://open",
        "mailto:a@example.org",
        "//evil.example",
        "!channel",
        "https://[broken",
        "",
        None,
    ],
)
def test_only_web_addresses_are_linked(url: str | None) -> None:
    source = texts(build_blocks(make_answer(citations=[make_citation(url=url)])))[-1]
    assert source.startswith("*[1]* Allies meet in The Hague — ")
    assert "<" not in source


def test_a_very_long_answer_is_split_between_words_within_slack_s_limits() -> None:
    words = [f"word{i}" for i in range(1200)]
    blocks = build_blocks(make_answer(text=" ".join(words)))
    assert fault(blocks) is None
    leads = [shown for shown in texts(blocks) if shown.startswith("word")]
    assert len(leads) > 2
    assert " ".join(leads).split() == words


def test_many_long_sources_stay_within_slack_s_limits() -> None:
    citations = [make_citation(i, quote=f"{i} " + "long " * 400) for i in range(1, 61)]
    blocks = build_blocks(make_answer(citations=citations))
    assert fault(blocks) is None
    assert any("*[1]*" in shown for shown in texts(blocks))


@pytest.mark.parametrize("letter", ["a", "&", "<", "é", "🙂"])
def test_long_texts_without_a_space_stay_within_slack_s_limits(letter: str) -> None:
    citation = make_citation(title=letter * 700, quote=letter * 5000, url=None)
    blocks = build_blocks(make_answer(text=letter * 1400, citations=[citation]))
    assert fault(blocks) is None
    for shown in texts(blocks):
        assert re.search(r"&(?!(?:amp|lt|gt);)", shown) is None, "an escape is cut in two"


@pytest.mark.parametrize(
    ("title", "url"),
    [("long " * 1000, "https://example.org/a"), ("Short", "https://example.org/" + "a" * 5000)],
)
def test_a_long_title_or_address_leaves_no_link_open(title: str, url: str) -> None:
    source = texts(build_blocks(make_answer(citations=[make_citation(title=title, url=url)])))[-1]
    assert source.count("<") == source.splitlines()[0].count(">")
    assert ">Mark Rutte chaired the talks." in source


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.text(min_size=1, max_size=300), st.text(min_size=1, max_size=300), st.text(max_size=100))
def test_no_text_whatever_breaks_the_blocks(text: str, title: str, path: str) -> None:
    citation = make_citation(quote=text, title=title, url=f"https://example.org/{path}")
    blocks = build_blocks(make_answer(text=text, citations=[citation]))
    assert fault(blocks) is None
    source = texts(blocks)[-1]
    assert source.count("<") == 1
    assert source.count("|") - title.count("|") - text.count("|") == 1


@pytest.mark.parametrize(
    ("typed", "question"),
    [
        ("<@UBOT> Who won?", "Who won?"),
        ("<@UBOT|dateline> Who won?", "Who won?"),
        ("Who won, <@UBOT>?", "Who won, ?"),
        ("<@UBOT>", ""),
        ("  \n ", ""),
        ("R&amp;D &lt;2 %&gt;?", "R&D <2 %>?"),
        ("What of &amp;lt;?", "What of &lt;?"),
        ("What says <https://example.org|example.org>?", "What says example.org?"),
        ("What says <https://example.org/a>?", "What says https://example.org/a?"),
        ("What of <#C1|general>?", "What of general?"),
        ("Who\nwon?", "Who won?"),
    ],
)
def test_the_question_is_what_was_typed(typed: str, question: str) -> None:
    assert read_question(typed) == question
