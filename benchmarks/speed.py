"""How fast: taking articles in, and answering, as ratios to plain sentence-transformers.

    make bench

Machines are noisy: the ratios are what counts, both sides measured in one run.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.answering.answerer import build_answerer
from bot.answering.questions import build_question
from bot.settings import BotSettings
from eval.dataset import EXAMPLES, GOLD, load_gold
from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.embedder import bundled_folder
from retrieval.indexes import hold_indexes
from retrieval.opening import build_retriever, open_library
from retrieval.settings import RetrievalSettings

_ROUNDS = 3


def main() -> None:
    console = Console()
    console.print("Measuring (about a minute) …")
    texts = [item.question for item in load_gold(GOLD).items]
    with tempfile.TemporaryDirectory() as home:
        settings = RetrievalSettings.load().model_copy(update={"home": Path(home)})
        with (
            open_library(settings) as library,
            hold_indexes(settings, library.generations) as indexes,
        ):
            archive_articles([str(EXAMPLES)], library, IngestSettings(), lambda _: None)
            indexer = Indexer(library)
            chunks = indexer.rebuild(indexes)
            rebuild_s = _fastest(lambda: indexer.rebuild(indexes))
            retriever = build_retriever(library, indexes)
            answerer = build_answerer(retriever, None, BotSettings.load())
            ask_ms = _median_ms(lambda text: answerer.answer(build_question(text)), texts)
            bodies = [article.text for article in library.archive]

    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(bundled_folder()), device="cpu")
    encode_s = _fastest(lambda: model.encode(bodies, show_progress_bar=False))
    question_ms = _median_ms(lambda text: model.encode(text, show_progress_bar=False), texts)

    table = Table(box=None)
    for heading in ("", "Dateline", "sentence-transformers alone", "ratio"):
        table.add_column(heading, justify="left" if not heading else "right")
    table.add_row(
        f"index {len(bodies)} articles ({chunks} chunks); encode them, cut short",
        f"{rebuild_s:.2f} s",
        f"{encode_s:.2f} s",
        f"{rebuild_s / encode_s:.2f}",
    )
    table.add_row(
        "answer a question; encode a question (median)",
        f"{ask_ms:.1f} ms",
        f"{question_ms:.1f} ms",
        f"{ask_ms / question_ms:.2f}",
    )
    console.print(table)


def _fastest(work: Callable[[], object]) -> float:
    """Seconds of the fastest round: what else the machine does only adds."""
    times: list[float] = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def _median_ms(ask: Callable[[str], object], texts: list[str]) -> float:
    ask(texts[0])
    times: list[float] = []
    for text in texts:
        started = time.perf_counter()
        ask(text)
        times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


if __name__ == "__main__":
    main()
