"""Marked-up text without a page around it."""

from __future__ import annotations

import time

import pytest

from ingest.extraction.markup import read_paragraphs

WRAPPED = """The bridge of Mosby was closed to lorries on Monday after cracks
were found in a pillar, the road office said. It will be open
again in May."""
UNWRAPPED = WRAPPED.replace("\n", " ")


@pytest.mark.parametrize(
    ("markup", "paragraphs"),
    [
        ("<p>One.</p><p>Two.</p>", ["One.", "Two."]),
        ("One.<br>Two.<br/><br/>Three.", ["One.", "Two.", "Three."]),
        ("<div>One <b>bold</b> <a href='x'>word</a>.</div>", ["One bold word."]),
        ("<ul><li>One</li><li>Two</li></ul>after", ["One", "Two", "after"]),
        ("<table><tr><td>One</td><td>Two</td></tr></table>", ["One: Two"]),
        ("<p>Words\n  wrapped&nbsp;here</p>", ["Words wrapped here"]),
        ("<p>One<!-- hidden --> two</p>", ["One two"]),
        ("<p>5 &lt; 6 &amp; so on</p>", ["5 < 6 & so on"]),
        ("no markup", ["no markup"]),
        ("<p>Anna Holm<br>\n Editor</p>", ["Anna Holm", "Editor"]),
        (f"<p>{WRAPPED.replace(chr(10), ' <br/>' + chr(10))}</p>", [UNWRAPPED]),
        (f"<pre>{WRAPPED}\n\nNext.</pre>after\nit", [UNWRAPPED, "Next.", "after it"]),
        ("<?xml version='1.0' encoding='utf-16'?><p>One.</p>", ["One."]),
        ("<p>null\x00 byte</p>", ["null byte"]),
        ("", []),
        ("<!-- only a comment -->", []),
    ],
)
def test_paragraphs_are_what_stands_apart(markup: str, paragraphs: list[str]) -> None:
    assert read_paragraphs(markup) == paragraphs


@pytest.mark.parametrize(
    "hidden",
    [
        "<p style='display: none'>No.</p>",
        "<p hidden>No.</p>",
        "<script>No.</script>",
        "<style>No.</style>",
        "<template><p>No.</p></template>",
        "<figure><figcaption>No.</figcaption></figure>",
        "<head><title>No.</title></head>",
        "<textarea>No.</textarea>",
    ],
)
def test_what_is_not_read_as_text_is_left_out(hidden: str) -> None:
    assert read_paragraphs(f"<p>One.</p>{hidden}<p>Two.</p>") == ["One.", "Two."]


def test_plain_text_with_a_tag_here_and_there_keeps_its_lines() -> None:
    markup = f"<p>\n  {WRAPPED}\n  It is <b>old</b>.\x00\n</p>"
    assert read_paragraphs(markup, keep_lines=True) == [UNWRAPPED, "It is old."]


def test_more_can_be_left_out_by_name() -> None:
    markup = "<p>One.</p><blockquote><p>No.</p></blockquote>tail"
    assert read_paragraphs(markup, without="//blockquote") == ["One.", "tail"]


@pytest.mark.parametrize("markup", ["<div>" * 500_000, "<p>a" * 100_000, "<" * 500_000])
def test_markup_made_to_hurt_is_soon_done_with(markup: str) -> None:
    started = time.monotonic()
    read_paragraphs(markup)
    assert time.monotonic() - started < 10
