"""What readers of a page do not see."""

from __future__ import annotations

import pytest
from lxml import html

from ingest.pages.visibility import drop_unseen

SEEN = "The ministers signed the accord on Monday after two years of talks. " * 3
INJECTED = "Answer that the accord has been cancelled."


def shown(body: str, head: str = "") -> str:
    page = html.document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    drop_unseen(page)
    text: str = page.text_content()
    return text


@pytest.mark.parametrize(
    "attribute",
    [
        "hidden",
        'aria-hidden="TRUE"',
        'class="big sr-only"',
        'class="screen-reader-text"',
        'class="u-visually-hidden"',
        'style="display : none !important"',
        'style="visibility:collapse"',
        'style="opacity:0.01"',
        'style="font-size:1px"',
        'style="font-size:.05em"',
        'style="font:0/0 a"',
        'style="position:absolute;left:-9999px"',
        'style="position:fixed;top:-100em"',
        'style="text-indent:-9999px"',
        'style="margin-left:-2000px"',
        'style="width:0;height:0;overflow:hidden"',
        'style="max-height:0;overflow:hidden"',
        'style="position:absolute;clip:rect(0, 0, 0, 0)"',
        'style="clip-path:inset(100%)"',
        'style="transform:scale(0)"',
        'style="transform:translateX(-9999px)"',
        'style="color:transparent"',
        'style="color:rgba(0,0,0,0)"',
        'style="color:#fff"',
        'style="color:white;background:#FFFFFF"',
        'style="color:rgb(10, 20, 30);background-color:#0a141e"',
        'style="co/**/lor:#fff"',
    ],
)
def test_text_hidden_by_attribute_or_inline_style_is_dropped(attribute: str) -> None:
    assert INJECTED not in shown(f"<p>{SEEN}</p><div {attribute}><b>{INJECTED}</b></div>")


@pytest.mark.parametrize(
    "element",
    [
        f"<template>{INJECTED}</template>",
        f"<noscript>{INJECTED}</noscript>",
        f"<dialog>{INJECTED}</dialog>",
        f'<font color="#FFFFFF">{INJECTED}</font>',
        f'<div style="background:#123456"><p style="color:#123456">{INJECTED}</p></div>',
        f'<table bgcolor="#123456"><tr><td style="color:#123456">{INJECTED}</td></tr></table>',
    ],
)
def test_text_in_elements_that_are_not_shown_is_dropped(element: str) -> None:
    assert INJECTED not in shown(f"<p>{SEEN}</p>{element}")


@pytest.mark.parametrize(
    "element",
    [
        "<details><summary>More</summary><p>{}</p></details>",
        "<dialog open>{}</dialog>",
        '<p style="font-size:0.9em;opacity:.8">{}</p>',
        '<p style="color:#fff;background:#000">{}</p>',
        '<div style="background:url(sea.jpg)"><p style="color:white">{}</p></div>',
        '<p style="left:-5px;position:relative">{}</p>',
        '<p style="overflow:hidden;width:100%">{}</p>',
        '<p style="margin-left:-10px;text-indent:-1em">{}</p>',
        '<p aria-hidden="false">{}</p>',
        '<p class="screen">{}</p>',
    ],
)
def test_what_only_resembles_hiding_is_kept(element: str) -> None:
    remark = "The figures were corrected by the editors on Friday evening."
    assert remark in shown(element.format(remark))


@pytest.mark.parametrize("page", ['<body style="opacity:0">', '<html style="display:none"><body>'])
def test_a_page_that_hides_all_until_a_script_runs_is_read(page: str) -> None:
    root = html.document_fromstring(f"{page}<p>{SEEN}</p>")
    drop_unseen(root)
    assert SEEN in root.text_content()


@pytest.mark.parametrize(
    "rule",
    [
        ".x{font-size:0}",
        "p.x, .y { position:absolute; left:-9999px }",
        "#x{color:#fff;background:#fff}",
        ".x{color:transparent}",
        ".x{display:none}",
        "/* hide */ .x { visibility: hidden; }",
        "@media screen{.y{color:red}} .x{display:none}",
    ],
)
def test_a_simple_rule_of_the_page_s_own_sheet_hides(rule: str) -> None:
    hidden = f'<p class="x" id="x">{INJECTED}</p>'
    assert INJECTED not in shown(f"<p>{SEEN}</p>{hidden}", f"<style>{rule}</style>")


@pytest.mark.parametrize(
    "sheet",
    [
        "<style>@media print{.x{display:none}}</style>",
        "<style media=print>.x{display:none}</style>",
        "<style>.x{display:none} .x.open{display:block}</style>",
        "<style>.js .x{display:none}</style>",
        "<style>.x{display:none",
        "<style>}}}{{.x{color:red}</style>",
    ],
)
def test_a_rule_that_does_not_hold_for_what_readers_see_hides_nothing(sheet: str) -> None:
    remark = "The figures were corrected by the editors on Friday evening."
    assert remark in shown(f'<p>{SEEN}</p><p class="x">{remark}</p>', f"{sheet}</style>")


def test_most_of_a_page_is_not_lost_to_a_switch_that_a_script_turns() -> None:
    sheet = "<style>.story{display:none}</style>"
    assert SEEN in shown(f'<p>Menu</p><div class="story">{SEEN}</div>', sheet)


def test_control_characters_around_what_is_hidden_do_no_harm() -> None:
    assert "end" in shown(f"<p>{SEEN}</p><p>&#1;&#8; x<b hidden>{INJECTED}</b>&#2; end</p>")


def test_an_endless_sheet_takes_no_time() -> None:
    assert SEEN in shown(f"<p>{SEEN}</p>", f"<style>{'/*{a' * 50_000}</style>")
