"""BM25 in a real Tantivy folder."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from retrieval.errors import StorageError
from retrieval.lexical import LexicalChunk, TantivyIndex
from retrieval.schema import Chunk, ChunkRef
from tests.factories import make_article


@pytest.fixture
def index(tmp_path: Path) -> TantivyIndex:
    return TantivyIndex.open(tmp_path / "lexical")


def write(index: TantivyIndex, **words: str) -> None:
    chunks = [LexicalChunk(ChunkRef(name, 0, 1), text) for name, text in words.items()]
    index.replace(list(words), chunks)


def find(index: TantivyIndex, query: str, article_ids: list[str] | None = None) -> list[str]:
    return [hit.ref.article_id for hit in index.search(query, 10, article_ids)]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("ships", "A ship left port."),
        ("agreeing", "They agreed."),
        ("NATO", "nato decided"),
        ("Wladyslaw", "Władysław spoke."),
        ("Władysław", "Wladyslaw spoke."),
        ("Turkiye", "TÜRKİYE hosts."),
        ("Zurich", "Zürich votes."),
        ("5", "5% of GDP"),
    ],
)
def test_words_match_whatever_their_form_case_and_diacritics(
    index: TantivyIndex, query: str, words: str
) -> None:
    write(index, match=words, other="Nothing in common here.")
    assert find(index, query) == ["match"]


def test_search_ranks_more_and_rarer_words_first(index: TantivyIndex) -> None:
    write(
        index,
        both="the cable was cut by an anchor",
        common="the talks on the cable",
        none="a summit in spring",
    )
    assert find(index, "cable anchor") == ["both", "common"]


def test_in_a_large_index_what_most_chunks_say_finds_none_beside_other_words(
    index: TantivyIndex,
) -> None:
    many = [LexicalChunk(ChunkRef(f"a{n}", 0, 1), "the talks went on") for n in range(10_000)]
    few = [LexicalChunk(ChunkRef(f"b{n}", 0, 1), "the cable was cut") for n in range(3)]
    index.replace((), many + few)
    assert sorted(find(index, "the talks on the cable")) == ["b0", "b1", "b2"]
    assert len(find(index, "the talks")) == 10


def test_search_gives_no_more_than_the_limit_best_first(index: TantivyIndex) -> None:
    write(index, once="cable on the sea floor", thrice="cable cable cable", twice="cable cable cut")
    hits = index.search("cable", 2)
    assert len(hits) == 2
    assert hits[0].score >= hits[1].score


@pytest.mark.parametrize("query", ["", "   ", "?!… —"])
def test_a_query_without_words_finds_nothing(index: TantivyIndex, query: str) -> None:
    write(index, a="Some words.")
    assert index.search(query, 10) == ()
    assert index.search(query, 10, ["a"]) == ()


@pytest.mark.parametrize("query", ["title:cable AND (", 'cable"', "-cable", "cable^9", "+[a TO"])
def test_a_query_is_words_and_not_a_query_language(index: TantivyIndex, query: str) -> None:
    write(index, a="The cable to Estonia.")
    assert find(index, f"{query} Estonia") == ["a"]


def test_search_can_be_kept_to_named_articles_without_changing_scores(index: TantivyIndex) -> None:
    write(index, a="the cable was cut", b="a cable repaired", c="a summit in spring")
    everywhere = {hit.ref.article_id: hit.score for hit in index.search("cable", 10)}
    (hit,) = index.search("cable", 10, ["b", "c"])
    assert hit.ref.article_id == "b"
    assert hit.score == pytest.approx(everywhere["b"])
    assert index.search("cable", 10, []) == ()


def test_replacing_an_article_leaves_none_of_its_old_words(index: TantivyIndex) -> None:
    refs = [ChunkRef("a", ordinal, 1) for ordinal in range(3)]
    index.replace(["a"], [LexicalChunk(ref, "old cable") for ref in refs])
    write(index, b="old summit")
    index.replace(["a"], [LexicalChunk(ChunkRef("a", 0, 2), "new cable")])
    assert find(index, "old") == ["b"]
    assert [hit.ref for hit in index.search("cable", 10)] == [ChunkRef("a", 0, 2)]
    assert index.count() == 2


def test_replacing_an_article_by_nothing_removes_it(index: TantivyIndex) -> None:
    write(index, a="the cable", b="the summit")
    index.replace(["a"], [])
    assert find(index, "cable") == []
    assert index.count() == 1


def test_ids_are_deleted_whole_and_not_by_their_beginning(index: TantivyIndex) -> None:
    write(index, a="cable", ab="cable")
    index.replace(["a"], [])
    assert find(index, "cable") == ["ab"]


def test_weight_is_the_inverse_document_frequency_of_bm25(index: TantivyIndex) -> None:
    write(index, a="cable cable", b="cable cut", c="the summit", d="the talks")
    # N = 4 chunks. "cabl" is in n = 2: ln(1 + (4 - 2 + 0.5) / (2 + 0.5)) = ln 2.
    assert index.weight("cabl") == pytest.approx(math.log(2))
    # "summit" is in n = 1: ln(1 + 3.5 / 1.5) = ln(10 / 3).
    assert index.weight("summit") == pytest.approx(math.log(10 / 3))
    # An unknown word, n = 0: ln(1 + 4.5 / 0.5) = ln 10.
    assert index.weight("unknown") == pytest.approx(math.log(10))


def test_weight_does_not_count_chunks_that_were_removed(index: TantivyIndex) -> None:
    write(index, **{f"article{number}": "the cable" for number in range(8)})
    index.replace([f"article{number}" for number in range(7)], [])
    # One chunk is left and has the word: ln(1 + (1 - 1 + 0.5) / (1 + 0.5)) = ln(4 / 3).
    assert index.weight("cabl") == pytest.approx(math.log(4 / 3))


def test_analyze_gives_stems_in_the_order_of_the_words(index: TantivyIndex) -> None:
    assert index.analyze("Ministers' ships SAILED to Łódź, twice.") == (
        "minist",
        "ship",
        "sail",
        "to",
        "lodz",
        "twice",
    )


def test_what_was_written_is_there_when_the_folder_is_opened_again(tmp_path: Path) -> None:
    write(TantivyIndex.open(tmp_path / "lexical"), a="Władysław spoke")
    assert find(TantivyIndex.open(tmp_path / "lexical"), "wladyslaw") == ["a"]


def test_a_missing_or_empty_folder_gets_an_index_that_is_at_the_beginning(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name in ("nowhere", "empty"):
        index = TantivyIndex.open(tmp_path / name)
        assert (index.count(), index.checkpoint) == (0, 0)


def test_an_index_whose_checkpoint_cannot_be_read_is_at_the_beginning(tmp_path: Path) -> None:
    index = TantivyIndex.open(tmp_path / "lexical")
    index.move_checkpoint(7)
    assert TantivyIndex.open(tmp_path / "lexical").checkpoint == 7
    (tmp_path / "lexical" / "checkpoint").write_bytes(b"")
    assert TantivyIndex.open(tmp_path / "lexical").checkpoint == 0


def test_a_damaged_index_is_one_error_that_says_what_to_delete(tmp_path: Path) -> None:
    folder = tmp_path / "lexical"
    write(TantivyIndex.open(folder), a="Władysław spoke")
    (folder / "meta.json").write_text("a letter to the editor")
    with pytest.raises(StorageError, match="delete the folder") as caught:
        TantivyIndex.open(folder)
    assert str(folder) in str(caught.value)


def test_a_dropped_folder_is_gone_and_dropping_it_again_is_harmless(tmp_path: Path) -> None:
    TantivyIndex.open(tmp_path / "lexical")
    TantivyIndex.drop(tmp_path / "lexical")
    TantivyIndex.drop(tmp_path / "lexical")
    assert not (tmp_path / "lexical").exists()


def test_title_source_and_date_stand_in_front_of_a_chunk_s_words() -> None:
    article = make_article(
        title="Cables cut",
        text="Not this. But this.",
        source="Meridian Wire",
        published_at=datetime(2026, 2, 12, tzinfo=UTC),
    )
    chunk = LexicalChunk.of(replace(article, revision=4), Chunk(1, 10, 19, ((10, 19),)))
    assert chunk.words == "Cables cut\nMeridian Wire\n12 February 2026\nBut this."
    assert chunk.ref == ChunkRef(article.article_id, 1, 4)


def test_an_article_without_source_and_date_is_indexed_without_them() -> None:
    article = make_article(title="Cables cut", text="Words.", source=None, published_at=None)
    chunk = LexicalChunk.of(article, Chunk(0, 0, 6, ((0, 6),)))
    assert chunk.words == "Cables cut\n\n\nWords."
