"""Language models: one setting, drafts that stream, a limit on the whole of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

from bot.answering.prompt import SYSTEM_PROMPT
from bot.answering.streaming import Draw, Overdue, Piece, Usage, stream_within
from bot.settings import BotSettings
from retrieval.errors import DatelineError, SettingsError

OnDelta = Callable[[str], None]
# A call is stopped where its listener leaves, or has heard enough.
CallOutcome = Literal["drafted", "failed", "stopped"]
# What an adapter raises on a reply that is not shaped as a completion.
NO_COMPLETION = (ValueError, TypeError, AttributeError, LookupError)
# Pessimistic: English has more bytes a token, and few scripts have fewer.
_BYTES_A_TOKEN = 3
# A server that ignores `max_tokens` is not listened to for ever.
_CHARACTERS_A_TOKEN = 12


class LLMError(DatelineError):
    """The model gave no draft: unreachable, too slow, refused, empty or without an end."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the model, once it is over."""

    outcome: CallOutcome
    usage: Usage | None


OnCall = Callable[[Call], None]


def ignore_call(_call: Call) -> None:
    """For those who count no calls."""


class LLM(Protocol):
    @property
    def model(self) -> str: ...

    @property
    def prompt_bytes(self) -> int:
        """About the longest prompt, in UTF-8, that leaves room for a draft."""
        ...

    def complete(self, prompt: str, system: str = SYSTEM_PROMPT) -> str:
        """A draft for the prompt. Raises LLMError."""
        ...

    def stream(self, prompt: str, system: str = SYSTEM_PROMPT) -> Generator[str, None, None]:
        """The draft piece by piece, with empty pieces while the model is silent. Closing it
        stops the model. Raises LLMError."""
        ...


class Adapter(Protocol):
    """One vendor's way to a model; `address` is shown to people and holds no secret."""

    @property
    def address(self) -> str: ...

    @property
    def url(self) -> str | None:
        """Where the model's API is, if it has one."""
        ...

    def build(self) -> Any:
        """llama-index's own object, for its evaluators."""
        ...

    def draw(self, system: str, prompt: str) -> Draw:
        """What streams one draft; it may raise anything."""
        ...


class AdaptedLLM:
    def __init__(
        self, settings: BotSettings, adapter: Adapter, on_call: OnCall = ignore_call
    ) -> None:
        self.model = settings.llm.partition("/")[2]
        self.adapter = adapter
        self._on_call = on_call
        self._timeout_s = settings.llm_timeout_s
        self._most_characters = settings.llm_max_tokens * _CHARACTERS_A_TOKEN
        room = settings.llm_context_tokens - settings.llm_max_tokens
        self.prompt_bytes = room * _BYTES_A_TOKEN - len(SYSTEM_PROMPT)

    def complete(self, prompt: str, system: str = SYSTEM_PROMPT) -> str:
        return "".join(self.stream(prompt, system)).strip()

    def stream(self, prompt: str, system: str = SYSTEM_PROMPT) -> Generator[str, None, None]:
        outcome: CallOutcome = "stopped"
        usage = None
        try:
            with closing(self._stream(prompt, system)) as pieces:
                for piece in pieces:
                    if isinstance(piece, Usage):
                        usage = piece
                    else:
                        yield piece
            outcome = "drafted"
        except DatelineError:
            outcome = "failed"
            raise
        finally:
            self._on_call(Call(outcome, usage))

    def _stream(self, prompt: str, system: str) -> Generator[Piece, None, None]:
        given, empty = 0, True
        try:
            drawn = stream_within(self.adapter.draw(system, prompt), self._timeout_s)
            with closing(drawn) as pieces:
                for piece in pieces:
                    if isinstance(piece, str):
                        given += len(piece)
                        empty = empty and not piece.strip()
                    if given > self._most_characters:
                        raise LLMError(f"{self._name} did not stop writing: check bot.llm")
                    yield piece
        except DatelineError:
            raise
        # An adapter may raise anything at a reply that is not what it expects, and its message
        # may hold the key: only what is safe to show goes on.
        except Exception as error:  # noqa: BLE001
            raise LLMError(f"{self._name} {_describe(error, self._timeout_s)}") from None
        if empty:
            raise LLMError(f"{self._name} returned an empty draft: check bot.llm")

    @property
    def _name(self) -> str:
        return f"the language model at {self.adapter.address}"


def build_llm(settings: BotSettings, on_call: OnCall = ignore_call) -> AdaptedLLM | None:
    """`on_call` hears of every call that was begun, once it is over. None when `bot.llm` is
    `none`. Raises SettingsError."""
    if settings.llm == "none":
        return None
    if settings.llm_context_tokens < 2 * settings.llm_max_tokens:
        raise SettingsError("bot.llm_context_tokens must be at least twice bot.llm_max_tokens")
    return AdaptedLLM(settings, _build_adapter(settings), on_call)


def _build_adapter(settings: BotSettings) -> Adapter:
    match settings.llm.partition("/")[0]:
        case "anthropic":
            from bot.answering.adapters.anthropic import AnthropicAdapter

            return AnthropicAdapter(settings)
        case "llamacpp":
            from bot.answering.adapters.llama_cpp import LlamaCppAdapter

            return LlamaCppAdapter(settings)
        case _:
            from bot.answering.adapters.openai_like import OpenAILikeAdapter

            return OpenAILikeAdapter(settings)


@runtime_checkable
class Following(Protocol):
    """An `OnDelta` that is also told what was found, before anything is drafted."""

    def __call__(self, text: str, /) -> None: ...

    def found(self, passages: int, stories: int) -> None: ...


def ignore_delta(_text: str) -> None:
    """For those who wait for the whole answer."""


def _describe(error: Exception, timeout_s: float) -> str:
    """What went wrong and what to do, by the error's type and status alone."""
    if isinstance(error, Overdue) or "Timeout" in type(error).__name__:
        return f"took longer than bot.llm_timeout_s = {timeout_s:g}: check bot.llm or raise it"
    status = getattr(error, "status_code", None)
    if status == 429:
        return f"is rate limited{_retry_after(error)}: check bot.llm and its quota"
    if status in (401, 403):
        return f"refused the key ({status}): check bot.llm_api_key"
    shown = type(error).__name__ if not isinstance(status, int) else f"status {status}"
    return f"did not answer ({shown}): check bot.llm, bot.llm_base_url and its key"


def _retry_after(error: Exception) -> str:
    headers = getattr(getattr(error, "response", None), "headers", {})
    seconds = re.fullmatch(r"\d{1,6}", str(headers.get("retry-after", "")))
    return "" if seconds is None else f" for {seconds.group()} s"
