"""What can be pressed below an answer. Each button's value names the answer."""

from __future__ import annotations

from typing import Any

from bot.answering.schema import Answer
from bot.slack.mrkdwn import plain

RATE, QUOTES, ASK_AGAIN, SHARE = "rate_answer", "show_quotes", "ask_again", "share_answer"


def build_buttons(answer: Answer, shareable: bool) -> list[dict[str, Any]]:
    """Nothing to press on a refusal that no date could mend, nor on small talk."""
    if answer.abstention is not None and answer.abstention.reason in ("no_articles", "small_talk"):
        return []
    answer_id = answer.answer_id
    buttons = [_button("Ask again as of…", ASK_AGAIN, answer_id)]
    if answer.answered:
        buttons.insert(0, _button("Quotes", QUOTES, answer_id))
        if shareable:
            buttons.append(_button("Share with channel", SHARE, answer_id))
    return [{"type": "actions", "elements": buttons}, _rating(answer_id)]


def _rating(answer_id: str) -> dict[str, Any]:
    rating = {
        "type": "feedback_buttons",
        "action_id": RATE,
        "positive_button": _verdict("Good answer", f"up:{answer_id}"),
        "negative_button": _verdict("Bad answer", f"down:{answer_id}"),
    }
    return {"type": "context_actions", "elements": [rating]}


def _verdict(label: str, value: str) -> dict[str, Any]:
    return {"text": plain(label), "value": value, "accessibility_label": label}


def _button(label: str, action_id: str, answer_id: str) -> dict[str, Any]:
    return {"type": "button", "text": plain(label), "action_id": action_id, "value": answer_id}
