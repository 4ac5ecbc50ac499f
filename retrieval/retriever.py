"""From a query to ranked passages: dense and lexical candidates, fused, filtered, collapsed."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from retrieval.archive import Archive
from retrieval.carriers import Carrier
from retrieval.embedder import Embedder, Vector
from retrieval.errors import IndexMissing, StorageError
from retrieval.fusion import best_first, fuse
from retrieval.generations import Generations
from retrieval.indexes import Indexes, OpenGeneration
from retrieval.preference import Preference, prefer
from retrieval.quotations import Quotation, find_quotations, find_words
from retrieval.reranker import Reranker, rerank
from retrieval.schema import Article, ChunkRef, Filters, Hit, Passage

_UNDATED = datetime.min.replace(tzinfo=UTC)
# Many, because the newest of those that bear on the question may be far down (measured:
# docs/architecture.md).
_DENSE_CANDIDATES = 200
_LEXICAL_CANDIDATES = 300
# Under a broad filter as many more are fetched, and half as many again, as leave enough when the
# rest is dropped (measured: docs/scaling.md).
_MARGIN = 1.5
# Chroma passes by the chunks that are not allowed until it has enough; to score one exactly takes
# as long as to pass thirty by, so that of few chunks every one is scored.
_PASSED_BY_A_SCORE = 30
# As many passages as a cross-encoder reads.
_RERANKED = 30
# Of those that hold all words of a quotation, few hold them in another order.
_QUOTED_CANDIDATES = 20
# Of the words near to a misspelt one, the usual ones are in the first few chunks.
_NEAR_CANDIDATES = 12
_CERTAIN = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How candidates become a ranking; the evaluation shows what each part is worth.

    `prefers_dates` is for all that a question prefers: days, the newest, a named source.
    """

    dense_weight: float = 0.5
    lexical_weight: float = 0.5
    prefers_dates: bool = True


