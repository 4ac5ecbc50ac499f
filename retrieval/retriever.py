"""From a query to ranked passages: dense and lexical candidates, fused, filtered, collapsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from retrieval.archive import Archive, Carrier
from retrieval.embedder import Embedder, Vector
from retrieval.fusion import fuse
from retrieval.generations import Generations
from retrieval.indexes import OpenGeneration
from retrieval.schema import ChunkRef, Filters, Hit, Passage
from retrieval.windows import asks_for_newest

_UNDATED = datetime.min.replace(tzinfo=UTC)
_CANDIDATES = 100
# Up to here every allowed chunk is scored exactly; above, the index is over-fetched.
_EXACT_LIMIT = 5_000
# Added to a fused score (0 to 1) where the question's own words prefer the article's date.
_WINDOW_BONUS = 0.5
_NEWEST_BONUS = 0.3


@dataclass(frozen=True, slots=True)
class Recipe:
    """How candidates become a ranking; the evaluation shows what each part is worth."""

    dense_weight: float = 0.5
    lexical_weight: float = 0.5
    prefers_dates: bool = True


@dataclass(frozen=True, slots=True)
class Retriever:
    """Retrieves from one open generation; `index` is None while nothing is indexed."""

    archive: Archive
    generations: Generations
    index: OpenGeneration | None
    embedder: Embedder
    top_k: int
    recipe: Recipe = field(default_factory=Recipe)

    def retrieve(
        self, query: str, filters: Filters = Filters(), top_k: int | None = None
    ) -> tuple[Passage, ...]:
        """The passages that bear on the query most, best first."""
        if self.index is None:
            return ()
        vector = self.embedder.embed_question(query)
        dense, lexical = self._search(self.index, query, vector, filters)
        fused = fuse([(self.recipe.dense_weight, dense), (self.recipe.lexical_weight, lexical)])
        carriers = self.archive.carriers({ref.article_id for ref in fused}, filters)
        current = _drop_stale(fused, carriers)
        newest = asks_for_newest(query)
        if self.recipe.prefers_dates:
            current = _prefer_dates(current, carriers, filters, newest=newest)
        collapsed = _collapse_stories(current, carriers)
        return self._read_passages(self.index, collapsed[: top_k or self.top_k], carriers, vector)

    def analyze(self, text: str) -> tuple[str, ...]:
        """Stems, as the lexical index makes them."""
        return () if self.index is None else self.index.lexical.analyze(text)

    def weight(self, term: str) -> float:
        """How rare a stem is in the indexed articles."""
        return 0.0 if self.index is None else self.index.lexical.weight(term)

    def _search(
        self, index: OpenGeneration, query: str, vector: Vector, filters: Filters
    ) -> tuple[tuple[Hit, ...], tuple[Hit, ...]]:
        """Candidates from both indexes. A filtered search of Chroma is forty times slower than
        an open one, so that filters are met by exact scores or by fetching more."""
        if filters.is_open:
            dense = index.vectors.search(vector, _CANDIDATES)
            return dense, index.lexical.search(query, _CANDIDATES)
        allowed = self.generations.list_chunks(index.generation, filters)
        if len(allowed) <= _EXACT_LIMIT:
            dense = index.vectors.score(vector, allowed, _CANDIDATES)
        else:
            share = len(allowed) / max(index.vectors.count(), 1)
            dense = index.vectors.search(vector, int(2 * _CANDIDATES / share))
            kept = set(allowed)
            dense = tuple(hit for hit in dense if hit.ref in kept)[:_CANDIDATES]
        article_ids = sorted({ref.article_id for ref in allowed})
        return dense, index.lexical.search(query, _CANDIDATES, article_ids)

    def _read_passages(
        self,
        index: OpenGeneration,
        ranked: Sequence[Hit],
        carriers: Sequence[Carrier],
        vector: Vector,
    ) -> tuple[Passage, ...]:
        stored = self.generations.read_chunks(index.generation, [hit.ref for hit in ranked])
        articles = self.archive.get_many({ref.article_id for ref in stored})
        # Read again: an article that was written meanwhile has other words at these offsets.
        revisions = {article_id: article.revision for article_id, article in articles.items()}
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
                also_reported_by=_names_of_others(hit.ref.article_id, carriers),
            )
            for rank, hit in enumerate(found, 1)
        )


def _drop_stale(fused: dict[ChunkRef, float], carriers: Sequence[Carrier]) -> list[Hit]:
    """Hits on the archive's own revision of an allowed article; the rest are behind the times."""
    revisions = {carrier.article_id: carrier.revision for carrier in carriers}
    return [
        Hit(ref, score)
        for ref, score in fused.items()
        if revisions.get(ref.article_id) == ref.revision
    ]


def _prefer_dates(
    hits: Sequence[Hit], carriers: Sequence[Carrier], filters: Filters, *, newest: bool
) -> list[Hit]:
    """Raise hits of the preferred window and, where the newest is asked for, newer ones.

    Best first; of equal scores the newer first.
    """
    published = {carrier.article_id: carrier.published_at for carrier in carriers}
    moments = [moment for moment in published.values() if moment is not None]
    first, last = min(moments, default=_UNDATED), max(moments, default=_UNDATED)

    def raised(hit: Hit) -> Hit:
        moment = published[hit.ref.article_id]
        bonus = _WINDOW_BONUS if filters.window.prefers(moment) else 0.0
        if newest and moment is not None:
            bonus += _NEWEST_BONUS * _position(first, moment, last)
        return replace(hit, score=hit.score + bonus)

    def order(hit: Hit) -> tuple[float, float, str]:
        age_s = (last - (published[hit.ref.article_id] or _UNDATED)).total_seconds()
        return -hit.score, age_s, hit.ref.chunk_id

    return sorted(map(raised, hits), key=order)


def _position(first: datetime, moment: datetime, last: datetime) -> float:
    """Where a moment lies between two others, 0 to 1."""
    span = (last - first).total_seconds()
    return (moment - first).total_seconds() / span if span else 1.0


def _collapse_stories(hits: Sequence[Hit], carriers: Sequence[Carrier]) -> list[Hit]:
    """Keep one carrier of each story: the first published of those found."""
    found = {hit.ref.article_id for hit in hits}
    chosen: dict[str, str] = {}
    for carrier in carriers:
        if carrier.article_id in found:
            chosen.setdefault(carrier.story_id, carrier.article_id)
    kept = set(chosen.values())
    return [hit for hit in hits if hit.ref.article_id in kept]


def _names_of_others(article_id: str, carriers: Sequence[Carrier]) -> tuple[str, ...]:
    """Who else carries the story of this article."""
    own = next(carrier for carrier in carriers if carrier.article_id == article_id)
    others = (carrier.name for carrier in carriers if carrier.story_id == own.story_id)
    return tuple(dict.fromkeys(name for name in others if name != own.name))
