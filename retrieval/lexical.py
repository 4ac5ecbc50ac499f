"""Lexical search: BM25 in Tantivy, English stemming, diacritics folded."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tantivy
from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from retrieval.errors import StorageError
from retrieval.schema import Article, Chunk, ChunkRef, Hit

_ANALYZER = "english"
_WRITER_HEAP_BYTES = 64_000_000
# BM25's weight of a word that half of the chunks have: ln(1 + 1).
_COMMON_WEIGHT = math.log(2)
_LARGE = 10_000
# About a fifth of a kilobyte each.
_MOST_REMEMBERED = 100_000


@dataclass(frozen=True, slots=True)
class LexicalChunk:
    """What is indexed of a chunk. The title, source and date stand in front of its words."""

    ref: ChunkRef
    words: str

    @classmethod
    def of(cls, article: Article, chunk: Chunk) -> LexicalChunk:
        moment = article.published_at
        date = "" if moment is None else f"{moment:%d %B %Y}"
        text = article.text[chunk.start : chunk.end]
        words = "\n".join((article.title, article.source or "", date, text))
        return cls(ChunkRef(article.article_id, chunk.ordinal, article.revision), words)


class _Committed:
    """The index as one commit left it, and what was read of it: none of that changes."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.searcher = searcher
        self._refs: dict[tuple[int, int], ChunkRef] = {}

    def read_ref(self, address: tantivy.DocAddress) -> ChunkRef:
        """Remembered: to read three hundred takes half as long as to find them."""
        place = (address.segment_ord, address.doc)
        ref = self._refs.get(place)
        if ref is None:
            if len(self._refs) >= _MOST_REMEMBERED:
                self._refs = {}
            ref = self._refs[place] = _to_ref(self.searcher.doc(address))
        return ref


