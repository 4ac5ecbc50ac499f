"""How good answers to real questions are: what is found, quoted, declined, leaked, and how fast.

    python -m benchmarks.answers ../shared/data/realtimeqa [--home HOME] [--report mini|half]

Only questions that nothing was tuned on are asked (benchmarks/real_questions.py).
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.real_questions import (
    Report,
    ask_with_month,
    ask_years_later,
    choose_reported,
    name_as_archived,
    pair_with_dates,
)
from bot.answering.answerer import Answerer, build_answerer
from bot.answering.llm import build_llm
from bot.answering.schema import Answer, Citation
from bot.settings import BotSettings
from eval.beir import load_beir
from eval.dataset import GoldItem, index_articles
from eval.metrics import choice_accuracy, containment, mean_scores
from eval.runner import Runner, to_question
from eval.session import BASELINES, open_session
from eval.statistics import calibration_error, percentile
from retrieval.archive import Archive
from retrieval.indexes import hold_indexes
from retrieval.opening import build_retriever, open_library
from retrieval.retriever import Retriever
from retrieval.schema import Article
from retrieval.settings import RetrievalSettings

_SHOWN = {"hit_rate@1": "hit@1", "hit_rate@10": "hit@10", "mrr@10": "MRR@10"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, over `n` questions, answers or pairs."""

    group: str
    name: str
    value: float
    n: int


@dataclass(frozen=True, slots=True)
class Bench:
    """The bot's own parts over one archive; `forced` never declines for want of confidence."""

    archive: Archive
    articles: Mapping[str, Article]
    retriever: Retriever
    bot: Answerer
    forced: Answerer
    runner: Runner


@dataclass(frozen=True, slots=True)
class Told:
    """A question and what was answered."""

    item: GoldItem
    answer: Answer

    @property
    def quotes(self) -> tuple[str, ...]:
        return tuple(citation.quote for citation in self.answer.citations)

    @property
    def shown(self) -> tuple[Citation, ...]:
        closest = self.answer.abstention.closest if self.answer.abstention else ()
        return (*self.answer.citations, *closest)


