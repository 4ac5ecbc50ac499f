"""A GGUF file run in this process by llama.cpp; needs the extra `llamacpp`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from bot.answering.adapters.messages import build_messages
from bot.answering.streaming import Draw, Piece
from bot.settings import BotSettings
from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from llama_index.core.llms import ChatMessage
    from llama_index.llms.llama_cpp import LlamaCPP


class LlamaCppAdapter:
    url = None

    def __init__(self, settings: BotSettings) -> None:
        if find_spec("llama_index.llms.llama_cpp") is None:
            raise SettingsError(
                f"bot.llm = {settings.llm} needs more packages: pip install 'dateline[llamacpp]'"
            )
        path = Path(settings.llm.partition("/")[2])
        if not path.is_file():
            raise SettingsError(
                f"bot.llm = {settings.llm}: there is no file {path}: check the path"
            )
        self._path = path
        self.address = path.name
        self._settings = settings
        # The model keeps one conversation's state: one draft at a time.
        self._turn = threading.Lock()

    def draw(self, system: str, prompt: str) -> Draw:
        messages = build_messages(system, prompt)

        async def draw() -> AsyncGenerator[Piece, None]:
            while not self._turn.acquire(blocking=False):
                await asyncio.sleep(0.05)
            try:
                for reply in self._adapter.stream_chat(messages):
                    yield reply.delta or ""
                    # The one place where a draft that nobody waits for ends.
                    await asyncio.sleep(0)
            finally:
                self._turn.release()

        return draw

    def build(self) -> LlamaCPP:
        return self._adapter

    @cached_property
    def _adapter(self) -> LlamaCPP:
        from llama_index.llms.llama_cpp import LlamaCPP

        adapter = LlamaCPP(
            model_path=str(self._path),
            temperature=0.0,
            max_new_tokens=self._settings.llm_max_tokens,
            context_window=self._settings.llm_context_tokens,
            verbose=False,
        )
        adapter.messages_to_prompt = _ChatTemplate(adapter._model.metadata).render
        return adapter


class _ChatTemplate:
    """The chat template that the file carries; llama-index knows Llama 2's alone."""

    def __init__(self, metadata: dict[str, str]) -> None:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._formatter = Jinja2ChatFormatter(  # not passwords # nosec B106
            template=metadata["tokenizer.chat_template"], eos_token="", bos_token=""
        )

    def render(self, messages: list[ChatMessage]) -> str:
        turns = [{"role": each.role.value, "content": each.content} for each in messages]
        return str(self._formatter(messages=turns).prompt)
