"""Homes of made articles are such as Dateline itself would make, and can be measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from benchmarks.capacity.filling import fill, open_home
from benchmarks.capacity.made import ARTICLES_A_BATCH, Maker, Themes
from benchmarks.capacity.measuring import FILTERS, measure
from benchmarks.capacity.stages import Watch
from benchmarks.homes import read_home
from retrieval.opening import build_retriever
from tests.fakes import KeywordEmbedder
from tests.stores import make_settings

TOPICS = ("harbour strike", "river flood", "museum opening", "train timetable")
SIZES = (40, 120)


@pytest.fixture(scope="module")
def maker() -> Maker:
    embedder = KeywordEmbedder()
    sentences = [
        tuple(f"Number {i} of the {topic} was reported." for i in range(60)) for topic in TOPICS
    ]
    vectors = np.stack([embedder.embed_question(topic) for topic in TOPICS])
    return Maker(Themes(TOPICS, tuple(sentences), vectors))


@pytest.fixture
def homes(maker: Maker, tmp_path: Path) -> Path:
    folder = tmp_path / "homes"
    folder.mkdir()
    fill(folder, maker, SIZES, Console(quiet=True))
    return folder


def test_a_made_batch_is_made_again_and_its_chunks_are_of_its_text(maker: Maker) -> None:
    batch = maker.make_batch(3)
    assert len(batch) == ARTICLES_A_BATCH
    assert [made.article for made in batch] == [made.article for made in maker.make_batch(3)]
    for made in batch:
        for each in made.chunks:
            assert len(each.sentence_vectors) == len(each.chunk.sentences)
            for start, end in each.chunk.sentences:
                assert made.article.text[start:end].endswith("was reported.")


def test_a_copy_has_the_text_of_the_article_before_it(maker: Maker) -> None:
    batch = maker.make_batch(0)
    copies = [number for number, made in enumerate(batch) if made.is_copy]
    assert len(copies) == pytest.approx(ARTICLES_A_BATCH / 10, rel=0.5)
    for number in copies:
        assert batch[number].article.text == batch[number - 1].article.text


@pytest.mark.embedded
def test_homes_grow_and_hold_what_homes_hold(homes: Path) -> None:
    for size in SIZES:
        home = read_home(make_settings(homes / str(size)), ["harbour"])
        assert home.faults == ()
        assert size <= len(home.chunks) < size + 20
        assert home.found["harbour"]
    assert any(len(carriers) > 1 for carriers in home.stories.values())


@pytest.mark.embedded
def test_a_watched_retriever_finds_the_same_and_its_stages_add_up(homes: Path) -> None:
    with open_home(homes / str(SIZES[0]), KeywordEmbedder()) as (library, indexes):
        retriever = build_retriever(library, indexes)
        watch = Watch()
        watched = watch.over(retriever)
        assert watched.retrieve("harbour strike") == retriever.retrieve("harbour strike")
        spent = watch.measure(lambda: watched.retrieve("river flood"))
    whole = spent.pop("")
    assert sum(cost.wall_ms for cost in spent.values()) == pytest.approx(whole.wall_ms)
    assert spent["nearest vectors (Chroma)"].wall_ms > 0
    assert spent["words (Tantivy)"].wall_ms > 0


@pytest.mark.embedded
def test_a_home_is_measured_and_left_as_it_was(
    homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.capacity.measuring._READ_BY_READER", 2)
    monkeypatch.setattr("benchmarks.capacity.measuring._ARTICLES_ADDED", 1)
    home = homes / str(SIZES[1])
    before = read_home(make_settings(home))
    questions = [f"Who reported number {i} of the flood?" for i in range(41 + 2 * len(FILTERS))]
    found = measure(home, questions, 2, KeywordEmbedder())
    assert found["chunks"] == len(before.chunks)
    assert found["recall"] > 0.9
    assert set(found["latencies_ms"]) == set(FILTERS)
    after = read_home(make_settings(home))
    assert after.faults == ()
    assert after.chunks == before.chunks
