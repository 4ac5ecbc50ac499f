"""What of a passage answers a question: a small network that reads both together.

One pass reads the question with a whole passage, its headline and its date: how well each sentence
answers, which words are the short answer, and whether the passage answers at all. `training/
README.md` says how it was made and what it is worth.
"""

from __future__ import annotations

import hashlib
import math
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

WEIGHTS = Path(__file__).parents[1] / "weights" / "reader.onnx"
MAX_TOKENS = 256
_SHA256 = "56c971e97aa052dc16358d7941329c18e72ee9e3b7177782d7de23784c20ba2a"
_MAX_QUESTION_TOKENS = 64
_MAX_ANSWER_TOKENS = 16
_MAX_THREADS = 8
_MAX_REMEMBERED = 1_000
# A claim rests on so many sentences, each so near the best one's log-odds.
_MOST_SUPPORTING = 3
_SUPPORTING_MARGIN = 1.0
# The columns of the network's output: the first four for a question, the last two for a claim.
EVIDENCE, START, END, NOTHING, SUPPORT, UNSUPPORTED = range(6)

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """How well a sentence answers: the log-odds of being evidence against "nothing here answers".

    `answer` is the span of its words, in characters of the article's text, that would be the short
    answer, and `answer_logit` the log-odds of these words against "no short answer".
    """

    logit: float
    answer: Span
    answer_logit: float


