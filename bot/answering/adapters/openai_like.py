"""Ollama, OpenAI, vLLM, llama.cpp's server and whatever else speaks OpenAI's protocol."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

import httpx

from bot.answering.adapters.messages import read_content, read_usage
from bot.answering.streaming import Draw, Piece
from bot.settings import BotSettings
from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from llama_index.llms.openai_like import OpenAILike
    from openai import APIStatusError, AsyncOpenAI, AsyncStream
    from openai.types.chat import ChatCompletionChunk, ChatCompletionMessageParam

# Mistral refuses a request with an option that it does not know, and so may other servers; some,
# like Mistral, tell the usage unasked.
_TELLS_USAGE_WHEN_ASKED = ("ollama", "openai")
# What servers say whose chat template has no place for a system message: "System role not
# supported", "roles must alternate user/assistant"; llama.cpp's says so with status 500.
_OF_SYSTEM_ROLE = re.compile(r"\bsystem\b|\broles? must\b", re.I)
# Keys and quotas.
_NOT_OF_OPTIONS = (401, 403, 429)
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
        # As many as the server is known to take.
        self._options: Mapping[str, Any] = {
            "max_tokens": settings.llm_max_tokens,
            "temperature": 0.0,
        }
        if provider in _TELLS_USAGE_WHEN_ASKED:
            self._options |= {"stream_options": {"include_usage": True}}
        self._takes_system = True

    def draw(self, system: str, prompt: str) -> Draw:
        # The client imports it at its first request; it is not on the draft's time.
        import openai.resources.chat

        async def draw() -> AsyncGenerator[Piece, None]:
            # A client for each draft: closing it closes the request, whatever it waits for.
            timeout_s = self._settings.llm_timeout_s
            async with httpx.AsyncClient(auth=self._auth, timeout=timeout_s) as http:
                client = openai.AsyncOpenAI(
                    api_key=self._key,
                    base_url=self.url,
                    timeout=timeout_s,
                    max_retries=0,
                    http_client=http,
                )
                async with await self._ask(client, system, prompt) as chunks:
                    async for chunk in chunks:
                        for choice in (chunk.choices or ())[:1]:
                            yield read_content(getattr(choice.delta, "content", None))
                        if usage := read_usage(chunk.usage):
                            yield usage

        return draw

    async def _ask(
        self, client: AsyncOpenAI, system: str, prompt: str
    ) -> AsyncStream[ChatCompletionChunk]:
        """Without what the server refuses: options, a system message; it is not sent again."""
        from openai import APIStatusError

        options, takes_system = self._options, self._takes_system
        while True:
            try:
                chunks: AsyncStream[ChatCompletionChunk] = await client.chat.completions.create(
                    model=self._model,
                    messages=_build_messages(system, prompt, takes_system=takes_system),
                    stream=True,
                    **options,
                )
            except APIStatusError as error:
                taken = _without_refused(options, error)
                if taken == options:
                    if not takes_system or not _refuses_system(error):
                        raise
                    takes_system = False
                options = taken
            else:
                self._options, self._takes_system = options, takes_system
                return chunks

    def build(self) -> OpenAILike:
        from llama_index.llms.openai_like import OpenAILike

        # The evaluators run each question in a loop of its own, which no connection may outlive.
        alone = httpx.Limits(max_keepalive_connections=0)
        timeout_s = self._settings.llm_timeout_s
        return OpenAILike(
            model=self._model,
            api_base=self.url,
            api_key=self._key,
            is_chat_model=True,
            context_window=self._settings.llm_context_tokens,
            max_tokens=self._settings.llm_max_tokens,
            temperature=0.0,
            timeout=timeout_s,
            max_retries=0,
            async_http_client=httpx.AsyncClient(auth=self._auth, timeout=timeout_s, limits=alone),
        )

    @property
    def _key(self) -> str:
        key = self._settings.llm_api_key
        return "none" if key is None else key.get_secret_value()


def _build_messages(
    system: str, prompt: str, *, takes_system: bool
) -> list[ChatCompletionMessageParam]:
    if takes_system:
        return [{"role": "system", "content": system}, {"role": "user", "content": prompt}]
    return [{"role": "user", "content": f"{system}\n\n{prompt}"}]


def _refuses_system(error: APIStatusError) -> bool:
    return _is_of_request(error) and _OF_SYSTEM_ROLE.search(error.response.text) is not None


def _is_of_request(error: APIStatusError) -> bool:
    return 400 <= error.status_code <= 500 and error.status_code not in _NOT_OF_OPTIONS


def _without_refused(options: Mapping[str, Any], error: APIStatusError) -> Mapping[str, Any]:
    """Options less those that a refusal names; there is another name for the longest draft."""
    if not _is_of_request(error):
        return options
    named = set(re.findall(r"[a-z_]+", error.response.text)) & options.keys()
    taken = {name: value for name, value in options.items() if name not in named}
    if "max_tokens" in named:
        taken["max_completion_tokens"] = options["max_tokens"]
    return taken


def split_base_url(url: str) -> SplitResult:
    """Raises SettingsError, which does not repeat it, where it is no address over HTTP."""
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise SettingsError("bot.llm_base_url is not a URL: write it like http://127.0.0.1:8080/v1")
    return parts


def without_secrets(parts: SplitResult) -> str:
    """The URL without user, password, query and fragment."""
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"
