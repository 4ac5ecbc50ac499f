"""Set up what is evaluated: the corpus taken in by the real pipeline, the bot's own parts."""

from __future__ import annotations

from pathlib import Path

from bot.answering.answerer import build_answerer
from bot.answering.llm import build_llm
from bot.settings import BotSettings
from eval.dataset import GoldError, GoldSet
from eval.runner import Row, Runner
from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.indexes import hold_indexes
from retrieval.opening import build_retriever, open_library
from retrieval.settings import RetrievalSettings


def run_gold(gold_set: GoldSet, corpus: Path, home: Path) -> tuple[Row, ...]:
    """Raises GoldError if the corpus holds no articles."""
    settings = RetrievalSettings.load().model_copy(update={"home": home, "archive_url": None})
    bot = BotSettings.load()
    with (
        open_library(settings) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        archive_articles([str(corpus)], library.archive, IngestSettings.load(), lambda _: None)
        if library.archive.count() == 0:
            raise GoldError(f"{corpus} holds no articles to ask about")
        Indexer(library).catch_up(indexes)
        retriever = build_retriever(library, indexes)
        answerer = build_answerer(retriever, build_llm(bot), bot.abstain_below)
        return Runner(library.archive, retriever, answerer).run(gold_set.items)
