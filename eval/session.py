"""Set up what is evaluated: the corpus taken in by the real pipeline, the bot's own parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.answering.answerer import build_answerer
from bot.answering.llm import build_llm
from bot.settings import BotSettings
from eval.dataset import GoldError, GoldItem, GoldSet
from eval.judge import Judge
from eval.metrics import mean_scores
from eval.report import build_report
from eval.runner import Runner
from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.archive import Archive
from retrieval.errors import SettingsError
from retrieval.indexes import hold_indexes
from retrieval.opening import Library, build_retriever, open_library
from retrieval.retriever import Recipe, Retriever
from retrieval.settings import RetrievalSettings

BASELINES = {
    "BM25 alone": Recipe(dense_weight=0.0, lexical_weight=1.0, prefers_dates=False),
    "dense alone": Recipe(dense_weight=1.0, lexical_weight=0.0, prefers_dates=False),
    "hybrid without time": Recipe(prefers_dates=False),
    "full": Recipe(),
}


@dataclass(frozen=True, slots=True)
class Session:
    """A corpus in an archive of its own, ready for questions."""

    library: Library
    retriever: Retriever
    settings: dict[str, Any]
    runner: Runner

    def evaluate(
        self, gold_set: GoldSet, on_question: Callable[[int, int], None] | None = None
    ) -> dict[str, Any]:
        """The whole report, baselines included."""
        rows = self.runner.run(gold_set.items, on_question)
        answerable = [item for item in gold_set.items if item.answerable]
        return build_report(
            gold_set, rows, self.library.archive.count(), self._rank(answerable), self.settings
        )

    def _rank(self, items: Sequence[GoldItem]) -> dict[str, dict[str, float]]:
        return {
            name: mean_scores(
                [self.runner.rank(item, replace(self.retriever, recipe=recipe)) for item in items]
            )
            for name, recipe in BASELINES.items()
        }


@contextmanager
def open_archive(corpus: Path, home: Path) -> Iterator[Archive]:
    """The corpus in the archive alone, for checks that retrieve nothing."""
    settings = _settings_at(home)
    with open_library(settings) as library:
        archive_articles([str(corpus)], library, IngestSettings.load(), lambda _: None)
        yield library.archive


@contextmanager
def open_session(corpus: Path, home: Path, *, judged: bool = False) -> Iterator[Session]:
    """Ingest the corpus into `home`, where it is not yet. Raises GoldError if there is none, and
    SettingsError if a judge is wanted and no model is configured."""
    settings = _settings_at(home)
    bot = BotSettings.load()
    with (
        open_library(settings) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        done = home / "ingested"
        if not done.exists():
            archive_articles([str(corpus)], library, IngestSettings.load(), lambda _: None)
            Indexer(library).catch_up(indexes)
        if library.archive.count() == 0:
            raise GoldError(f"{corpus} holds no articles: name a corpus")
        done.touch()
        retriever = build_retriever(library, indexes)
        answerer = build_answerer(retriever, build_llm(bot), bot)
        judge = build_judge(bot) if judged else None
        yield Session(
            library=library,
            retriever=retriever,
            settings=describe_settings(settings, bot),
            runner=Runner(library.archive, retriever, answerer, judge, build_llm(bot)),
        )


def build_judge(bot: BotSettings) -> Judge:
    """Raises SettingsError where no model is configured."""
    llm = build_llm(bot)
    if llm is None:
        raise SettingsError("a judge needs a language model: set bot.llm")
    return Judge(llm)


def describe_settings(retrieval: RetrievalSettings, bot: BotSettings) -> dict[str, Any]:
    """What the scores depend on."""
    return {
        "retrieval.embedding_model": retrieval.embedding_model,
        "retrieval.chunk_size_tokens": retrieval.chunk_size_tokens,
        "retrieval.top_k": retrieval.top_k,
        "bot.llm": bot.llm,
        "bot.abstain_below": bot.abstain_below,
    }


def _settings_at(home: Path) -> RetrievalSettings:
    embedded = {"home": home, "archive_url": None, "chroma_url": None}
    return RetrievalSettings.load().model_copy(update=embedded)
