"""Chores that chat pages give the model behind the person's back: a title, tags, next questions.

They are told by the wording of their prompts (Open WebUI's begin with "### Task:", LibreChat's ask
for a concise title) and done here by rule: no archive and no model is asked.
"""

from __future__ import annotations

import json
import re
import textwrap

_TITLE_CHARACTERS = 60
_UNTITLED = "New chat"
_OPEN_WEBUI = re.compile(r"\s*### Task:\n")
_LIBRECHAT = re.compile(
    r"\s*(?:(?:please )?(?:provide|generate) a concise, 5-word-or-less title for the conversation"
    r"|analyze this conversation and provide:\s*1\. the detected language)",
    re.I,
)
# `JSON format: { "tags": ["tag1", …] }`
_JSON_SHAPE = re.compile(r'JSON format:\s*\{\s*"(?P<key>\w+)":\s*(?P<list>\[)?', re.I)
_FIRST_QUESTION = re.compile(
    r"^(?:\|\|>)?(?:USER|Human):\s*(?P<said>.*?)(?=\n(?:\|\|>)?(?:ASSISTANT|AI|Response|USER):"
    r"|\n</chat_history>|\Z)",
    re.I | re.M | re.S,
)


def do_chore(prompt: str) -> str | None:
    """What a chat page gets for a chore; None for a person's question."""
    if _LIBRECHAT.match(prompt):
        return _title(prompt)
    if not _OPEN_WEBUI.match(prompt):
        return None
    instructions, _, history = prompt.partition("<chat_history>")
    shape = _JSON_SHAPE.search(instructions)
    if shape is None:
        # A question wrapped in documents begins like this too.
        return _title(history) if history and "title" in instructions.casefold() else None
    empty: str | list[str] = [] if shape["list"] else ""
    value = _title(history) if shape["key"] == "title" else empty
    return json.dumps({shape["key"]: value}, ensure_ascii=False)


def _title(history: str) -> str:
    """The person's first question, cut between words."""
    found = _FIRST_QUESTION.search(history)
    said = found["said"].strip().strip('"') if found else ""
    return textwrap.shorten(said, _TITLE_CHARACTERS, placeholder="…") or _UNTITLED
