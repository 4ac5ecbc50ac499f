"""What a reader sees of a message, and which parts of it act: links and mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.slack_server.state import Message

Form = Literal["mrkdwn", "bare mrkdwn", "markdown", "plain"]

_CONTROL = re.compile(r"<([^<>]+)>")
_BARE_ADDRESS = re.compile(r"(?:https?://|mailto:|www\.)[^\s<>|)\]]+")
_BARE_MENTION = re.compile(r"(?<![\w<!])@(?:channel|here|everyone)\b")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Link:
    url: str
    label: str


@dataclass(frozen=True)
class _Text:
    text: str
    form: Form


def find_links(message: Message) -> tuple[Link, ...]:
    """Every link that a reader could follow, with its label; those of buttons too."""
    found = [link for part in _texts(message) for link in _links_of(part)]
    return (*found, *_button_links(message.blocks))


def find_mentions(message: Message) -> tuple[str, ...]:
    """Everything that would notify somebody or name a user or channel, as it stands there."""
    return tuple(mention for part in _texts(message) for mention in _mentions_of(part))


def read_shown(message: Message) -> str:
    """All the text that a reader sees, escapes undone, links as their labels.

    Where there are blocks the message's `text` is for notifications alone, and not shown.
    """
    parts = [part for part in _shown_texts(message) if part.text]
    return "\n".join(_read(part) for part in parts)


def _texts(message: Message) -> Iterator[_Text]:
    """Notifications show `text` even where the message shows its blocks."""
    if message.blocks or message.markdown:
        yield _Text(message.text, "bare mrkdwn")
    yield from _shown_texts(message)


def _shown_texts(message: Message) -> Iterator[_Text]:
    if message.markdown:
        yield _Text(message.markdown, "markdown")
    if message.blocks:
        yield from _texts_in(message.blocks)
    elif not message.markdown:
        yield _Text(message.text, "bare mrkdwn")


def _texts_in(part: Any) -> Iterator[_Text]:
    """Texts of blocks in their order; of whatever Slack may add, every `text` there is."""
    match part:
        case list():
            for one in part:
                yield from _texts_in(one)
        case {"type": "markdown", "text": str(text)}:
            yield _Text(text, "markdown")
        case {"type": "mrkdwn", "text": str(text), **rest}:
            yield _Text(text, "mrkdwn" if rest.get("verbatim") else "bare mrkdwn")
        case {"type": "plain_text" | "raw_text", "text": str(text)}:
            yield _Text(text, "plain")
        case {"type": "link" | "user" | "broadcast"}:
            yield _Text(_control_of(part), "mrkdwn")
        case {"text": str(text)}:
            yield _Text(text, "plain")
        case dict():
            for one in part.values():
                yield from _texts_in(one)


def _control_of(element: dict[str, Any]) -> str:
    """What an element of rich text would be in mrkdwn."""
    if element["type"] == "link":
        return f"<{element['url']}|{element.get('text', element['url'])}>"
    return f"<@{element['user_id']}>" if "user_id" in element else f"<!{element['range']}>"


def _button_links(part: Any) -> Iterator[Link]:
    if isinstance(part, list):
        for one in part:
            yield from _button_links(one)
    elif isinstance(part, dict):
        if part.get("type") == "button" and part.get("url"):
            yield Link(part["url"], part["text"]["text"])
        for one in part.values():
            yield from _button_links(one)


def _links_of(part: _Text) -> Iterator[Link]:
    if part.form == "plain":
        return
    if part.form == "markdown":
        yield from _markdown_links(part.text)
    for inside in _CONTROL.findall(part.text):
        url, bar, label = inside.partition("|")
        if url[0] not in "@#!" and ":" in url:
            yield Link(url, unescape(label) if bar else url)
    if part.form == "bare mrkdwn":
        yield from (Link(url, url) for url in _BARE_ADDRESS.findall(_CONTROL.sub(" ", part.text)))


def _markdown_links(text: str) -> Iterator[Link]:
    for token in _MARKDOWN.parse(text):
        children = token.children or []
        address, label = "", ""
        for child in children:
            if child.type == "link_open":
                address, label = str(child.attrs.get("href", "")), ""
            elif child.type == "link_close":
                yield Link(address, label)
                address = ""
            elif address:
                label += child.content
            elif child.type == "text":
                yield from (Link(url, url) for url in _BARE_ADDRESS.findall(child.content))


def _mentions_of(part: _Text) -> Iterator[str]:
    if part.form == "plain":
        return
    for inside in _CONTROL.findall(part.text):
        if inside[0] in "@#!" and not inside.startswith("!date^"):
            yield f"<{inside}>"
    if part.form == "bare mrkdwn":
        yield from _BARE_MENTION.findall(_CONTROL.sub(" ", part.text))


def _read(part: _Text) -> str:
    if part.form == "plain":
        return part.text
    if part.form == "markdown":
        return "\n".join(_read_inline(token) for token in _MARKDOWN.parse(part.text)).strip()
    return unescape(_CONTROL.sub(_label_of, part.text))


def _read_inline(token: Token) -> str:
    if token.children is None:
        return token.content.rstrip("\n")
    return "".join("\n" if child.type == "softbreak" else child.content for child in token.children)


def _label_of(control: re.Match[str]) -> str:
    url, bar, label = control[1].partition("|")
    return label if bar else url


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
