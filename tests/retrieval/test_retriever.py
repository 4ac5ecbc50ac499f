"""The retriever over real indexes, with the keyword embedder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from ingest.indexer import Indexer
from retrieval.archive import Archive
from retrieval.generations import EmbeddedChunk
from retrieval.indexes import Indexes
from retrieval.lexical import LexicalChunk
from retrieval.opening import Library, build_retriever
from retrieval.schema import Article, Chunk, ChunkRef, Filters, Window
from tests.factories import make_article, put_article
from tests.fakes import KeywordEmbedder

CABLE = "A cable on the sea floor between Finland and Estonia was cut by a tanker's anchor."
JUNE = datetime(2025, 6, 25, 16, 0, tzinfo=UTC)


def make_cable(
    number: int, published_at: datetime | None = JUNE, source: str | None = "Meridian Wire"
) -> Article:
    """Articles of like words and each of its own story."""
    return make_article(
        title=f"Cable {number} cut",
        text=f"A cable was cut near island {number}. Repair of the cable takes {number} weeks.",
        url=f"https://example.org/cables/{number}",
        published_at=published_at,
        source=source,
    )


def index_articles(
    library: Library, indexer: Indexer, indexes: Indexes, *articles: Article
) -> None:
    for article in articles:
        put_article(library.archive, article)
    indexer.catch_up(indexes)


def test_retriever_finds_the_article_that_shares_the_query_s_words(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_article(library.archive, make_article())
    other = make_article(
        title="Cables cut",
        text="A cable on the sea floor between Finland and Estonia was cut by a tanker's anchor.",
        url="https://example.org/cables",
    )
    put_article(library.archive, other)
    indexer.catch_up(indexes)
    passages = build_retriever(library, indexes).retrieve("Who cut the cable to Estonia?")
    assert passages[0].article.title == "Cables cut"
    assert passages[0].rank == 1


def test_retriever_leaves_out_what_was_published_after_as_of(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    put_article(library.archive, make_article())
    indexer.catch_up(indexes)
    retriever = build_retriever(library, indexes)
    window = Window(as_of=datetime(2025, 6, 24, tzinfo=UTC))
    assert retriever.retrieve("Where did leaders meet?", Filters(window)) == ()
    assert retriever.retrieve("Where did leaders meet?") != ()


def test_retriever_finds_nothing_before_anything_is_indexed(
    library: Library, indexes: Indexes
) -> None:
    retriever = build_retriever(library, indexes)
    assert retriever.retrieve("Who cut the cable?") == ()
    assert retriever.analyze("cables") == ()
    assert retriever.weight("cabl") == 0.0


def test_a_passage_is_the_archive_s_text_with_a_similarity_for_each_sentence(
    library: Library, indexer: Indexer, indexes: Indexes, embedder: KeywordEmbedder
) -> None:
    article = make_article()
    index_articles(library, indexer, indexes, article)
    query = "Who chaired the talks?"
    (passage,) = build_retriever(library, indexes).retrieve(query)
    assert passage.article == library.archive.get(article.article_id)
    assert passage.text == article.text
    sentences = [article.text[start:end] for start, end in passage.chunk.sentences]
    assert sentences[-1] == "Mark Rutte chaired the talks."
    vector = embedder.embed_question(query)
    expected = [float(embedder.embed_question(sentence) @ vector) for sentence in sentences]
    assert passage.sentence_similarities == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize(
    ("window", "found"),
    [
        (Window(), {1, 2, 3, 4}),
        (Window(since=JUNE), {2, 3}),
        (Window(until=JUNE), {1, 2}),
        (Window(as_of=JUNE + timedelta(days=29)), {1, 2}),
        (Window(since=JUNE, until=JUNE), {2}),
        (Window(since=JUNE + timedelta(days=60)), set()),
        (Window(prefer_since=JUNE), {1, 2, 3, 4}),
    ],
)
def test_a_hard_window_is_a_filter_and_leaves_out_the_undated(
    library: Library, indexer: Indexer, indexes: Indexes, window: Window, found: set[int]
) -> None:
    month = timedelta(days=30)
    dates = (JUNE - month, JUNE, JUNE + month, None)
    articles = [make_cable(number, date) for number, date in enumerate(dates, 1)]
    index_articles(library, indexer, indexes, *articles)
    passages = build_retriever(library, indexes).retrieve("Who cut the cable?", Filters(window))
    expected = {make_cable(number).article_id for number in found}
    assert {passage.article.article_id for passage in passages} == expected


def test_sources_are_a_filter_whatever_their_case(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    articles = [
        make_cable(1, source="Łódź Herald"),
        make_cable(2, source="Meridian Wire"),
        make_cable(3, source=None),
    ]
    index_articles(library, indexer, indexes, *articles)
    retriever = build_retriever(library, indexes)
    one = retriever.retrieve("Who cut the cable?", Filters(sources=("ŁÓDŹ herald",)))
    assert [passage.article.source for passage in one] == ["Łódź Herald"]
    two = retriever.retrieve(
        "Who cut the cable?", Filters(sources=("Łódź Herald", "meridian wire"))
    )
    assert {passage.article.source for passage in two} == {"Łódź Herald", "Meridian Wire"}
    assert retriever.retrieve("Who cut the cable?", Filters(sources=("Nobody",))) == ()


def test_a_soft_window_raises_what_was_published_in_it(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    early, late = make_cable(1, JUNE), make_cable(2, JUNE + timedelta(days=300))
    index_articles(library, indexer, indexes, early, late)
    retriever = build_retriever(library, indexes)
    for article in (early, late):
        assert article.published_at is not None
        day = timedelta(days=1)
        window = Window(
            prefer_since=article.published_at - day, prefer_until=article.published_at + day
        )
        passages = retriever.retrieve("Who cut the cable?", Filters(window))
        assert passages[0].article.title == article.title
        assert len(passages) == 2


def test_words_for_the_present_put_the_newest_first(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    old = make_article(
        title="Commander of the fleet takes office",
        text="Ann Ekholm is commander of the fleet from today, the navy said.",
        url="https://example.org/old",
        published_at=JUNE - timedelta(days=700),
    )
    new = make_article(
        title="Parliament votes on the fleet",
        text="Bo Lund is commander of the fleet from today, the navy said.",
        url="https://example.org/new",
        published_at=JUNE,
    )
    index_articles(library, indexer, indexes, old, new, make_cable(1), make_cable(2))
    retriever = build_retriever(library, indexes)
    plain = retriever.retrieve("Who takes office as commander of the fleet?")
    assert [passage.article.title for passage in plain[:2]] == [old.title, new.title]
    latest = retriever.retrieve("Who is currently commander of the fleet?")
    assert [passage.article.title for passage in latest[:2]] == [new.title, old.title]


def test_an_undated_article_is_not_taken_for_the_newest(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    undated, dated = (
        make_article(
            title="Cable cut",
            text=f"A cable was cut near the island of {island}.",
            url=island,
            published_at=published_at,
        )
        for island, published_at in (("Gotland", None), ("Bornholm", JUNE))
    )
    index_articles(library, indexer, indexes, undated, dated, make_article())
    passages = build_retriever(library, indexes).retrieve("What is the latest on the cable cut?")
    assert [passage.article.url for passage in passages[:2]] == ["Bornholm", "Gotland"]


def test_carriers_of_one_story_are_one_passage_that_names_the_others(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    first = make_article(
        title="Cable cut",
        text=CABLE + " Repair takes two weeks, the owner said on Monday.",
        url="a",
    )
    copies = [
        replace(first, url=name, source=name, published_at=JUNE + timedelta(hours=hours))
        for name, hours in (("Harbour Courier", 2), ("Northern Ledger", 1))
    ]
    index_articles(library, indexer, indexes, copies[0], first, copies[1])
    (passage,) = build_retriever(library, indexes).retrieve("Who cut the cable?")
    assert passage.article.source == "Meridian Wire"
    assert passage.also_reported_by == ("Northern Ledger", "Harbour Courier")


def test_a_carrier_outside_the_window_is_neither_found_nor_named(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    early = make_article(text=CABLE, url="a", source="Early", published_at=JUNE)
    late = replace(early, url="b", source="Late", published_at=JUNE + timedelta(days=1))
    index_articles(library, indexer, indexes, early, late)
    retriever = build_retriever(library, indexes)
    (before,) = retriever.retrieve("Who cut the cable?", Filters(Window(as_of=JUNE)))
    assert (before.article.source, before.also_reported_by) == ("Early", ())
    (after,) = retriever.retrieve(
        "Who cut the cable?", Filters(Window(since=JUNE + timedelta(hours=1)))
    )
    assert (after.article.source, after.also_reported_by) == ("Late", ())


def test_an_updated_article_is_not_found_by_its_old_words_before_it_is_indexed(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    index_articles(library, indexer, indexes, make_article(text=CABLE), make_cable(2))
    retriever = build_retriever(library, indexes)
    put_article(library.archive, make_article(text="The report on the cable was withdrawn."))
    titles = [passage.article.title for passage in retriever.retrieve("Who cut the cable?")]
    assert titles == ["Cable 2 cut"]
    indexer.catch_up(indexes)
    texts = [passage.text for passage in retriever.retrieve("Who cut the cable?")]
    assert "The report on the cable was withdrawn." in texts
    assert not any("anchor" in text for text in texts)


def test_a_removed_article_is_not_found_before_the_indexer_ran_nor_after(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    index_articles(library, indexer, indexes, make_cable(1), make_cable(2))
    retriever = build_retriever(library, indexes)
    library.archive.remove(make_cable(1).article_id)
    for _ in range(2):
        passages = retriever.retrieve("Who cut the cable?")
        assert [passage.article.title for passage in passages] == ["Cable 2 cut"]
        indexer.catch_up(indexes)


def test_what_is_indexed_later_is_found_by_the_retriever_that_is_open(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    index_articles(library, indexer, indexes, make_cable(1))
    retriever = build_retriever(library, indexes)
    index_articles(library, indexer, indexes, make_cable(2))
    assert len(retriever.retrieve("Who cut the cable?")) == 2


def test_top_k_limits_the_passages_and_ranks_count_up(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    articles = [make_cable(number, JUNE + timedelta(days=number)) for number in range(12)]
    index_articles(library, indexer, indexes, *articles)
    retriever = build_retriever(library, indexes)
    passages = retriever.retrieve("Who cut the cable?")
    assert len(passages) == library.settings.top_k == 8
    assert [passage.rank for passage in passages] == list(range(1, 9))
    scores = [passage.score for passage in passages]
    assert scores == sorted(scores, reverse=True)
    assert retriever.retrieve("Who cut the cable?", top_k=3) == passages[:3]


def test_the_same_question_gets_the_same_passages_again(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    index_articles(library, indexer, indexes, *map(make_cable, range(12)))
    retriever = build_retriever(library, indexes)
    first = retriever.retrieve("Who cut the cable?")
    assert all(retriever.retrieve("Who cut the cable?") == first for _ in range(3))
    assert build_retriever(library, indexes).retrieve("Who cut the cable?") == first


def test_a_question_of_no_words_breaks_nothing(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    index_articles(library, indexer, indexes, make_cable(1))
    retriever = build_retriever(library, indexes)
    for query in ("", "?!", "   "):
        assert len(retriever.retrieve(query)) <= 1


@pytest.mark.parametrize("margin", [10.0, 1.5], ids=["named", "more fetched"])
def test_a_filter_that_allows_many_chunks_is_still_a_filter(
    library: Library,
    indexes: Indexes,
    embedder: KeywordEmbedder,
    margin: float,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """More allowed chunks than are scored one by one, and the nearest of all not allowed."""
    monkeypatch.setattr("retrieval.retriever._MARGIN", margin)
    allowed, other = make_cable(1, source="Wide Post"), make_cable(2, source="Other Post")
    for article in (allowed, other):
        put_article(library.archive, article)
    indexes.create(active=True)
    index = indexes.open_active()
    assert index is not None
    near = embedder.embed_question("Who cut the cable?")
    far = np.random.default_rng(0).normal(size=(5_001, len(near))).astype(np.float32)
    far /= np.linalg.norm(far, axis=1, keepdims=True)
    counts = {allowed: 5_001, other: 100}
    for revision, article in enumerate(counts, 1):
        span = (0, len(article.text))
        chunks = [Chunk(i, *span, (span,)) for i in range(counts[article])]
        vectors = list(far) if article is allowed else [near] * len(chunks)
        vectors[17] = near
        refs = [ChunkRef(article.article_id, chunk.ordinal, revision) for chunk in chunks]
        embedded = [
            EmbeddedChunk(chunk, vector, np.array([vector]))
            for chunk, vector in zip(chunks, vectors, strict=True)
        ]
        library.generations.replace_chunks(
            index.generation, {(article.article_id, revision): embedded}, ()
        )
        index.vectors.replace([article.article_id], refs, vectors)
        words = [LexicalChunk(ref, "nothing") for ref in refs]
        index.lexical.replace([article.article_id], words)
    retriever = build_retriever(library, indexes)
    passages = retriever.retrieve("Who cut the cable?", Filters(sources=("Wide Post",)))
    assert {passage.article.source for passage in passages} == {"Wide Post"}
    assert passages[0].chunk.ordinal == 17


class RewritingArchive(Archive):
    """Somebody corrects the article in the moment before its text is read."""

    correction: Article | None = None

    def get_many(self, article_ids: Iterable[str]) -> dict[str, Article]:
        if self.correction is not None:
            correction, self.correction = self.correction, None
            put_article(self, correction)
        return super().get_many(article_ids)


def test_an_article_corrected_while_it_is_read_is_not_quoted_at_the_old_offsets(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    index_articles(library, indexer, indexes, make_cable(1), make_cable(2))
    archive = RewritingArchive(library.database)
    archive.correction = replace(
        make_cable(1), text="It was no cable near island 1. It was a pipe."
    )
    retriever = build_retriever(replace(library, archive=archive), indexes)
    passages = retriever.retrieve("Which cable was cut near island 1?")
    assert {passage.article.title for passage in passages} == {"Cable 2 cut"}


QUOTED = "Repair of the cable takes 7 weeks."


@pytest.mark.parametrize(
    "query",
    [
        f"Which article says: “{QUOTED}”?",
        f'"{QUOTED}"',
        "Who said «repair of the cable takes 7 weeks»?",
        "A cable was cut near island 7. Repair of the cable takes 7 weeks.",
        "Which article says that a cable was cut near island 7?",
    ],
)
def test_the_article_that_holds_quoted_words_comes_first_however_old(
    library: Library, indexer: Indexer, indexes: Indexes, query: str
) -> None:
    old = [make_cable(number, JUNE - timedelta(days=1000)) for number in (7,)]
    new = [make_cable(number, JUNE) for number in (1, 2, 3, 17, 70)]
    index_articles(library, indexer, indexes, *old, *new)
    passages = build_retriever(library, indexes).retrieve(query, asked_at=JUNE)
    assert passages[0].article.title == "Cable 7 cut"
    assert [passage.rank for passage in passages] == list(range(1, len(passages) + 1))
    assert len({passage.article.article_id for passage in passages}) == len(passages) == 6


def test_of_a_story_the_carrier_that_holds_the_quoted_words_is_kept(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    first = make_cable(7, JUNE - timedelta(days=1))
    copy = replace(first, url="https://example.org/copy", source="Northern Ledger")
    ended = replace(
        copy, text=f"{copy.text} The ship was held in port.", published_at=JUNE, title="Ship held"
    )
    index_articles(library, indexer, indexes, first, ended)
    query = "Who said “the ship was held in port”?"
    (passage, *_) = build_retriever(library, indexes).retrieve(query)
    assert passage.article.title == "Ship held"


def test_quoted_words_do_not_bring_what_is_not_allowed(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    index_articles(library, indexer, indexes, make_cable(7), make_cable(1, JUNE - timedelta(9)))
    before = Filters(Window(as_of=JUNE - timedelta(days=1)))
    passages = build_retriever(library, indexes).retrieve(f"“{QUOTED}”", before)
    assert [passage.article.title for passage in passages] == ["Cable 1 cut"]


def test_quoted_words_are_found_across_chunks(
    library: Library, indexer: Indexer, indexes: Indexes
) -> None:
    filler = " ".join(f"The board of island {n} met in room {n}." for n in range(80))
    article = make_article(text=f"{filler} {QUOTED}", title="Board")
    index_articles(library, indexer, indexes, article, *map(make_cable, range(5)))
    query = f"“{filler} {QUOTED}”"
    assert build_retriever(library, indexes).retrieve(query)[0].article.title == "Board"
