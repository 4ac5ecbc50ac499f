"""Language models, by llama-index's adapter for every API of OpenAI's shape."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from bot.answering.prompt import SYSTEM_PROMPT
from bot.settings import BotSettings
from retrieval.errors import DatelineError, SettingsError

if TYPE_CHECKING:
    from llama_index.llms.openai_like import OpenAILike

_BASE_URLS = {"ollama": "http://127.0.0.1:11434/v1", "openai": "https://api.openai.com/v1"}
# What the adapter raises on a reply that is not shaped as a completion.
NO_COMPLETION = (ValueError, TypeError, AttributeError, LookupError)
_MAX_TOKENS = 400
_CONTEXT_WINDOW = 8_192


class LLMError(DatelineError):
    """The model gave no draft: unreachable, too slow, refused or empty."""


class LLM(Protocol):
    @property
    def model(self) -> str: ...

    def complete(self, prompt: str) -> str:
        """A draft for the prompt. Raises LLMError."""
        ...


class OpenAICompatibleLLM:
    """Ollama, OpenAI, vLLM, llama.cpp's server and whatever else speaks their protocol."""

    def __init__(self, settings: BotSettings) -> None:
        provider, _, self.model = settings.llm.partition("/")
        base_url = settings.llm_base_url or _BASE_URLS.get(provider)
        if base_url is None:
            raise SettingsError(
                f"bot.llm = {settings.llm} needs bot.llm_base_url, like http://127.0.0.1:8080/v1"
            )
        if provider == "openai" and settings.llm_api_key is None:
            raise SettingsError(f"bot.llm = {settings.llm} needs bot.llm_api_key")
        self.base_url = base_url
        self._settings = settings

    def complete(self, prompt: str) -> str:
        from llama_index.core.llms import ChatMessage, MessageRole
        from openai import OpenAIError

        messages = [
            ChatMessage(role=MessageRole.SYSTEM, content=SYSTEM_PROMPT),
            ChatMessage(role=MessageRole.USER, content=prompt),
        ]
        try:
            draft = self.adapter.chat(messages).message.content
        except (OpenAIError, OSError, *NO_COMPLETION) as error:
            raise LLMError(
                f"the language model at {self.base_url} did not answer "
                f"({type(error).__name__}): check bot.llm, bot.llm_base_url and its key"
            ) from error
        if not draft or not draft.strip():
            raise LLMError(f"the language model at {self.base_url} gave an empty draft")
        return str(draft).strip()

    @cached_property
    def adapter(self) -> OpenAILike:
        """llama-index's own object, for its evaluators."""
        from llama_index.llms.openai_like import OpenAILike

        key = self._settings.llm_api_key
        return OpenAILike(
            model=self.model,
            api_base=self.base_url,
            api_key="none" if key is None else key.get_secret_value(),
            is_chat_model=True,
            context_window=_CONTEXT_WINDOW,
            max_tokens=_MAX_TOKENS,
            temperature=0.0,
            timeout=self._settings.llm_timeout_s,
            max_retries=0,
        )


def build_llm(settings: BotSettings) -> LLM | None:
    """None when `bot.llm` is `none`. Raises SettingsError."""
    return None if settings.llm == "none" else OpenAICompatibleLLM(settings)
