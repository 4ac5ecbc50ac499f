"""Which sentences of a passage answer a question: a small network that reads both together.

One pass reads the question with a whole passage, its headline and its date, and scores every
sentence in its place, so that "he" and "there" are understood. `training/README.md` says how
it was made and what it is worth.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.embedder import bundled_folder
from retrieval.errors import EmbeddingModelError
from retrieval.schema import Article, Chunk, Passage, Span

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

WEIGHTS = Path(__file__).parent / "weights" / "evidence_ranker.onnx"
MOST_TOKENS = 256
_SHA256 = "c4bb31731f1901dac511d97e919c82397fdea9a87163d602024e5f31b9948fe4"
_MOST_QUESTION_TOKENS = 64
_MOST_READERS = 8
_MOST_REMEMBERED = 1_000

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SentenceScore:
    """How well a sentence answers, as a logit: above 0 it is likelier than no answer at all.

    `token_spans`, in characters of the article's text, with the logit of each to be of the
    answer.
    """

    logit: float
    token_spans: tuple[Span, ...]
    token_logits: tuple[float, ...]


Scores = tuple[SentenceScore | None, ...]


class EvidenceRanker:
    """Raises EmbeddingModelError at the first use if the weights are not the ones expected."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights

    def score(self, question: str, passages: Sequence[Passage]) -> tuple[Scores, ...]:
        """A score for each sentence of each passage; None for one beyond what the network reads."""
        if not passages:
            return ()
        asked = self._shorten(question)
        pieces = [(passage.article, passage.chunk) for passage in passages]
        # The first is read here: to wait for a thread to do it takes longer where it is remembered.
        others = [self._readers.submit(self._score_once, asked, *piece) for piece in pieces[1:]]
        return (self._score_once(asked, *pieces[0]), *(other.result() for other in others))

    @cached_property
    def _score_once(self) -> Callable[[str, Article, Chunk], Scores]:
        """What was asked lately is asked again, with another date or by another reader."""
        return lru_cache(_MOST_REMEMBERED)(self._score_chunk)

    def _score_chunk(self, asked: str, article: Article, chunk: Chunk) -> Scores:
        head = describe_article(article)
        encoding = self._tokenizer.encode(asked, head + article.text[chunk.start : chunk.end])
        return _score_sentences(encoding, self._read(encoding), chunk, len(head))

    def _read(self, encoding: Encoding) -> Logits:
        """Shape (tokens, 2): the logits of being evidence and of being the answer."""
        columns = {
            "input_ids": encoding.ids,
            "token_type_ids": encoding.type_ids,
            "attention_mask": encoding.attention_mask,
        }
        feeds = {name: np.asarray([column], dtype=np.int64) for name, column in columns.items()}
        (logits,) = self._session.run(["logits"], feeds)
        return np.asarray(logits[0], dtype=np.float32)

    def _shorten(self, question: str) -> str:
        """A question too long leaves no room for the passage."""
        encoding = self._counter.encode(question, add_special_tokens=False)
        if len(encoding) <= _MOST_QUESTION_TOKENS:
            return question
        return question[: encoding.offsets[_MOST_QUESTION_TOKENS - 1][1]]

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime

        weights = self._weights.read_bytes() if self._weights.is_file() else b""
        if hashlib.sha256(weights).hexdigest() != _SHA256:
            raise EmbeddingModelError(
                f"{self._weights} is not the file expected: install Dateline anew"
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        # Fused, the sum and the norm take five times as long on a processor as one by one.
        return onnxruntime.InferenceSession(
            weights,
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=["SkipLayerNormFusion"],
        )

    @cached_property
    def _readers(self) -> ThreadPoolExecutor:
        """A passage a core: a third faster than all passages at once on every core."""
        return ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_READERS), "read")

    @cached_property
    def _counter(self) -> Tokenizer:
        tokenizer = load_tokenizer()
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        # A copy: to load it again would check the bundled weights again.
        tokenizer = Tokenizer.from_str(self._counter.to_str())
        tokenizer.enable_truncation(MOST_TOKENS, strategy="only_second")
        return tokenizer


def load_tokenizer() -> Tokenizer:
    """That of the bundled embedding model, whose weights the network was trained from."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))


def describe_article(article: Article) -> str:
    """What the network reads before the passage."""
    published = article.published_at
    return f"{article.title}{'' if published is None else f' ({published:%d %B %Y})'}. "


def locate_tokens(encoding: Encoding, head: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The positions of the passage's tokens, and their spans in characters of its text, shape
    (tokens, 2); `head` characters come before the passage."""
    offsets = np.asarray(encoding.offsets) - head
    inside = [
        sequence == 1 and start >= 0
        for sequence, (start, _) in zip(encoding.sequence_ids, offsets, strict=True)
    ]
    positions = np.flatnonzero(inside)
    return positions, offsets[positions]


def find_sentence(spans: NDArray[np.int64], sentence: Span) -> slice:
    """The tokens, of those located, that a sentence is made of."""
    first = np.searchsorted(spans[:, 1], sentence[0], side="right")
    last = np.searchsorted(spans[:, 0], sentence[1], side="left")
    return slice(int(first), int(last))


def _score_sentences(encoding: Encoding, logits: Logits, chunk: Chunk, head: int) -> Scores:
    positions, spans = locate_tokens(encoding, head)
    start = chunk.start

    def score(sentence: Span) -> SentenceScore | None:
        found = find_sentence(spans, (sentence[0] - start, sentence[1] - start))
        tokens = positions[found]
        if not tokens.size:
            return None
        return SentenceScore(
            logit=float(logits[tokens, 0].mean() + np.logaddexp.reduce(logits[tokens, 1])),
            token_spans=tuple((int(a) + start, int(b) + start) for a, b in spans[found]),
            token_logits=tuple(map(float, logits[tokens, 1])),
        )

    return tuple(map(score, chunk.sentences))
