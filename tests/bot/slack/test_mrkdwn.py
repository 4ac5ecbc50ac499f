"""Text that can do nothing in either of Slack's markups, and links that lead where they say."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.slack.mrkdwn import (
    escape,
    escape_fallback,
    escape_streamed,
    link,
    link_streamed,
    mrkdwn,
    quote_block,
    shorten,
    size,
)
from tests.slack_server import Message, find_links, find_mentions, read_shown

HOSTILE = [
    "<!channel> rose",
    "<!here|here>",
    "<@U1> & <#C1|x>",
    "<https://evil.example|click>",
    "<mailto:a@evil.example>",
    "[click](https://evil.example)",
    "![seen](https://evil.example/pixel.png)",
    "[click]: https://evil.example",
    "go to https://evil.example/a_b or www.evil.example",
    "write to a@evil.example",
    "@channel @here @everyone",
    "a < b > c & d &amp; &lt;!channel&gt;",
    "\\<!channel\\>",
]


def as_blocks(text: str) -> Message:
    blocks = [{"type": "section", "text": mrkdwn(escape(text) or "—")}]
    return Message("C1", "1.1", "UBOT", 0.0, blocks=blocks)


def as_text(text: str) -> Message:
    return Message("C1", "1.1", "UBOT", 0.0, text=escape_fallback(text))


def as_stream(text: str) -> Message:
    return Message("C1", "1.1", "UBOT", 0.0, markdown=escape_streamed(text))


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("show", [as_blocks, as_text, as_stream])
def test_no_text_mentions_or_links(show: object, text: str) -> None:
    assert callable(show)
    message = show(text)
    assert find_links(message) == ()
    assert find_mentions(message) == ()


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("show", [as_blocks, as_text, as_stream])
def test_text_is_shown_as_it_is(show: object, text: str) -> None:
    assert callable(show)
    assert read_shown(show(text)).replace("\u2060", "") == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold*", "∗bold∗"),
        ("_slanted_ ~struck~", "ˍslantedˍ ∼struck∼"),
        ("`code` and ```more```", "ˋcodeˋ and ˋˋˋmoreˋˋˋ"),
        ("snake_case and 2*3*4", "snake_case and 2*3*4"),
        ("> passes for a quote", "\u2060&gt; passes for a quote"),
        (":skull: at 10:30:45", ":\u2060skull: at 10:30:45"),
        ("one\n>two\r\n*three*", "one &gt;two ∗three∗"),
        ("a\u202eb\u200bc\x00d", "abcd"),
    ],
)
def test_formatting_is_shown_and_not_done(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "*a* **b** _c_ __d__ ~~e~~ `f`",
        "# Heading",
        "- item",
        "+ item",
        "12. item",
        "3) item",
        "> quote",
        "| a | b |",
        "<b>bold</b>",
        "--- rule",
        "back\\slash \\*",
        "a:skull:b",
    ],
)
def test_markdown_is_streamed_as_plain_text(text: str) -> None:
    parsed = MarkdownIt("commonmark").enable("table").parse(escape_streamed(text))
    assert [token.type for token in parsed] == ["paragraph_open", "inline", "paragraph_close"]
    (inline,) = (token for token in parsed if token.type == "inline")
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
    assert read_shown(as_stream(text)).replace("\u2060", "") == text


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.text(alphabet=st.sampled_from("<>&!@#|*_~`[]()\\:/. wexample-0aé\n"), max_size=60))
def test_no_mix_of_signs_does_anything(text: str) -> None:
    for show in (as_blocks, as_text, as_stream):
        message = show(text)
        assert find_links(message) == ()
        assert find_mentions(message) == ()
    assert not re.search(r"(?<![A-Za-z0-9])[*_~`]|[*_~`](?![A-Za-z0-9])", escape(text))


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a|b",
        "https://example.org/a>b",
        "https://example.org/a<!channel>b",
        "https://example.org/a|<https://evil.example",
        "https://example.org/a b\nc",
        "https://example.org/é?q=1&copy=2#f",
        "https://exämple.org/",
        "https://example.org/(a)_[b]*c*",
    ],
)
def test_an_address_cannot_end_its_link_early(url: str) -> None:
    assert re.findall(r"[<|>]", link(url, "label")) == ["<", "|", ">"]
    streamed = Message("C1", "1.1", "UBOT", 0.0, markdown=link_streamed(url, "label"))
    (found,) = find_links(streamed)
    assert found.label == "label"
    assert read_shown(streamed) == "label"


def test_an_address_means_the_same_in_both_markups() -> None:
    url = "https://example.org/a?q=1&copy=2"
    assert link(url, "x") == "<https://example.org/a?q=1&amp;copy=2|x>"
    streamed = Message("C1", "1.1", "UBOT", 0.0, markdown=link_streamed(url, "x"))
    assert find_links(streamed)[0].url == url


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "slack://open",
        "mailto:a@example.org",
        "//evil.example",
        "!channel",
        "https://[broken",
        "https://example.org/" + "a" * 2_000,
        "",
        None,
    ],
)
def test_only_web_addresses_of_a_fair_length_are_linked(url: str | None) -> None:
    assert link(url, "label") == "label"
    assert link_streamed(url, "label") == "label"


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(st.text(max_size=200), st.integers(20, 120))
def test_a_name_is_cut_to_what_may_be_sent_and_no_escape_in_two(name: str, most: int) -> None:
    shown = shorten(name, most)
    assert size(shown) <= most
    assert re.search(r"&(?!(?:amp|lt|gt);)", shown) is None


@pytest.mark.parametrize("letter", ["a", "&", "<", "é", "🙂", "م"])
def test_a_long_name_keeps_what_fits(letter: str) -> None:
    shown = shorten(letter * 700, 300)
    assert "…" in shown
    assert 200 < size(shown) <= 300


def test_a_right_to_left_name_is_kept_apart_from_what_stands_beside_it() -> None:
    assert shorten("قمة الحلفاء", 100) == "\u2068قمة الحلفاء\u2069"
    assert shorten("Szczyt sojuszników", 100) == "Szczyt sojuszników"


@pytest.mark.parametrize("letter", ["a", "🙂"])
def test_a_quote_is_exact_and_a_long_one_says_that_it_is_cut(letter: str) -> None:
    def words_of(text: str) -> str:
        return str(quote_block(text, 500)["elements"][0]["elements"][0]["text"])

    assert words_of("<!channel> *bold* https://evil.example") == (
        "<!channel> *bold* https://evil.example"
    )
    long = words_of(letter * 600)
    assert size(long) <= 500
    assert long.endswith("… (cut here: the article has the rest)")
