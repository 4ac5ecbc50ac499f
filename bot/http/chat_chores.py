"""Chores that chat pages give the model behind the person's back: a title, tags, next questions.

They are told by their form, whatever their language: a chat written out as a transcript with
instructions around it, a JSON object to fill in, or a request for a title of the chat at its end.
All are done by rule: neither the archive nor a model is asked.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence
from typing import Any, Protocol

from bot.http.chat_frames import drop_frames, find_question

_TITLE_CHARACTERS = 60
# Of a question that may be a whole document.
_SPEECH_CHARACTERS = 1_000
_UNTITLED = "New chat"
_INSTRUCTING = ("system", "developer")
# `USER: …`, `||>Response:`, `- you: …`, `<assistant>…`: the protocol's names of who speaks, which
# pages leave as they are when their prompts are translated.
_LABEL = re.compile(
    r"^[^\w\n/]{0,6}(?:(?P<asker>user|human|you)|(?:assistant|ai|bot|model|response))\b"
    r"[^\w\n:：>]{0,4}[:：>]",
    re.I | re.M,
)
_END_OF_SPEECH = re.compile(r"\n\s*(?:```|-{3,})|</")
# `{ "tags": ["tag1", …] }`
_SHAPE = re.compile(r'\{\s*"(?P<key>\w+)"\s*:\s*(?P<list>\[)?')
_QUESTION_MARK = re.compile(r"[?？؟]")
# A title is asked for by name. With these beginnings, most languages of Europe and East Asia.
_TITLE = re.compile(r"\bt[iíy]t(?:le|el|re|[uo][lł])|\bзаголов|标题|標題|タイトル|제목", re.I)
_CHAT = re.compile(
    r"\b(?:chat|[ck]on[vw]ers|dis[ck]us|di[aá]log|gespräch|unterhaltung|разговор|бесед|диалог|розмов)"
    r"|对话|對話|会话|會話|会話|대화",
    re.I,
)


class Said(Protocol):
    @property
    def role(self) -> str: ...

    @property
    def text(self) -> str: ...


def do_chore(messages: Sequence[Said]) -> str | None:
    """What a chat page gets for a chore; None for a person's question, which is the last."""
    *before, last = messages
    instructions = "\n".join(said.text for said in before if said.role in _INSTRUCTING)
    prompt = drop_frames(last.text)
    history = _read_messages(prompt)
    if history is not None:
        return _title(history) if instructions else None
    labels = list(_LABEL.finditer(prompt))
    asked = _first_speech(prompt, labels) or _first_question(before)
    shape = _SHAPE.search(prompt) or _SHAPE.search(instructions if labels else "")
    if shape is not None:
        return _fill(shape, asked)
    told = labels and (instructions or prompt[: labels[0].start()].strip())
    if (told and _is_transcript(prompt, labels)) or _asks_for_title(prompt, before):
        return _title(asked)
    return None


def _read_messages(prompt: str) -> str | None:
    """What is asked first in a chat given as a JSON list of messages; None for anything else."""
    if not prompt.lstrip().startswith("["):
        return None
    try:
        messages: Any = json.loads(prompt)
    except (ValueError, RecursionError):
        return None
    if not isinstance(messages, list) or not all(
        isinstance(each, dict) and "role" in each for each in messages
    ):
        return None
    texts = ([value for name, value in each.items() if name != "role"] for each in messages)
    return next((text for each in texts for text in each if isinstance(text, str)), "")


def _is_transcript(prompt: str, labels: Sequence[re.Match[str]]) -> bool:
    """Both sides speak; a chat that ends where the answer is to be written is a question."""
    askers = [bool(label["asker"]) for label in labels]
    return any(askers) and not all(askers) and labels[-1].end() < len(prompt.rstrip())


def _asks_for_title(prompt: str, before: Sequence[Said]) -> bool:
    """A question about titles has a question mark, and one about an article names no chat."""
    answered = any(said.role == "assistant" for said in before)
    named = _TITLE.search(prompt) and _CHAT.search(prompt)
    return answered and named is not None and not _QUESTION_MARK.search(prompt)


def _fill(shape: re.Match[str], asked: str) -> str:
    empty: str | list[str] = [] if shape["list"] else ""
    value = _title(asked) if shape["key"] == "title" else empty
    return json.dumps({shape["key"]: value}, ensure_ascii=False)


def _first_speech(prompt: str, labels: Sequence[re.Match[str]]) -> str:
    """What the person says first in a transcript."""
    asker = next((place for place, label in enumerate(labels) if label["asker"]), None)
    if asker is None:
        return ""
    end = labels[asker + 1].start() if asker + 1 < len(labels) else None
    speech = prompt[labels[asker].end() : end][:_SPEECH_CHARACTERS]
    return _END_OF_SPEECH.split(speech)[0]


def _first_question(before: Sequence[Said]) -> str:
    return next((find_question(said.text) for said in before if said.role == "user"), "")


def _title(asked: str) -> str:
    """The person's first question, cut between words."""
    return (
        textwrap.shorten(
            asked[:_SPEECH_CHARACTERS].strip(' \n"'), _TITLE_CHARACTERS, placeholder="…"
        )
        or _UNTITLED
    )
