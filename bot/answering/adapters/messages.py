"""What llama-index takes and gives for a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.answering.streaming import Usage

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage, ChatResponse


def build_messages(system: str, prompt: str) -> list[ChatMessage]:
    from llama_index.core.llms import ChatMessage, MessageRole

    return [
        ChatMessage(role=MessageRole.SYSTEM, content=system),
        ChatMessage(role=MessageRole.USER, content=prompt),
    ]


def read_usage(reply: ChatResponse) -> Usage | None:
    """What a server of OpenAI's shape says; none where it says nothing, or nothing to count."""
    usage = getattr(reply.raw, "usage", None)
    prompt = getattr(usage, "prompt_tokens", None)
    completion = getattr(usage, "completion_tokens", None)
    if not isinstance(prompt, int) or not isinstance(completion, int):
        return None
    return Usage(prompt, completion) if min(prompt, completion) >= 0 else None
