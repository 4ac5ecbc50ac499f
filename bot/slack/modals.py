"""The windows that buttons open, and what is read from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.answering.keeping import Source
from bot.answering.schema import Citation
from bot.slack.mrkdwn import context, plain, quote_block, section, shorten
from bot.slack.sources import describe_article, name_article, name_others

COMMENT, AS_OF, ABOUT = "comment_on_answer", "ask_as_of", "ask_about"
MOST_QUESTION = 2_000
MOST_COMMENT = 500
_MOST_QUOTE = 2_900
# Two blocks each, of the hundred that a window takes.
_MOST_SOURCES = 45
_MOST_SHOWN_QUESTION = 500
# It is tomorrow already on the other side of the date line.
_AHEAD = timedelta(hours=14)
_PROVENANCES = {
    "structured": "the date stands in the page’s own markup",
    "feed": "the date stands in the feed",
    "url": "the date stands in the page’s address",
    "byline": "the date stands in the byline",
    "unknown": "nothing says where the date is from",
}
_GONE = "The article was removed from the archive, and its words with it."
_CHANGED = "The article was changed since: these words no longer stand in it."


def build_quotes(sources: Sequence[Source], language: str) -> dict[str, Any]:
    blocks: list[dict[str, Any]] = []
    for source in sources[:_MOST_SOURCES]:
        blocks += _build_source(source, language)
    left = len(sources) - _MOST_SOURCES
    if left > 0:
        blocks.append(context(f"{left} more are not shown here: this window is full."))
    if not sources:
        blocks.append(section("This answer quotes nothing."))
    return {"type": "modal", "title": plain("Quotes"), "close": plain("Close"), "blocks": blocks}


def build_comment(metadata: str) -> dict[str, Any]:
    element = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": MOST_COMMENT,
        "placeholder": plain("A wrong date, a missing article, …"),
    }
    box = _input("comment", "What was wrong?", element) | {"optional": True}
    thanks = section("Noted as a bad answer. A word on why helps to make it better.")
    return _form(COMMENT, "Bad answer", "Send", metadata, [thanks, box])


def build_as_of(question: str, initial: date, metadata: str) -> dict[str, Any]:
    picker = {"type": "datepicker", "action_id": "date", "initial_date": initial.isoformat()}
    blocks = [
        section(f"*{shorten(question, _MOST_SHOWN_QUESTION)}*"),
        _input("as_of", "As of the end of", picker)
        | {"hint": plain("Only articles published by then are used.")},
    ]
    return _form(AS_OF, "Ask again as of…", "Ask", metadata, blocks)


def build_about(text: str, metadata: str) -> dict[str, Any]:
    element = {
        "type": "plain_text_input",
        "action_id": "text",
        "multiline": True,
        "max_length": MOST_QUESTION,
        "focus_on_load": True,
    } | ({"initial_value": text} if text else {})
    box = _input("question", "Your question", element)
    hint = {"hint": plain("The answer is posted in the message’s thread.")}
    return _form(ABOUT, "Ask Dateline", "Ask", metadata, [box | hint])


def read_text(body: Mapping[str, Any], block_id: str) -> str:
    return str(_read_state(body, block_id, "text").get("value") or "").strip()


def read_date(body: Mapping[str, Any], block_id: str) -> str | None:
    chosen = _read_state(body, block_id, "date").get("selected_date")
    return None if chosen is None else str(chosen)


def find_date_fault(chosen: str | None) -> str | None:
    """What is wrong with a day to ask as of, or None."""
    try:
        day = date.fromisoformat(chosen or "")
    except ValueError:
        return "Choose a date."
    if day > today():
        return "This day is yet to come: choose today or an earlier one."
    return None


def today() -> date:
    """The latest day that it is anywhere."""
    return (datetime.now(UTC) + _AHEAD).date()


def _build_source(source: Source, language: str) -> list[dict[str, Any]]:
    if source.citation is None:
        return [section(f"*[{source.marker}]* {_GONE}")]
    lines = [
        f"*[{source.marker}]* {name_article(source.citation)}",
        _describe(source.citation, language),
        name_others([source.citation]),
        "" if source.stands else _CHANGED,
    ]
    return [section("\n".join(filter(None, lines))), quote_block(source.quote, _MOST_QUOTE)]


def _describe(citation: Citation, language: str) -> str:
    described = describe_article(citation, language)
    if citation.published_at is None:
        return described
    return f"{described}: {_PROVENANCES[citation.date_provenance]}"


def _form(
    callback_id: str, title: str, submit: str, metadata: str, blocks: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "private_metadata": metadata,
        "blocks": list(blocks),
    }


def _input(block_id: str, label: str, element: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": dict(element)}


def _read_state(body: Mapping[str, Any], block_id: str, action_id: str) -> Mapping[str, Any]:
    values = body["view"]["state"]["values"]
    state: Mapping[str, Any] = values.get(block_id, {}).get(action_id, {})
    return state
