"""What llama-index takes for a draft, and what servers of OpenAI's shape give."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.streaming import Usage

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage

_TEXT_TYPES = ("text", "output_text")


def build_messages(system: str, prompt: str) -> list[ChatMessage]:
    from llama_index.core.llms import ChatMessage, MessageRole

    return [
        ChatMessage(role=MessageRole.SYSTEM, content=system),
        ChatMessage(role=MessageRole.USER, content=prompt),
    ]


def read_content(content: object) -> str:
    """The text of a reply of OpenAI's shape, which may be in parts; parts of thoughts are none."""
    if isinstance(content, list):
        return "".join(map(read_content, content))
    if isinstance(content, dict):
        text = content.get("text") if content.get("type") in _TEXT_TYPES else None
        return text if isinstance(text, str) else ""
    return content if isinstance(content, str) else ""


def read_usage(usage: object) -> Usage | None:
    """What a server of OpenAI's shape says; none where it says nothing, or nothing to count."""
    prompt = getattr(usage, "prompt_tokens", None)
    completion = getattr(usage, "completion_tokens", None)
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    return Usage(prompt, completion) if min(prompt, completion) >= 0 else None