class TantivyIndex:
    """One folder a generation, and in it how far the index has come.

    `checkpoint` is the archive revision up to which it is complete; it moves after the words are
    written, so that what a kill comes between is written again.
    """

    def __init__(self, index: tantivy.Index, folder: Path) -> None:
        self._index = index
        self._checkpoint_file = folder / "checkpoint"
        self.checkpoint = _read_checkpoint(self._checkpoint_file)
        self._analyzer = _build_analyzer()
        index.register_tokenizer(_ANALYZER, self._analyzer)
        self._committed = _Committed(index.searcher())

    @classmethod
    def open(cls, folder: Path) -> TantivyIndex:
        """The folder's index, a new one where it holds none. Raises StorageError."""
        try:
            if folder.is_dir() and tantivy.Index.exists(str(folder)):
                return cls(tantivy.Index.open(str(folder)), folder)
            folder.mkdir(parents=True, exist_ok=True)
            return cls(tantivy.Index(_build_schema(), path=str(folder)), folder)
        except (OSError, ValueError) as error:
            raise StorageError(
                f"the lexical index in {folder} cannot be opened ({error}): free some disk space, "
                "or delete the folder, then run the same command again; it rebuilds the index"
            ) from error

    @staticmethod
    def drop(folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    def count(self) -> int:
        return int(self._committed.searcher.num_docs)

    def replace(self, article_ids: Sequence[str], chunks: Sequence[LexicalChunk]) -> None:
        """Make these the only chunks of these articles, in one commit."""
        try:
            writer = self._index.writer(_WRITER_HEAP_BYTES, 1)
            for article_id in article_ids:
                writer.delete_documents_by_term("article_id", article_id)
            for chunk in chunks:
                document = tantivy.Document(words=chunk.words)
                document.add_text("article_id", chunk.ref.article_id)
                document.add_integer("ordinal", chunk.ref.ordinal)
                document.add_integer("revision", chunk.ref.revision)
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
        except (OSError, ValueError) as error:
            raise _unwritable(error) from error
        self._index.reload()
        self._committed = _Committed(self._index.searcher())

    def move_checkpoint(self, revision: int) -> None:
        """Say that all changes up to this revision are in the index. Raises StorageError."""
        unfinished = self._checkpoint_file.with_suffix(".part")
        try:
            with unfinished.open("w", encoding="ascii") as file:
                file.write(str(revision))
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._checkpoint_file)
        except OSError as error:
            raise _unwritable(error) from error
        self.checkpoint = revision

    def search(
        self, question: str, limit: int, article_ids: Sequence[str] | None = None
    ) -> tuple[Hit, ...]:
        """The best chunks by BM25, best first; only of the named articles, if any are named."""
        terms = self._choose_terms(question)
        schema = self._index.schema
        any_term = Query.boolean_query(
            [(Occur.Should, Query.term_query(schema, "words", term)) for term in terms]
        )
        if article_ids is not None:
            named = Query.term_set_query(schema, "article_id", list(article_ids))
            any_term = Query.boolean_query(
                [(Occur.Must, any_term), (Occur.Must, Query.const_score_query(named, 0.0))]
            )
        if not terms:
            return ()
        committed = self._committed
        found = committed.searcher.search(any_term, limit, count=False).hits
        return tuple(Hit(committed.read_ref(address), float(score)) for score, address in found)

    def search_whole(self, words: str, limit: int) -> tuple[Hit, ...]:
        """The chunks that hold every one of these words, in whatever order, best first."""
        schema = self._index.schema
        terms = sorted(set(self.analyze(words)))
        if not terms:
            return ()
        all_terms = Query.boolean_query(
            [(Occur.Must, Query.term_query(schema, "words", term)) for term in terms]
        )
        committed = self._committed
        found = committed.searcher.search(all_terms, limit, count=False).hits
        return tuple(Hit(committed.read_ref(address), float(score)) for score, address in found)

    def search_near(self, word: str, distance: int, limit: int) -> tuple[Hit, ...]:
        """Chunks that hold a word at most so many letters from this one."""
        committed = self._committed
        near = [
            Query.fuzzy_term_query(self._index.schema, "words", term, distance=distance)
            for term in self.analyze(word)
        ]
        if not near:
            return ()
        every = Query.boolean_query([(Occur.Must, query) for query in near])
        found = committed.searcher.search(every, limit, count=False).hits
        return tuple(Hit(committed.read_ref(address), float(score)) for score, address in found)

    def _choose_terms(self, question: str) -> list[str]:
        """In a large index without those that most chunks have, if it has others: they hardly tell
        chunks apart, and to find the best takes twice as long with them."""
        terms = sorted(set(self.analyze(question)))
        if self._committed.searcher.num_docs < _LARGE:
            return terms
        return [term for term in terms if self.weight(term) > _COMMON_WEIGHT] or terms

    def analyze(self, text: str) -> tuple[str, ...]:
        """The stems of a text's words, in order: what is compared when words are."""
        return tuple(self._analyzer.analyze(text))

    def weight(self, term: str) -> float:
        """BM25's inverse document frequency of a stem: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        chunks, frequency = self.count(), self.count_chunks(term)
        return math.log(1 + (chunks - frequency + 0.5) / (frequency + 0.5))

    def count_chunks(self, term: str) -> int:
        """How many chunks have a stem."""
        searcher = self._committed.searcher
        # Tantivy counts removed chunks until it merges their segment.
        return int(min(searcher.doc_freq("words", term), searcher.num_docs))


def _read_checkpoint(file: Path) -> int:
    """0 where there is none: an index whose beginnings are not known is followed from there."""
    try:
        return int(file.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return 0


def _build_analyzer() -> tantivy.TextAnalyzer:
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        # Folded first: the small letter of a dotted İ would be two characters.
        .filter(Filter.ascii_fold())
        .filter(Filter.lowercase())
        .filter(Filter.stemmer("english"))
        .build()
    )


def _build_schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_text_field("words", tokenizer_name=_ANALYZER, index_option="freq")
        .add_text_field("article_id", stored=True, tokenizer_name="raw", index_option="basic")
        .add_integer_field("ordinal", stored=True)
        .add_integer_field("revision", stored=True)
        .build()
    )


def _to_ref(document: tantivy.Document) -> ChunkRef:
    stored = document.to_dict()
    return ChunkRef(stored["article_id"][0], stored["ordinal"][0], stored["revision"][0])


def _unwritable(error: Exception) -> StorageError:
    return StorageError(
        f"the lexical index cannot be written ({error}): free some disk space, then run the "
        "same command again"
    )
