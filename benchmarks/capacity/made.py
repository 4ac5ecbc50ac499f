"""Made articles that grow as real ones do: their sentences are real, and so is the shape of their
vectors. No embedding model reads them.

Every article has a theme: a real article that lends it its length, half of its sentences, and the
vector that its chunks lie around. The other sentences are any real article's, so a word is as
frequent as in real text; the noise of the vectors has the covariance of real chunks, not that of
nothing at all, on which a graph of neighbours does badly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np

from benchmarks.peers.beir_files import read_corpus
from ingest.chunking import split_sentences
from retrieval.embedder import ChunkText, Embedder, Vector, normalise
from retrieval.generations import EmbeddedChunk
from retrieval.schema import Article, Chunk, Span

LAST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = 3_653
SOURCES = 300
ARTICLES_A_BATCH = 500
BANDS = 21
_SEED = 20_260_101
_THEMES = 3_000
_SHARE_OF_THEME = 0.5
_LENT = 20_000
_WORDS_A_CHUNK = 150
_MOST_SENTENCES = 120
# A carrier of the story before it, one article in ten.
_SHARE_OF_COPIES = 0.1
_COPY_DAYS = 3
# Weights of the theme, of what the article and of what the chunk has of its own; see `check`.
_THEME, _ARTICLE, _CHUNK, _SENTENCE = 0.75, 0.3, 0.4, 0.8


@dataclass(frozen=True, slots=True)
class Themes:
    """Real articles: titles, sentences, and the vector of the first chunk of each, (themes, d)."""

    titles: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    vectors: Vector


@dataclass(frozen=True, slots=True)
class MadeArticle:
    """`is_copy`: it carries the story of the article before it."""

    article: Article
    bands: tuple[int, ...]
    chunks: tuple[EmbeddedChunk, ...]
    is_copy: bool


def read_themes(beir: Path, embedder: Embedder, cache: Path) -> Themes:
    """The vectors are kept in `cache`: to embed them takes a minute."""
    titles: list[str] = []
    sentences: list[tuple[str, ...]] = []
    for article in read_corpus(beir):
        found = tuple(article.text[start:end] for _, (start, end) in split_sentences(article.text))
        if len(found) >= 5:
            titles.append(article.title)
            sentences.append(found[:_MOST_SENTENCES])
        if len(titles) == _THEMES:
            break
    if not cache.is_file():
        texts = [
            ChunkText(f"{title}\n{' '.join(each[:8])}", ())
            for title, each in zip(titles, sentences, strict=True)
        ]
        embedded = dict(embedder.embed_chunks(texts))
        np.save(cache, np.stack([embedded[number].vector for number in range(len(texts))]))
    return Themes(tuple(titles), tuple(sentences), np.load(cache))


class Maker:
    """The same articles at every call: a batch has its own seed."""

    def __init__(self, themes: Themes) -> None:
        self._themes = themes
        centred = themes.vectors - themes.vectors.mean(axis=0)
        covariance = np.cov(centred, rowvar=False)
        values, axes = np.linalg.eigh(covariance)
        # Noise of unit length on average, shaped as the real vectors are.
        self._shape = (axes * np.sqrt(np.maximum(values, 0.0) / values.sum())).T.astype(np.float32)
        self._lent = self._draw_noise(_LENT, np.random.default_rng(_SEED))
        ranks = np.arange(1, SOURCES + 1)
        self._sources = np.cumsum((1 / ranks) / (1 / ranks).sum())[:-1]

    def make_batches(self) -> Iterator[tuple[MadeArticle, ...]]:
        for batch in count():
            yield self.make_batch(batch)

    def make_batch(self, batch: int) -> tuple[MadeArticle, ...]:
        chance = np.random.default_rng((_SEED, batch))
        made: list[MadeArticle] = []
        for place in range(ARTICLES_A_BATCH):
            number = batch * ARTICLES_A_BATCH + place
            source = f"Source {1 + int(np.searchsorted(self._sources, chance.random()))}"
            if made and chance.random() < _SHARE_OF_COPIES:
                made.append(_copy(made[-1], number, source, chance))
            else:
                made.append(self._make(number, source, chance))
        return tuple(made)

    def _draw_noise(self, rows: int, chance: np.random.Generator) -> Vector:
        drawn = chance.standard_normal((rows, len(self._shape)), dtype=np.float32)
        noise: Vector = drawn @ self._shape
        return noise

    def _lend_noise(self, rows: int, chance: np.random.Generator) -> Vector:
        """For sentences, which no index holds: drawn once, used again."""
        start = int(chance.integers(_LENT - rows))
        return self._lent[start : start + rows]

    def _make(self, number: int, source: str, chance: np.random.Generator) -> MadeArticle:
        # Some themes are in the news more often than others.
        theme = int(len(self._themes.titles) * chance.random() ** 2)
        text, chunks = _write(self._draw_sentences(theme, chance))
        article = Article(
            title=self._themes.titles[theme],
            text=text,
            url=f"https://made.invalid/{number}",
            source=source,
            published_at=LAST_DAY - timedelta(minutes=int(chance.integers(DAYS * 1_440))),
            date_provenance="structured",
            language="en",
        )
        noise = self._draw_noise(len(chunks) + 1, chance)
        own = _THEME * self._themes.vectors[theme] + _ARTICLE * noise[0]
        vectors = normalise(own + _CHUNK * noise[1:])
        embedded = tuple(
            EmbeddedChunk(
                chunk,
                vector,
                normalise(vector + _SENTENCE * self._lend_noise(len(chunk.sentences), chance)),
            )
            for chunk, vector in zip(chunks, vectors, strict=True)
        )
        bands = chance.integers(2**63, size=BANDS).tolist()
        return MadeArticle(article, tuple(bands), embedded, is_copy=False)

    def _draw_sentences(self, theme: int, chance: np.random.Generator) -> list[str]:
        own, every = self._themes.sentences[theme], self._themes.sentences
        drawn: list[str] = []
        for of_theme in chance.random(len(own)) < _SHARE_OF_THEME:
            lender = own if of_theme else every[chance.integers(len(every))]
            drawn.append(lender[chance.integers(len(lender))])
        return drawn


def _copy(of: MadeArticle, number: int, source: str, chance: np.random.Generator) -> MadeArticle:
    published_at = of.article.published_at
    assert published_at is not None
    article = Article(
        title=of.article.title,
        text=of.article.text,
        url=f"https://made.invalid/{number}",
        source=source,
        published_at=published_at + timedelta(minutes=int(chance.integers(_COPY_DAYS * 1_440))),
        date_provenance="structured",
        language="en",
    )
    return MadeArticle(article, of.bands, of.chunks, is_copy=True)


def _write(sentences: Sequence[str]) -> tuple[str, tuple[Chunk, ...]]:
    """The text, and chunks of about as many words as Dateline's own have."""
    chunks: list[Chunk] = []
    spans: list[Span] = []
    start = words = 0
    for number, sentence in enumerate(sentences, 1):
        spans.append((start, start + len(sentence)))
        start += len(sentence) + 1
        words += sentence.count(" ") + 1
        if words >= _WORDS_A_CHUNK or number == len(sentences):
            chunks.append(Chunk(len(chunks), spans[0][0], spans[-1][1], tuple(spans)))
            spans, words = [], 0
    return " ".join(sentences), tuple(chunks)