Readings = tuple[SentenceReading | None, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """How surely a passage bears a claim out: the log-odds that any of its sentences does.

    `sentences` are the spans, in characters of the article's text, of those that do, in the order
    of the text.
    """

    logit: float
    sentences: tuple[Span, ...]


class Reader:
    """Raises EmbeddingModelError at the first use if the weights are not the ones expected."""

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights

    def read(self, question: str, passages: Sequence[Passage]) -> tuple[Readings, ...]:
        """For each passage, a reading a sentence; None for one beyond what the network reads."""
        if not passages:
            return ()
        asked = self._shorten(question)
        pieces = [(passage.article, passage.chunk) for passage in passages]
        # The first is read here: to wait for a thread to do it takes longer where it is remembered.
        others = [self._threads.submit(self._read_once, asked, *piece) for piece in pieces[1:]]
        return (self._read_once(asked, *pieces[0]), *(other.result() for other in others))

    def support(self, claim: str, passages: Sequence[Passage]) -> tuple[Support, ...]:
        """For each passage, how surely it bears the claim out and by which of its sentences."""
        asked = self._shorten(claim)

        def bear_out(passage: Passage) -> Support:
            encoding, head = self._encode(asked, passage.article, passage.chunk)
            return _read_support(encoding, self._run(encoding), passage.chunk, head)

        return tuple(self._threads.map(bear_out, passages))

    @cached_property
    def _read_once(self) -> Callable[[str, Article, Chunk], Readings]:
        """What was asked lately is asked again, with another date or by another reader."""
        return lru_cache(_MAX_REMEMBERED)(self._read_chunk)

    def _read_chunk(self, asked: str, article: Article, chunk: Chunk) -> Readings:
        encoding, head = self._encode(asked, article, chunk)
        return _read_sentences(encoding, self._run(encoding), chunk, head)

    def _encode(self, asked: str, article: Article, chunk: Chunk) -> tuple[Encoding, int]:
        """What the network reads, and how many characters of it come before the passage."""
        head = describe_article(article)
        return (
            self._tokenizer.encode(asked, head + article.text[chunk.start : chunk.end]),
            len(head),
        )

    def _run(self, encoding: Encoding) -> Logits:
        """Shape (tokens, 6), the columns above."""
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
        if len(encoding) <= _MAX_QUESTION_TOKENS:
            return question
        return question[: encoding.offsets[_MAX_QUESTION_TOKENS - 1][1]]

    @cached_property
    def _session(self) -> InferenceSession:
        weights = self._weights.read_bytes() if self._weights.is_file() else b""
        if hashlib.sha256(weights).hexdigest() != _SHA256:
            raise EmbeddingModelError(
                f"{self._weights} is not the expected file: reinstall Dateline"
            )
        return start_session(weights)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        """A passage a core: a third faster than all passages at once on every core."""
        return ThreadPoolExecutor(min(os.cpu_count() or 1, _MAX_THREADS), "read")

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
        tokenizer.enable_truncation(MAX_TOKENS, strategy="only_second")
        return tokenizer


def start_session(weights: bytes) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    # Fused, the sum and the norm take five times as long on a processor as one by one.
    return onnxruntime.InferenceSession(
        weights,
        options,
        providers=["CPUExecutionProvider"],
        disabled_optimizers=["SkipLayerNormFusion"],
    )


def load_tokenizer() -> Tokenizer:
    """That of the bundled embedding model, whose weights the network was trained from."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(bundled_folder() / "tokenizer.json"))


def describe_article(article: Article) -> str:
    """What the network reads before the passage."""
    published = article.published_at
    return describe(article.title, "" if published is None else f"{published:%d %B %Y}")


def describe(title: str, day: str) -> str:
    """`day` as in "05 March 2026", or empty."""
    return f"{title} ({day}). " if day else f"{title}. "


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


def find_tokens(spans: NDArray[np.int64], span: Span) -> slice:
    """The tokens, of those located, that a span of characters is made of."""
    first = np.searchsorted(spans[:, 1], span[0], side="right")
    last = np.searchsorted(spans[:, 0], span[1], side="left")
    return slice(int(first), int(last))


def _read_sentences(encoding: Encoding, logits: Logits, chunk: Chunk, head: int) -> Readings:
    positions, spans = locate_tokens(encoding, head)
    first, words = logits[0], encoding.word_ids

    def read(sentence: Span) -> SentenceReading | None:
        found = find_tokens(spans, (sentence[0] - chunk.start, sentence[1] - chunk.start))
        tokens = positions[found]
        if not tokens.size:
            return None
        start, end, logit = find_best_span(logits[tokens, START], logits[tokens, END])
        start, end = _widen(start, end, [words[token] for token in tokens])
        return SentenceReading(
            logit=measure_odds(logits, tokens, EVIDENCE, NOTHING),
            answer=(
                int(spans[found][start][0]) + chunk.start,
                int(spans[found][end][1]) + chunk.start,
            ),
            answer_logit=logit - float(first[START] + first[END]),
        )

    return tuple(map(read, chunk.sentences))


def measure_odds(
    logits: Logits, tokens: slice | NDArray[np.int64], evidence: int, nothing: int
) -> float:
    """The log-odds of a sentence, of these tokens, against "nothing here"."""
    return float(logits[tokens, evidence].mean() - logits[0, nothing])


def _widen(start: int, end: int, words: Sequence[int | None]) -> tuple[int, int]:
    """To whole words: a word may be of several tokens."""
    while start and words[start - 1] == words[start]:
        start -= 1
    while end + 1 < len(words) and words[end + 1] == words[end]:
        end += 1
    return start, end


def _read_support(encoding: Encoding, logits: Logits, chunk: Chunk, head: int) -> Support:
    positions, spans = locate_tokens(encoding, head)
    odds: dict[Span, float] = {}
    for start, end in chunk.sentences:
        tokens = positions[find_tokens(spans, (start - chunk.start, end - chunk.start))]
        if tokens.size:
            odds[start, end] = measure_odds(logits, tokens, SUPPORT, UNSUPPORTED)
    if not odds:
        return Support(-math.inf, ())
    best = sorted(odds, key=odds.__getitem__, reverse=True)[:_MOST_SUPPORTING]
    near = [each for each in best if odds[each] >= odds[best[0]] - _SUPPORTING_MARGIN]
    return Support(float(np.logaddexp.reduce(list(odds.values()))), tuple(sorted(near)))


def find_best_span(starts: Logits, ends: Logits) -> tuple[int, int, float]:
    """The likeliest first and last token of a sentence's, at most so many apart, and their sum."""
    sums = starts[:, None] + ends[None, :]
    allowed = np.triu(np.ones_like(sums)) - np.triu(np.ones_like(sums), _MAX_ANSWER_TOKENS)
    best = int(np.where(allowed > 0, sums, -np.inf).argmax())
    start, end = divmod(best, len(starts))
    return start, end, float(sums[start, end])