def main(
    folder: Annotated[Path, typer.Argument(help="Question set in BEIR's layout.")],
    home: Annotated[Path | None, typer.Option(help="Holds the index; made if not there.")] = None,
    report: Annotated[Report, typer.Option(help="Which questions to ask.")] = Report.half,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Ask real questions and print how good the answers are."""
    with tempfile.TemporaryDirectory() as temporary:
        gold_set = load_beir(folder, Path(temporary))
        place = home or RetrievalSettings.load().home / "eval" / gold_set.corpus.parent.name
        if not (place / "archive.db").exists():
            with open_session(gold_set.corpus, place):
                pass
        asked = choose_reported(gold_set.items, folder.resolve(), report)
        with open_bench(place) as bench:
            items = name_as_archived(asked, bench.articles, folder)
            figures = tuple(measure(bench, items))
    if as_json:
        typer.echo(json.dumps([asdict(figure) for figure in figures], indent=2))
    else:
        _print_table(figures, f"{folder.name}, {report}, {len(bench.articles):,} articles")


@contextmanager
def open_bench(home: Path) -> Iterator[Bench]:
    embedded = {"home": home, "archive_url": None, "chroma_url": None}
    settings, bot = RetrievalSettings.load().model_copy(update=embedded), BotSettings.load()
    with (
        open_library(settings) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        retriever, llm = build_retriever(library, indexes), build_llm(bot)
        answerer = build_answerer(retriever, llm, bot)
        yield Bench(
            archive=library.archive,
            articles=index_articles(library.archive),
            retriever=retriever,
            bot=answerer,
            forced=build_answerer(retriever, llm, bot.model_copy(update={"abstain_below": 0.0})),
            runner=Runner(library.archive, retriever, answerer),
        )


def measure(bench: Bench, items: Sequence[GoldItem]) -> Iterator[Figure]:
    answerable = [item for item in items if item.answerable]
    bench.bot.answer(to_question(items[0]))  # what is loaded on first use is not timed
    yield from measure_retrieval(bench, answerable)
    told = _ask(bench.bot, items)
    forced = _ask(bench.forced, items)
    for group, answers in (("when forced", forced), ("as answered", told)):
        yield from measure_answers(group, [t for t in answers if _is_judged(t.item, bench)])
    yield from measure_abstention(told)
    yield from measure_calibration([t for t in forced if _is_judged(t.item, bench)], forced)
    dated = _ask(bench.bot, pair_with_dates(items, bench.articles))
    leaks = sum(_leaks(each, bench.archive) for each in dated)
    yield Figure("as_of", "leaks", leaks, len(dated))
    yield Figure("as_of", "answered", fmean(t.answer.answered for t in dated), len(dated))
    everything = [*told, *forced, *dated]
    exact = [_is_exact(c, bench.archive) for each in everything for c in each.shown]
    yield Figure("quotes", "validity", fmean(exact), len(exact))
    yield from measure_latency(told)


def measure_retrieval(bench: Bench, items: Sequence[GoldItem]) -> Iterator[Figure]:
    timeless = replace(bench.retriever, recipe=BASELINES["hybrid without time"])
    askings: dict[str, tuple[Callable[[GoldItem], GoldItem], Retriever]] = {
        "as asked": (lambda item: item, bench.retriever),
        "years later, month in words": (ask_with_month, bench.retriever),
        "years later, no time word": (ask_years_later, bench.retriever),
        "the same without the time preference": (ask_years_later, timeless),
    }
    for name, (rephrase, retriever) in askings.items():
        scored = [(item, bench.runner.rank(rephrase(item), retriever)) for item in items]
        gold = [scores for item, scores in scored if item.kind == "gold"]
        for label, chosen in (("", [scores for _, scores in scored]), (", gold-labelled", gold)):
            means = mean_scores(chosen)
            for metric in _SHOWN if chosen else ():
                yield Figure(f"{name}{label}", _SHOWN[metric], means[metric], len(chosen))


def measure_answers(group: str, told: Sequence[Told]) -> Iterator[Figure]:
    """Over the quotes: what is not quoted is not shown."""
    scores = {
        "≤ 3 quotes hold the answer": [_holds(t.quotes, t.item) for t in told],
        "the first quote holds it": [_holds(t.quotes[:1], t.item) for t in told],
        "exactly the right choice named": [
            choice_accuracy(" ".join(t.quotes), t.item.choices, t.item.accepted) for t in told
        ],
    }
    for name, values in scores.items():
        yield Figure(group, name, fmean(values), len(told))
    yield Figure(group, "most quotes", max(len(t.quotes) for t in told), len(told))


def measure_abstention(told: Sequence[Told]) -> Iterator[Figure]:
    answerable = [t.answer.answered for t in told if t.item.answerable]
    declined = [not t.answer.answered for t in told if not t.item.answerable]
    if declined:
        yield Figure("abstention", "unanswerable declined", fmean(declined), len(declined))
    yield Figure("abstention", "answerable answered", fmean(answerable), len(answerable))


def measure_calibration(judged: Sequence[Told], told: Sequence[Told]) -> Iterator[Figure]:
    """Forced, so that low confidences count by what would have been shown."""
    unanswerable = [t for t in told if not t.item.answerable]
    for name, over in (
        ("answerable and not", [*judged, *unanswerable]),
        ("answerable alone", judged),
    ):
        error = calibration_error(
            [t.answer.confidence for t in over], [_holds(t.quotes, t.item) for t in over]
        )
        yield Figure("calibration error", name, error, len(over))


def measure_latency(told: Sequence[Told]) -> Iterator[Figure]:
    timings = [t.answer.timings_ms for t in told]
    for name, stages in (
        ("retrieve", ["retrieve"]),
        ("answer", ["answer"]),
        ("both", ["retrieve", "answer"]),
    ):
        spent = [sum(timing[stage] for stage in stages) for timing in timings]
        for quantile in (0.5, 0.95):
            value = percentile(spent, quantile)
            yield Figure("latency, ms", f"{name}, p{100 * quantile:.0f}", value, len(told))


def _ask(answerer: Answerer, items: Sequence[GoldItem]) -> tuple[Told, ...]:
    return tuple(Told(item, answerer.answer(to_question(item))) for item in items)


def _is_judged(item: GoldItem, bench: Bench) -> bool:
    """Whether an accepted answer stands in an article that was judged relevant."""
    judged = [bench.articles[evidence.article] for evidence in item.evidence]
    return any(containment(f"{a.title}\n{a.text}", item.accepted) for a in judged)


def _holds(quotes: Sequence[str], item: GoldItem) -> float:
    return containment(" ".join(quotes), item.accepted)


def _leaks(told: Told, archive: Archive) -> int:
    """By the archive's own dates, not by what the citation says of itself."""
    last = date.fromisoformat(told.item.as_of or "")
    articles = archive.get_many({citation.article_id for citation in told.shown})
    moments = [articles[citation.article_id].published_at for citation in told.shown]
    return sum(moment is None or moment.date() > last for moment in moments)


def _is_exact(citation: Citation, archive: Archive) -> bool:
    text = archive.get(citation.article_id).text
    return text[citation.start : citation.end] == citation.quote


def _print_table(figures: Sequence[Figure], title: str) -> None:
    table = Table(title=title, box=None)
    for heading in ("", "", "value", "n"):
        table.add_column(heading, justify="right" if heading else "left")
    group = ""
    for figure in figures:
        shown = f"{figure.value:.3f}" if figure.group != "latency, ms" else f"{figure.value:.1f}"
        table.add_row("" if figure.group == group else figure.group, figure.name, shown,
                      f"{figure.n:,}")  # fmt: skip
        group = figure.group
    Console(width=100, highlight=False).print(table)


if __name__ == "__main__":
    typer.run(main)
