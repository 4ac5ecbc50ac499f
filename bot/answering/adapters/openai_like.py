"""Ollama, OpenAI, vLLM, llama.cpp's server and whatever else speaks OpenAI's protocol."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from bot.answering.adapters.messages import build_messages, read_usage
from bot.answering.streaming import Draw, Piece
from bot.settings import BotSettings
from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from llama_index.llms.openai_like import OpenAILike

# Mistral refuses a request with an option that it does not know, and so may other servers; some,
# like Mistral, tell the usage unasked.
_TELLS_USAGE_WHEN_ASKED = ("ollama", "openai")
_BASE_URLS = {"ollama": "http://127.0.0.1:11434/v1", "openai": "https://api.openai.com/v1"}


class OpenAILikeAdapter:
    def __init__(self, settings: BotSettings) -> None:
        provider, _, self._model = settings.llm.partition("/")
        url = settings.llm_base_url or _BASE_URLS.get(provider)
        if url is None:
            raise SettingsError(
                f"bot.llm = {settings.llm} needs bot.llm_base_url, like http://127.0.0.1:8080/v1"
            )
        if provider == "openai" and settings.llm_api_key is None:
            raise SettingsError(f"bot.llm = {settings.llm} needs bot.llm_api_key")
        parts = split_base_url(url)
        self.url: str = without_secrets(parts)
        self.address = self.url
        # Apart from the URL, which libraries write to their logs.
        self._auth = (
            httpx.BasicAuth(unquote(parts.username or ""), unquote(parts.password or ""))
            if parts.username or parts.password
            else None
        )
        self._settings = settings
        asked = provider in _TELLS_USAGE_WHEN_ASKED
        self._options = {"stream_options": {"include_usage": True}} if asked else {}

    def draw(self, system: str, prompt: str) -> Draw:
        # The client imports it at its first request; it is not on the draft's time.
        import openai.resources.chat  # noqa: F401

        messages = build_messages(system, prompt)

        async def draw() -> AsyncGenerator[Piece, None]:
            # A client for each draft: closing it closes the request, whatever it waits for.
            timeout_s = self._settings.llm_timeout_s
            async with httpx.AsyncClient(auth=self._auth, timeout=timeout_s) as http:
                replies = await self._build(http).astream_chat(messages, **self._options)
                async with aclosing(replies):
                    async for reply in replies:
                        yield reply.delta or ""
                        if usage := read_usage(reply):
                            yield usage

        return draw

    def build(self) -> OpenAILike:
        # The evaluators run each question in a loop of its own, which no connection may outlive.
        alone = httpx.Limits(max_keepalive_connections=0)
        timeout_s = self._settings.llm_timeout_s
        return self._build(httpx.AsyncClient(auth=self._auth, timeout=timeout_s, limits=alone))

    def _build(self, http: httpx.AsyncClient) -> OpenAILike:
        from llama_index.llms.openai_like import OpenAILike

        key = self._settings.llm_api_key
        return OpenAILike(
            model=self._model,
            api_base=self.url,
            api_key="none" if key is None else key.get_secret_value(),
            is_chat_model=True,
            context_window=self._settings.llm_context_tokens,
            max_tokens=self._settings.llm_max_tokens,
            temperature=0.0,
            timeout=self._settings.llm_timeout_s,
            max_retries=0,
            async_http_client=http,
        )


def split_base_url(url: str) -> SplitResult:
    """Raises SettingsError, which does not repeat it, where it is no address over HTTP."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError("bot.llm_base_url must be like http://127.0.0.1:8080/v1")
    return parts


def without_secrets(parts: SplitResult) -> str:
    """The URL without user, password, query and fragment."""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
