"""The windows that buttons open, and what is read from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.answering.keeping import Source
from bot.answering.schema import Citation
from bot.slack.mrkdwn import context, plain, quote_block, section, shorten
from bot.slack.sources import describe_article, group_by_article, name_article, name_others

COMMENT, AS_OF, ABOUT = "comment_on_answer", "ask_as_of", "ask_about"
MOST_QUESTION = 2_000
MOST_COMMENT = 500
_MOST_QUOTE = 2_900
# Three blocks each at most, of the hundred that a window takes.
_MOST_SOURCES = 32
_MOST_SHOWN_QUESTION = 500
# It is tomorrow already on the other side of the date line.
_AHEAD = timedelta(hours=14)
_FURTHER_PROVENANCES = {"structured": " (by its markup)", "feed": " (by its feed)"}
_GONE = "The article was removed from the archive, so its words are gone."
_CHANGED = "The article has changed since: it no longer has these words."


def build_quotes(sources: Sequence[Source], language: str) -> dict[str, Any]:
    """By article, each with its quotes."""
    shown = sources[:_MOST_SOURCES]
    standing = {source.marker for source in shown if source.stands}
    cited = [source.citation for source in shown if source.citation is not None]
    blocks: list[dict[str, Any]] = []
    for group in group_by_article(cited):
        blocks.append(section("\n".join(filter(None, _describe(group, language)))))
        blocks += [block for each in group for block in _quote(each, each.marker in standing)]
    gone = [f"[{source.marker}]" for source in shown if source.citation is None]
    if gone:
        blocks.append(section(f"{''.join(gone)} {_GONE}"))
    if len(sources) > len(shown):
        left = len(sources) - len(shown)
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
    thanks = section("Marked as a bad answer. Saying why helps to make it better.")
    return _form(COMMENT, "Bad answer", "Send", metadata, [thanks, box])


def build_as_of(question: str, initial: date, metadata: str) -> dict[str, Any]:
    picker = {"type": "datepicker", "action_id": "date", "initial_date": initial.isoformat()}
    blocks = [
        section(f"*{shorten(question, _MOST_SHOWN_QUESTION)}*"),
        _input("as_of", "As of the end of this day", picker)
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
        return "This day is in the future: choose today or an earlier day."
    return None


def today() -> date:
    """The latest day that it is anywhere."""
    return (datetime.now(UTC) + _AHEAD).date()


def _describe(group: Sequence[Citation], language: str) -> Iterator[str]:
    first = group[0]
    yield f"*{name_article(first)}*"
    said = "" if first.published_at is None else _FURTHER_PROVENANCES.get(first.date_provenance, "")
    yield f"{describe_article(first, language)}{said}"
    yield name_others(group)


def _quote(citation: Citation, stands: bool) -> Iterator[dict[str, Any]]:
    yield quote_block(citation.quote, _MOST_QUOTE, f"[{citation.marker}] ")
    if not stands:
        yield context(_CHANGED)


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
