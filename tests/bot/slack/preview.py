"""Slack's blocks as a page that a person can look at: near to Slack, not Slack."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_CONTROL = re.compile(r"<([^<>]+)>")
_STYLE = """
body { background: #fff; color: #1d1c1d; font: 15px/1.46 Lato, "Noto Sans", "DejaVu Sans",
  sans-serif; margin: 0 auto; max-width: 720px; padding: 16px }
h2 { border-bottom: 1px solid #ddd; font-size: 13px; color: #616061; margin: 28px 0 8px;
  padding-bottom: 4px }
.message { display: grid; grid-template-columns: 36px 1fr; gap: 0 8px; margin: 0 0 12px }
.face { background: #1264a3; border-radius: 4px; color: #fff; font-weight: 700; height: 36px;
  line-height: 36px; text-align: center }
.name { font-weight: 900 } .app { background: #ddd; border-radius: 2px; color: #616061;
  font-size: 10px; margin-left: 4px; padding: 1px 3px }
.section, .markdown { margin: 4px 0; overflow-wrap: anywhere; white-space: pre-line;
  unicode-bidi: plaintext }
.markdown { white-space: normal }
.markdown p { margin: 0; unicode-bidi: plaintext }
.context { color: #616061; display: flex; flex-wrap: wrap; font-size: 13px; gap: 2px 12px;
  margin: 4px 0; overflow-wrap: anywhere; white-space: pre-line }
hr { border: 0; border-top: 1px solid #ddd; margin: 10px 0 }
a { color: #1264a3; text-decoration: none }
.mention { background: #e8f0f8; border-radius: 3px; color: #1264a3; padding: 0 2px }
button { background: #fff; border: 1px solid #bbb; border-radius: 4px; font: 700 13px/1 inherit;
  height: 28px; margin: 4px 8px 4px 0; padding: 0 12px }
.rating button { border: 0; color: #616061; padding: 0 4px }
blockquote { border-left: 4px solid #ddd; margin: 4px 0; overflow-wrap: anywhere;
  padding-left: 12px; unicode-bidi: plaintext }
code { background: #f8f8f8; border: 1px solid #ddd; border-radius: 3px; color: #c01343;
  font-size: 12px; padding: 1px 3px }
.modal { border: 1px solid #bbb; border-radius: 8px; margin: 8px 0; max-width: 520px;
  padding: 12px 20px } .modal h3 { font-size: 18px; margin: 0 0 8px }
.input { margin: 10px 0 } .input b { display: block } .box { border: 1px solid #888;
  border-radius: 4px; min-height: 22px; padding: 6px 10px; white-space: pre-line }
.hint { color: #616061; font-size: 13px }
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message: what was streamed into it as standard Markdown, then its blocks."""

    blocks: Sequence[dict[str, Any]]
    markdown: str = ""


def render_page(title: str, body: str) -> str:
    head = '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    return (
        f"<!doctype html><html lang=en><head>{head}<title>{escape(title)}</title>"
        f"<style>{_STYLE}</style></head><body><h2>{escape(title)}</h2>{body}</body></html>"
    )


def render_message(shown: Shown) -> str:
    streamed = _MARKDOWN.render(shown.markdown)
    lead = f'<div class="markdown">{streamed}</div>' if shown.markdown else ""
    return (
        '<div class="message"><div class="face">D</div><div><span class="name">Dateline</span>'
        f'<span class="app">APP</span>{lead}{render_blocks(shown.blocks)}</div></div>'
    )


def render_modal(view: dict[str, Any]) -> str:
    pressed = "".join(_button(view[name]["text"]) for name in ("close", "submit") if name in view)
    title = escape(view["title"]["text"])
    return f'<div class="modal"><h3>{title}</h3>{render_blocks(view["blocks"])}{pressed}</div>'


def render_blocks(blocks: Sequence[dict[str, Any]]) -> str:
    return "".join(map(_render_block, blocks))


def _render_block(block: dict[str, Any]) -> str:
    match block["type"]:
        case "section":
            return f'<div class="section">{_text(block["text"])}</div>'
        case "context":
            texts = "".join(f"<span>{_text(each)}</span>" for each in block["elements"])
            return f'<div class="context">{texts}</div>'
        case "divider":
            return "<hr>"
        case "actions":
            return "".join(_button(each["text"]["text"]) for each in block["elements"])
        case "context_actions":
            (rating,) = block["elements"]
            thumbs = (("👍", "positive_button"), ("👎", "negative_button"))
            pressed = (_button(f"{thumb} {rating[name]['text']['text']}") for thumb, name in thumbs)
            return f'<div class="rating">{"".join(pressed)}</div>'
        case "rich_text":
            parts = (part for each in block["elements"] for part in each["elements"])
            return f"<blockquote>{''.join(map(_rich_text, parts))}</blockquote>"
        case "input":
            element = block["element"]
            held = element.get("initial_value") or element.get("initial_date") or ""
            hint = escape(block.get("hint", {}).get("text", ""))
            return (
                f'<div class="input"><b>{escape(block["label"]["text"])}</b>'
                f'<div class="box">{escape(held)}</div><span class="hint">{hint}</span></div>'
            )
        case kind:
            raise ValueError(f"nobody drew {kind} yet")


def _rich_text(part: dict[str, Any]) -> str:
    text = escape(part["text"])
    return f"<b>{text}</b>" if part.get("style", {}).get("bold") else text


def _text(part: dict[str, Any]) -> str:
    return escape(part["text"]) if part["type"] == "plain_text" else _mrkdwn(part["text"])


def _mrkdwn(text: str) -> str:
    """What Slack formats: links, mentions, `*bold*`, `_slanted_`, code."""
    parts = []
    for position, part in enumerate(_CONTROL.split(text)):
        parts.append(_control(part) if position % 2 else part)
    html = "".join(parts)
    html = re.sub(r"(?<![\w*])\*(?=\S)([^*\n]+)(?<=\S)\*(?![\w*])", r"<b>\1</b>", html)
    html = re.sub(r"(?<![\w_])_(?=\S)([^_\n]+)(?<=\S)_(?![\w_])", r"<i>\1</i>", html)
    return re.sub(r"`([^`\n]+)`", r"<code>\1</code>", html)


def _control(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target[0] in "@#!":
        return f'<span class="mention">{target}</span>'
    # Kept out of the way of the formatting.
    address = target.replace("*", "%2A").replace("_", "%5F").replace("`", "%60")
    return f'<a href="{address}">{label or target}</a>'


def _button(label: str) -> str:
    return f"<button>{escape(label)}</button>"