@dataclass(frozen=True, slots=True)
class Retriever:
    """Retrieves from the generation that is active when it is asked."""

    archive: Archive
    generations: Generations
    indexes: Indexes
    embedder: Embedder
    top_k: int
    reranker: Reranker | None = None
    recipe: Recipe = field(default_factory=Recipe)

    def retrieve(
        self,
        query: str,
        filters: Filters = Filters(),
        top_k: int | None = None,
        *,
        asked_at: datetime | None = None,
    ) -> tuple[Passage, ...]:
        """The passages that bear on the query most, best first.

        With `asked_at`, what was published shortly before is preferred to what is older.
        """
        while (index := self.indexes.open_active()) is not None:
            try:
                passages = self._retrieve(index, query, filters, top_k or self.top_k, asked_at)
            except (IndexMissing, StorageError):
                if self.generations.is_active(index.generation):
                    raise
            else:
                if passages or self.generations.is_active(index.generation):
                    return passages
            # Another generation took over meanwhile, and this one was dropped.
        return ()

    def analyze(self, text: str) -> tuple[str, ...]:
        """Stems, as the lexical index makes them."""
        current = self.indexes.current
        return () if current is None else current.lexical.analyze(text)

    def weight(self, term: str) -> float:
        """How rare a stem is in the indexed articles."""
        current = self.indexes.current
        return 0.0 if current is None else current.lexical.weight(term)

    def count_chunks(self, word: str) -> int:
        """How many indexed chunks have a word, in whatever form."""
        current = self.indexes.current or self.indexes.open_active()
        if current is None:
            return 0
        stems = current.lexical.analyze(word)
        return min(map(current.lexical.count_chunks, stems), default=0)

    def find_near(self, word: str, distance: int, filters: Filters) -> tuple[Article, ...]:
        """Allowed articles that hold a word at most so many letters from this one."""
        current = self.indexes.current or self.indexes.open_active()
        if current is None:
            return ()
        hits = current.lexical.search_near(word, distance, _NEAR_CANDIDATES)
        articles = self.archive.get_many({hit.ref.article_id for hit in hits})
        return tuple(
            article
            for article in articles.values()
            if filters.allows(article.published_at, article.source)
        )

    def _retrieve(
        self,
        index: OpenGeneration,
        query: str,
        filters: Filters,
        wanted: int,
        asked_at: datetime | None,
    ) -> tuple[Passage, ...]:
        vector = self.embedder.embed_question(query)
        dense, lexical = self._search(index, query, vector, filters)
        quoted = self._find_quoted(index, query, filters)
        carriers = self.archive.carriers.find(
            {ref.article_id for ref in (*(hit.ref for hit in (*dense, *lexical)), *quoted)}
        )
        revisions = _find_revisions(carriers, filters)
        quoted = {ref for ref in quoted if revisions.get(ref.article_id) == ref.revision}
        dense = _keep_current(dense, revisions)[:_DENSE_CANDIDATES]
        lexical = _keep_current(lexical, revisions)[:_LEXICAL_CANDIDATES]
        fused = fuse([(self.recipe.dense_weight, dense), (self.recipe.lexical_weight, lexical)])
        preference = Preference(query, filters.window, asked_at)
        dated = self.recipe.prefers_dates
        current = prefer(fused, carriers, preference) if dated else best_first(fused)
        ranked = _collapse_stories(_put_first(quoted, current), carriers, quoted)
        if self.reranker is None or quoted:
            return self._read_passages(index, ranked[:wanted], filters, vector)
        first = ranked[: max(wanted, _RERANKED)]
        passages = self._read_passages(index, first, filters, vector)
        return rerank(self.reranker, query, passages)[:wanted]

    def _find_quoted(self, index: OpenGeneration, query: str, filters: Filters) -> set[ChunkRef]:
        """The chunks that hold what the query quotes, word for word. Nothing where it quotes
        nothing, or what no article that is allowed holds."""
        groups = (self._find_holding(index, group, filters) for group in find_quotations(query))
        return next((holding for holding in groups if holding), set())

    def _find_holding(
        self, index: OpenGeneration, quotations: Sequence[Quotation], filters: Filters
    ) -> set[ChunkRef]:
        holding: set[ChunkRef] = set()
        for quotation in quotations:
            places = self._find_places(index, quotation, filters)
            spans = self.generations.read_spans(index.generation, places) if places else ()
            holding |= {ref for ref, (start, end) in spans if start <= places[ref.article_id] < end}
        return holding

    def _find_places(
        self, index: OpenGeneration, quotation: Quotation, filters: Filters
    ) -> dict[str, int]:
        """Where articles hold the words: the lexical index knows which words a chunk holds, the
        archive in which order."""
        found = index.lexical.search_whole(quotation.words, _QUOTED_CANDIDATES)
        if quotation.marked:
            # What stands in two chunks is whole in neither.
            found += index.lexical.search(quotation.words, _QUOTED_CANDIDATES)
        named = {hit.ref.article_id for hit in found}
        return {
            article_id: place
            for article_id, article in (self.archive.get_many(named) if named else {}).items()
            if filters.allows(article.published_at, article.source)
            and (place := _find_place(quotation.words, article)) is not None
        }

    def _search(
        self, index: OpenGeneration, query: str, vector: Vector, filters: Filters
    ) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        """Candidates from both indexes, some of them not allowed. What a filter allows is named to
        them, unless it is more than would have to be fetched without names."""
        more = 1.0
        if not filters.is_open:
            share = self.archive.count(filters) / max(self.archive.count(), 1)
            more = _MARGIN / share if share else math.inf
            fetched = more * (_DENSE_CANDIDATES + _LEXICAL_CANDIDATES)
            # Counted by Tantivy: Chroma reads all its records to count them.
            if share * index.lexical.count() <= fetched:
                return self._search_among(index, query, vector, filters)
        dense = index.vectors.search(vector, int(more * _DENSE_CANDIDATES))
        return dense, index.lexical.search(query, int(more * _LEXICAL_CANDIDATES))

    def _search_among(
        self, index: OpenGeneration, query: str, vector: Vector, filters: Filters
    ) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        allowed = self.generations.list_chunks(index.generation, filters)
        passed_by = _DENSE_CANDIDATES * index.lexical.count() / max(len(allowed), 1)
        if len(allowed) * _PASSED_BY_A_SCORE <= passed_by:
            dense = index.vectors.score(vector, allowed, _DENSE_CANDIDATES)
        else:
            dense = index.vectors.search(vector, _DENSE_CANDIDATES, allowed)
        article_ids = sorted({ref.article_id for ref in allowed})
        return dense, index.lexical.search(query, _LEXICAL_CANDIDATES, article_ids)

    def _read_passages(
        self,
        index: OpenGeneration,
        ranked: Sequence[Hit],
        filters: Filters,
        vector: Vector,
    ) -> tuple[Passage, ...]:
        stored = self.generations.read_chunks(index.generation, [hit.ref for hit in ranked])
        articles = self.archive.get_many({ref.article_id for ref in stored})
        # Read again: an article that was written meanwhile has other words at these offsets.
        revisions = {article_id: article.revision for article_id, article in articles.items()}
        carriers = self.archive.carriers.of_stories(articles, filters)
        found = [
            hit
            for hit in ranked
            if hit.ref in stored and revisions.get(hit.ref.article_id) == hit.ref.revision
        ]
        return tuple(
            Passage(
                article=articles[hit.ref.article_id],
                chunk=stored[hit.ref][0],
                score=hit.score,
                rank=rank,
                sentence_similarities=tuple(map(float, stored[hit.ref][1] @ vector)),
                also_reported_by=names_of_others(hit.ref.article_id, carriers),
            )
            for rank, hit in enumerate(found, 1)
        )


