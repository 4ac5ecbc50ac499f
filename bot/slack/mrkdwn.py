"""Text of articles, models and people made harmless in Slack's two markups, and links of ours.

mrkdwn (blocks) has no escape for its formatting, so a character that could format is shown by one
that looks like it: whichever way Slack reads invisible characters, nothing comes of it. Exact words
are shown by `quote_block`, whose text Slack does not read at all. Standard Markdown (streams) has
backslashes.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bot.markdown import escape_syntax
from bot.rendering import printable, web_address

# A link longer than this would crowd out the text beside it.
_MOST_ADDRESS = 1_000
_CUT = "… (cut here: the article has the rest)"
_JOINER, _ISOLATE, _END_OF_ISOLATE = "\u2060", "\u2068", "\u2069"
_LOOKALIKES = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
# Inside a word, as in snake_case, Slack formats nothing; a backtick it takes anywhere.
_FORMATTING = re.compile(r"`|(?<![A-Za-z0-9])[*_~]|[*_~](?![A-Za-z0-9])")
_EMOJI = re.compile(r":(?=[\w+'-]*[^\W\d][\w+'-]*:)")
_LIST_ITEM = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))")
_QUOTED_LINE = re.compile(r"^(?=&gt;)")
# What Slack makes links or mentions of where it is not told to take text verbatim.
_ADDRESS_OR_NAME = re.compile(
    r"(?<=\w)(?=://)|(?<=\bmailto)(?=:)|(?<=\bwww)(?=\.)|(?<=\w\.)(?=[^\W\d_]{2})|[@#](?=\w)", re.I
)


def escape(text: str) -> str:
    """For a `mrkdwn` object that is `verbatim`, on one line: no text mentions, links, formats, or
    passes for a line of ours."""
    return neutralise(printable(text))


def escape_own(text: str) -> str:
    """Words of ours, which may set a command in backticks."""
    return _replace_controls(printable(text))


def escape_fallback(text: str) -> str:
    """For the `text` of a message, which Slack cannot be told to take verbatim."""
    return neutralise(_break_addresses(printable(text)))


def escape_streamed(text: str) -> str:
    """For a stream."""
    return neutralise_streamed(printable(text))


def escape_own_streamed(text: str) -> str:
    """`escape_own` for a stream."""
    return _replace_controls(escape_syntax(printable(text), leave="<>`"))


def neutralise(text: str) -> str:
    """`escape` of a part of a line, with the spaces at its ends."""
    text = _FORMATTING.sub(lambda found: _LOOKALIKES[found.group()], text)
    text = _EMOJI.sub(f":{_JOINER}", _replace_controls(text))
    return _QUOTED_LINE.sub(_JOINER, text)


def neutralise_streamed(text: str) -> str:
    """The same in standard Markdown. Entities rather than backslashes stand for Slack's control
    characters: whoever reads first, Slack or Markdown, finds none."""
    text = _EMOJI.sub(f":{_JOINER}", _break_addresses(text))
    text = _LIST_ITEM.sub(r"\1\\", escape_syntax(text, leave="<>"))
    return _replace_controls(text)


def shorten(text: str, most: int) -> str:
    """A name or title, escaped, and cut to what may be sent."""
    kept = printable(text)
    escaped = _isolate(neutralise(kept))
    while size(escaped) > most:
        kept = kept[: len(kept) - max((size(escaped) - most) // 5, 1)]
        escaped = _isolate(neutralise(f"{kept.rstrip()}…"))
    return escaped


def link(url: str | None, label: str) -> str:
    """The label, already escaped, as a link; alone where the address is none of the web's."""
    address = _web_address(url)
    return f"<{address}|{label}>" if address else label


def link_streamed(url: str | None, label: str) -> str:
    address = _web_address(url)
    if address is None:
        return label
    return f"[{label}]({address.replace('(', '%28').replace(')', '%29')})"


def quote_block(words: str, most: int, before: str = "") -> dict[str, Any]:
    """Exact words, cut to what may be sent: the text of such a block is never read as markup."""
    shown = printable(words)
    if size(shown) > most:
        shown = f"{_take(shown, most - size(_CUT))}{_CUT}"
    parts: list[dict[str, Any]] = [{"type": "text", "text": shown or "—"}]
    if before:
        parts.insert(0, {"type": "text", "text": before, "style": {"bold": True}})
    quoted = {"type": "rich_text_quote", "elements": parts}
    return {"type": "rich_text", "elements": [quoted]}


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": mrkdwn(text)}


def context(*texts: str) -> dict[str, Any]:
    return {"type": "context", "elements": [mrkdwn(text) for text in texts]}


def mrkdwn(text: str) -> dict[str, Any]:
    """Verbatim: else Slack makes links of the addresses, and mentions of the names, in a text."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def size(text: str) -> int:
    """In UTF-16 units, the strictest of the ways in which Slack's clients and servers count."""
    return len(text) + sum(letter > "\uffff" for letter in text)


def _take(text: str, most: int) -> str:
    while size(text) > most:
        text = text[: len(text) - max((size(text) - most) // 2, 1)]
    return text.rstrip()


def _web_address(url: str | None) -> str | None:
    address = web_address(url)
    if address is None or len(address) > _MOST_ADDRESS:
        return None
    return address.replace("&", "&amp;")


def _break_addresses(text: str) -> str:
    return _ADDRESS_OR_NAME.sub(lambda found: f"{found.group()}{_JOINER}", text)


def _replace_controls(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _isolate(text: str) -> str:
    """Right-to-left words do not carry the numbers and names beside them along."""
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in text):
        return f"{_ISOLATE}{text}{_END_OF_ISOLATE}"
    return text
