"""Links and mentions are found wherever Slack would make them act."""

from __future__ import annotations

from typing import Any

import pytest

from tests.slack_server import Link, Message, find_links, find_mentions, read_shown


def message(**content: Any) -> Message:
    return Message("C1", "1.1", "UBOT", 0.0, **content)


def section(text: str, verbatim: bool = True) -> list[dict[str, Any]]:
    return [{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": verbatim}}]


A = "https://a.example/x"


@pytest.mark.parametrize(
    ("seen", "links"),
    [
        (message(text=f"<{A}|here>"), [Link(A, "here")]),
        (message(text=f"see {A} now"), [Link(A, A)]),
        (message(text="x", blocks=section(f"<{A}|a &amp; b>")), [Link(A, "a & b")]),
        (message(text="x", blocks=section(f"see {A}")), []),
        (message(text="x", blocks=section(f"see {A}", verbatim=False)), [Link(A, A)]),
        (message(text="x", blocks=section(f"&lt;{A}|here&gt;")), []),
        (message(markdown=f"[here]({A}) and <{A}>"), [Link(A, "here"), Link(A, A), Link(A, A)]),
        (message(markdown=rf"\[here\]\({A[:0]}x\)"), []),
        (message(markdown=f"see {A}"), [Link(A, A)]),
        (message(blocks=[{"type": "markdown", "text": f"[here]({A})"}]), [Link(A, "here")]),
        (
            message(
                blocks=[
                    {
                        "type": "actions",
                        "elements": [
                            {
                                "type": "button",
                                "url": A,
                                "text": {"type": "plain_text", "text": "b"},
                            }
                        ],
                    }
                ]
            ),
            [Link(A, "b")],
        ),
    ],
)
def test_links_are_found(seen: Message, links: list[Link]) -> None:
    assert list(find_links(seen)) == links


@pytest.mark.parametrize(
    ("seen", "mentions"),
    [
        (message(text="<!channel> and <@U1|x>"), ["<!channel>", "<@U1|x>"]),
        (message(text="&lt;!channel&gt; &lt;@U1&gt;"), []),
        (message(text="<!here>", blocks=section("x")), ["<!here>"]),
        (message(text="x", blocks=section("<!subteam^S1> <#C1>")), ["<!subteam^S1>", "<#C1>"]),
        (message(text="x", blocks=section("<!date^1^{date}|then>")), []),
        (message(markdown="<!everyone>"), ["<!everyone>"]),
        (message(text="x", blocks=[{"type": "markdown", "text": "<@U1>"}]), ["<@U1>"]),
        (message(text="mail me at x@channel.example"), []),
        (message(text="@channel"), ["@channel"]),
    ],
)
def test_mentions_are_found(seen: Message, mentions: list[str]) -> None:
    assert list(find_mentions(seen)) == mentions


def test_what_is_shown_is_the_blocks_and_what_was_streamed() -> None:
    shown = message(
        text="for the notification",
        markdown="**R&D** spending rose [1](https://a.example).",
        blocks=[*section("*Sources*\n<https://a.example|A &amp; B>"), {"type": "divider"}],
    )
    assert read_shown(shown) == "R&D spending rose 1.\n*Sources*\nA & B"
    assert read_shown(message(text="a &lt; b")) == "a < b"
