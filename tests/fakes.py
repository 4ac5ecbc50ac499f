"""Hand-written stand-ins for the model and the language model; everything else is real."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from bot.answering.llm import LLMError
from bot.answering.prompt import SYSTEM_PROMPT
from bot.answering.sentences import FUNCTION_WORDS
from retrieval.embedder import ChunkText, ChunkVectors, Vector
from retrieval.models.reader import Readings, SentenceReading
from retrieval.schema import Passage

_DIMENSIONS = 256


class KeywordEmbedder:
    """A word is a direction; a text is the sum of its words, so that shared words are likeness."""

    def __init__(self, model_name: str = "all-MiniLM-L6-v2") -> None:
        self.model_name = model_name
        self.embedded: list[str] = []

    def embed_question(self, question: str) -> Vector:
        return _embed(question)

    def embed_chunks(self, texts: Sequence[ChunkText]) -> Iterator[tuple[int, ChunkVectors]]:
        for i, chunk in enumerate(texts):
            self.embedded.append(chunk.text)
            sentences = [_embed(chunk.text[start:end]) for start, end in chunk.sentences]
            yield i, ChunkVectors(_embed(chunk.text), np.array(sentences, dtype=np.float32))

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


class OverlapReader:
    """A sentence answers as far as it holds the question's words, and better for those that its
    headline lacks; none of its words is a short answer."""

    def read(self, question: str, passages: Sequence[Passage]) -> tuple[Readings, ...]:
        return tuple(_read_overlap(_stems(question), passage) for passage in passages)


def _read_overlap(asked: frozenset[str], passage: Passage) -> Readings:
    article = passage.article
    around = asked & _stems(article.title)
    readings = []
    for start, end in passage.chunk.sentences:
        held = asked & _stems(article.text[start:end])
        share = (len(held) + 0.5 * len(around - held)) / max(len(asked), 1)
        readings.append(SentenceReading(8.0 * share - 4.0, (start, start + 1), -10.0))
    return tuple(readings)


def _stems(text: str) -> frozenset[str]:
    words = re.findall(r"\w+", text.casefold())
    return frozenset(word[:5] for word in words if word not in FUNCTION_WORDS)


@dataclass
class ScriptedLLM:
    """Gives its drafts in turn and keeps the prompts; out of drafts, it fails as a server does."""

    drafts: list[str]
    model: str = "scripted"
    prompt_bytes: int = 100_000
    prompts: list[str] = field(default_factory=list)
    systems: list[str] = field(default_factory=list)

    def complete(self, prompt: str, system: str = SYSTEM_PROMPT) -> str:
        return "".join(self.stream(prompt, system))

    def stream(self, prompt: str, system: str = SYSTEM_PROMPT) -> Generator[str, None, None]:
        self.prompts.append(prompt)
        self.systems.append(system)
        if not self.drafts:
            raise LLMError("the language model did not answer")
        yield from re.findall(r"\s*\S+|\s+", self.drafts.pop(0))


def _embed(text: str) -> Vector:
    vector = np.zeros(_DIMENSIONS, dtype=np.float32)
    for word in re.findall(r"\w+", text.casefold()):
        # A stable hash: Python's own changes with every process.
        vector[sum(ord(letter) * 31**i for i, letter in enumerate(word)) % _DIMENSIONS] += 1.0
    normalised: Vector = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return normalised