def _find_revisions(carriers: Mapping[str, Carrier], filters: Filters) -> dict[str, int]:
    """The archive's own revision of each article that is allowed."""
    is_open = filters.is_open
    return {
        article_id: carrier.revision
        for article_id, carrier in carriers.items()
        if is_open or filters.allows(carrier.published_at, carrier.source)
    }


def _keep_current(hits: Sequence[Hit], revisions: Mapping[str, int]) -> tuple[Hit, ...]:
    """The rest are not allowed, or behind the times."""
    return tuple(hit for hit in hits if revisions.get(hit.ref.article_id) == hit.ref.revision)


def _find_place(words: str, article: Article) -> int | None:
    """Where an article's text holds the words; its beginning where its title does."""
    place = find_words(words, article.text)
    if place is not None:
        return place[0]
    return None if find_words(words, article.title) is None else 0


def _put_first(quoted: Collection[ChunkRef], hits: Sequence[Hit]) -> list[Hit]:
    """What holds the words that are quoted, then the rest, each in its order."""
    scores = {hit.ref: hit.score for hit in hits if hit.ref in quoted}
    first = sorted(quoted, key=lambda ref: (-scores.get(ref, 0.0), ref))
    return [
        *(Hit(ref, _CERTAIN) for ref in first),
        *(hit for hit in hits if hit.ref not in quoted),
    ]


def _collapse_stories(
    hits: Sequence[Hit], carriers: Mapping[str, Carrier], quoted: Collection[ChunkRef]
) -> list[Hit]:
    """Keep one carrier of each story: the first published of those found, or where words are
    quoted, of those that hold them."""
    found = {hit.ref.article_id for hit in hits}
    holding = {ref.article_id for ref in quoted}

    def order(carrier: Carrier) -> tuple[bool, bool, datetime, int]:
        return carrier.article_id not in holding, *_publication_order(carrier)

    chosen: dict[str, Carrier] = {}
    for carrier in sorted((carriers[article_id] for article_id in found), key=order):
        chosen.setdefault(carrier.story_id, carrier)
    kept = {carrier.article_id for carrier in chosen.values()}
    return [hit for hit in hits if hit.ref.article_id in kept]


def _publication_order(carrier: Carrier) -> tuple[bool, datetime, int]:
    """The first published first, undated ones last."""
    moment = carrier.published_at
    return moment is None, moment or _UNDATED, carrier.revision


def names_of_others(article_id: str, carriers: Sequence[Carrier]) -> tuple[str, ...]:
    """Who else carries the story of this article."""
    own = next((carrier for carrier in carriers if carrier.article_id == article_id), None)
    if own is None:
        return ()
    others = (carrier.name for carrier in carriers if carrier.story_id == own.story_id)
    return tuple(dict.fromkeys(name for name in others if name != own.name))
