"""Anthropic's models; needs the extra `anthropic`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib.util import find_spec
from typing import TYPE_CHECKING

from bot.answering.adapters.messages import build_messages
from bot.answering.adapters.openai_like import split_base_url, without_secrets
from bot.answering.streaming import Draw, Piece
from bot.settings import BotSettings
from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from llama_index.llms.anthropic import Anthropic

_BASE_URL = "https://api.anthropic.com"


class AnthropicAdapter:
    def __init__(self, settings: BotSettings) -> None:
        if find_spec("llama_index.llms.anthropic") is None:
            raise SettingsError(
                f"bot.llm = {settings.llm} needs more packages: pip install 'dateline[anthropic]'"
            )
        if settings.llm_api_key is None:
            raise SettingsError(f"bot.llm = {settings.llm} needs bot.llm_api_key")
        parts = split_base_url(settings.llm_base_url or _BASE_URL)
        if parts.username or parts.password:
            raise SettingsError(
                "bot.llm_base_url may not hold a user or password for anthropic/: leave them out"
            )
        self.url: str = without_secrets(parts)
        self.address = self.url
        self._key = settings.llm_api_key
        self._model = settings.llm.partition("/")[2]
        self._settings = settings

    def draw(self, system: str, prompt: str) -> Draw:
        messages = build_messages(system, prompt)

        async def draw() -> AsyncGenerator[Piece, None]:
            replies = await self.build().astream_chat(messages)
            async with aclosing(replies):
                async for reply in replies:
                    yield reply.delta or ""

        return draw

    def build(self) -> Anthropic:
        from llama_index.llms.anthropic import Anthropic

        return Anthropic(
            model=self._model,
            base_url=self.url,
            api_key=self._key.get_secret_value(),
            max_tokens=self._settings.llm_max_tokens,
            temperature=0.0,
            timeout=self._settings.llm_timeout_s,
            max_retries=0,
        )
