"""Blocks and views: what Slack refuses, the stand-in refuses, and says why."""

from __future__ import annotations

from typing import Any

import pytest

from tests.slack_server import Refusal, check_blocks, check_view


def mrkdwn(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id: str = "a", text: str = "Show", **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def feedback(action_id: str = "f", value: str = "up") -> dict[str, Any]:
    one = {"text": plain("Good"), "value": value}
    return {
        "type": "feedback_buttons",
        "action_id": action_id,
        "positive_button": one,
        "negative_button": one,
    }


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "modal", "title": plain("Ask"), "blocks": list(blocks), **more}


DATE_INPUT = {
    "type": "input",
    "block_id": "date",
    "label": plain("As of"),
    "element": {"type": "datepicker", "action_id": "day", "initial_date": "2026-05-03"},
}
GOOD = {
    "a section": section("text"),
    "a section with a button": section("text", accessory=button(), expand=True),
    "fields": {"type": "section", "fields": [mrkdwn("a"), plain("b")]},
    "a divider": {"type": "divider"},
    "a header": {"type": "header", "text": plain("Sources")},
    "a context": {"type": "context", "elements": [mrkdwn("a"), plain("b")]},
    "markdown": {"type": "markdown", "text": "**bold** [1](https://example.org/a)"},
    "actions": actions(button("a"), button("b", url="https://example.org", value="x")),
    "feedback": {"type": "context_actions", "elements": [feedback()]},
    "an input": DATE_INPUT,
    "rich text": {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_quote",
                "elements": [{"type": "text", "text": "words", "style": {"bold": True}}],
            }
        ],
    },
    "a table": {"type": "table", "rows": [[{"type": "raw_text", "text": "cell"}]]},
}
BAD = {
    "a long section": section("x" * 3_001),
    "an empty section": section(""),
    "a section of nothing": {"type": "section"},
    "a long field": {"type": "section", "fields": [mrkdwn("x" * 2_001)]},
    "eleven fields": {"type": "section", "fields": [mrkdwn("x")] * 11},
    "an unknown field": section("x", colour="red"),
    "an unknown field deep inside": section("x", accessory=button(colour="red")),
    "an unknown field of a text": {"type": "section", "text": mrkdwn("x") | {"bold": True}},
    "a field of plain text in mrkdwn": {"type": "section", "text": mrkdwn("x") | {"emoji": True}},
    "an unknown block": {"type": "sectoin", "text": mrkdwn("x")},
    "no type": {"text": mrkdwn("x")},
    "a long header": {"type": "header", "text": plain("x" * 151)},
    "a header in mrkdwn": {"type": "header", "text": mrkdwn("x")},
    "eleven in a context": {"type": "context", "elements": [mrkdwn("x")] * 11},
    "nothing in a context": {"type": "context", "elements": []},
    "a button in a context": {"type": "context", "elements": [button()]},
    "a long text in a context": {"type": "context", "elements": [mrkdwn("x" * 3_001)]},
    "26 actions": actions(*(button(str(i)) for i in range(26))),
    "no actions": actions(),
    "feedback among actions": actions(feedback()),
    "a button among feedback": {"type": "context_actions", "elements": [button()]},
    "six context actions": {
        "type": "context_actions",
        "elements": [feedback(str(i)) for i in range(6)],
    },
    "long feedback": {"type": "context_actions", "elements": [feedback(value="x" * 2_001)]},
    "a long button": actions(button(text="x" * 76)),
    "a button in mrkdwn": actions(button() | {"text": mrkdwn("x")}),
    "a button's long value": actions(button(value="x" * 2_001)),
    "a button's long address": actions(button(url="https://a.example/" + "x" * 3_000)),
    "a button's script": actions(button(url="javascript:alert(1)")),
    "a long action_id": actions(button("x" * 256)),
    "one action_id twice": actions(button("a"), button("a")),
    "a long block_id": section("x", block_id="x" * 256),
    "an unknown element": actions({"type": "lever"}),
    "a long option": actions(
        {
            "type": "overflow",
            "action_id": "o",
            "options": [{"text": plain("x" * 76), "value": "v"}] * 2,
        }
    ),
    "a date of words": DATE_INPUT | {"element": {"type": "datepicker", "initial_date": "today"}},
    "long markdown": {"type": "markdown", "text": "x" * 12_001},
    "empty markdown": {"type": "markdown", "text": ""},
}


@pytest.mark.parametrize("block", GOOD.values(), ids=GOOD)
def test_good_blocks_are_taken(block: dict[str, Any]) -> None:
    check_blocks([block])


@pytest.mark.parametrize("block", BAD.values(), ids=BAD)
def test_bad_blocks_are_refused_with_the_reason(block: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        check_blocks([section("fine"), block])
    assert refused.value.error == "invalid_blocks"
    assert refused.value.messages


def test_the_reason_says_where() -> None:
    with pytest.raises(Refusal) as refused:
        check_blocks([section("fine"), section("x", accessory=button(text="x" * 76))])
    assert any("/blocks/1/accessory" in message for message in refused.value.messages)


@pytest.mark.parametrize(
    ("blocks", "error"),
    [
        pytest.param([{"type": "divider"}] * 51, "invalid_blocks", id="51 blocks"),
        pytest.param([section("x", block_id="b")] * 2, "invalid_blocks", id="one block_id twice"),
        pytest.param(
            [{"type": "markdown", "text": "x" * 6_001}] * 2, "invalid_blocks", id="much markdown"
        ),
        pytest.param([GOOD["a table"]] * 2, "invalid_blocks", id="two tables"),
        pytest.param([section("x" * 2_900)] * 5, "msg_blocks_too_long", id="13,200 characters"),
        pytest.param({"type": "divider"}, "invalid_blocks_format", id="no list"),
        pytest.param(["text"], "invalid_blocks_format", id="a list of texts"),
    ],
)
def test_blocks_that_do_not_go_together_are_refused(blocks: Any, error: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_blocks(blocks)
    assert refused.value.error == error


def test_a_modal_is_taken() -> None:
    check_view(modal(section("x"), DATE_INPUT, submit=plain("Ask"), private_metadata="{}"), "modal")
    check_view(modal(*[{"type": "divider"}] * 100), "modal")


@pytest.mark.parametrize(
    "view",
    [
        pytest.param(modal(section("x"), title=plain("x" * 25)), id="a long title"),
        pytest.param(modal(section("x"), title=None), id="no title"),
        pytest.param(modal(section("x"), title=mrkdwn("x")), id="a title in mrkdwn"),
        pytest.param(modal(section("x"), private_metadata="x" * 3_001), id="much metadata"),
        pytest.param(modal(section("x"), submit=plain("x" * 25)), id="a long button"),
        pytest.param(modal(section("x"), callback_id="x" * 256), id="a long callback_id"),
        pytest.param(modal(section("x"), colour="red"), id="an unknown field"),
        pytest.param(modal(DATE_INPUT), id="inputs without a button"),
        pytest.param(modal(), id="no blocks"),
        pytest.param(modal(*[{"type": "divider"}] * 101), id="101 blocks"),
        pytest.param(modal({"type": "markdown", "text": "x"}), id="markdown in a modal"),
        pytest.param(modal(section("x")) | {"type": "home"}, id="a home tab"),
        pytest.param("view", id="a text"),
    ],
)
def test_views_that_slack_refuses_are_refused(view: Any) -> None:
    with pytest.raises(Refusal):
        check_view(view, "modal")
