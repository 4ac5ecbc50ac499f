"""The parts put together."""

from __future__ import annotations

import pytest

from retrieval.embedder import SentenceTransformerEmbedder
from retrieval.errors import StorageError
from retrieval.opening import open_library
from retrieval.settings import RetrievalSettings
from tests.fakes import KeywordEmbedder


@pytest.mark.embedded
def test_opening_a_library_loads_neither_model_nor_indexes(settings: RetrievalSettings) -> None:
    with open_library(settings) as library:
        assert isinstance(library.embedder, SentenceTransformerEmbedder)
        assert library.embedder.model_name == settings.embedding_model
        assert library.archive.count() == 0
    names = {path.name for path in settings.home.iterdir()}
    assert not names & {"models", "chroma", "lexical", "index.lock"}


def test_a_library_takes_the_embedder_it_is_given(settings: RetrievalSettings) -> None:
    embedder = KeywordEmbedder()
    with open_library(settings, embedder) as library:
        assert library.embedder is embedder


@pytest.mark.embedded
def test_a_library_that_cannot_be_opened_says_so(settings: RetrievalSettings) -> None:
    settings.home.parent.joinpath("home").write_text("a file where the folder should be")
    with pytest.raises(StorageError), open_library(settings):
        pass
