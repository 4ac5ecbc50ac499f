"""How well answers are read out of articles, on questions that people wrote for it.

    python -m benchmarks.reading ../shared/data/reading --home HOME     # over realtimeqa's articles
    python -m benchmarks.reading ../shared/data/reading --styles        # test_styles and the seeds

HOME holds realtimeqa's 8,000 articles, as `python -m benchmarks.answers` leaves them. Each question
is asked at the end of its passage's day; a quote is evidence where it shares a sentence that the
writers of the questions marked.
"""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.answering.answerer import Answerer, build_answerer
from bot.answering.questions import build_question
from bot.answering.schema import Answer
from bot.settings import BotSettings
from eval.session import open_session
from eval.statistics import area_under_curve, calibration_error
from retrieval.retriever import Retriever

_SEEDS = Path("../shared/seeds")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of `reading/`; `evidence` is empty for a near miss."""

    text: str
    asked_at: str | None
    kind: str
    evidence: tuple[str, ...]
    short: str | None

    @property
    def is_answerable(self) -> bool:
        return bool(self.evidence)


@dataclass(frozen=True, slots=True)
class Told:
    asked: Asked
    answer: Answer

    @property
    def are_evidence(self) -> list[bool]:
        """Of each quote that is shown, in order."""
        return [is_evidence(each.quote, self.asked.evidence) for each in self.answer.citations]

    @property
    def first_is_evidence(self) -> bool:
        return bool(self.are_evidence[:1] == [True])

    @property
    def holds_short(self) -> bool:
        return normalise(self.asked.short or "") in normalise(self.answer.text)


def read_asked(folder: Path, part: str, ids: Callable[[str], bool] | None = None) -> list[Asked]:
    """The questions and near misses of `test`, `test_styles` or `train`."""
    passages = {each["id"]: each for each in read_lines(folder / f"{part}_passages.jsonl.gz")}
    asked: list[Asked] = []
    for row in read_lines(folder / f"{part}.jsonl.gz"):
        if row.get("junk") or (ids is not None and not ids(row["id"])):
            continue
        passage = passages[row["id"]]
        day, sentences = passage["date"] or None, passage["sentences"]
        for each in row["qa"]:
            evidence = tuple(sentences[i] for i in each["ev"] if i >= 0)
            asked.append(Asked(each["q"], day, each["type"], evidence, each["a"]))
        asked += [Asked(text, day, "miss", (), None) for text in row["miss"]]
    return [each for each in asked if each.kind == "miss" or each.is_answerable]


def is_evidence(quote: str, evidence: Sequence[str]) -> bool:
    """Whether one holds the other: sentences are not cut everywhere alike."""
    shown = normalise(quote)
    return any(each in shown or shown in each for each in map(normalise, evidence) if each)


def normalise(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def measure(told: Sequence[Told]) -> Iterator[tuple[str, float, int]]:
    answerable = [each for each in told if each.asked.is_answerable]
    misses = [each for each in told if not each.asked.is_answerable]
    shown = [mark for each in answerable for mark in each.are_evidence]
    short = [each for each in answerable if each.asked.short]
    led = [each for each in answerable if each.answer.short_answer]
    yield "first quote is evidence", _mean(e.first_is_evidence for e in answerable), len(answerable)
    yield (
        "answered, of the answerable",
        _mean(e.answer.answered for e in answerable),
        len(answerable),
    )
    yield "quotes shown that are evidence", _mean(shown), len(shown)
    yield "the short answer stands in the answer", _mean(e.holds_short for e in short), len(short)
    yield (
        "led by a short answer",
        _mean(e.answer.short_answer is not None for e in short),
        len(short),
    )
    yield "which is right", _mean(_leads_well(e) for e in led), len(led)
    yield "near misses declined", _mean(not e.answer.answered for e in misses), len(misses)
    confidences = [e.answer.confidence for e in told]
    yield (
        "confidence tells the two apart (AUC)",
        area_under_curve(confidences, [e.asked.is_answerable for e in told]),
        len(told),
    )
    yield (
        "calibration error",
        calibration_error(confidences, [float(e.first_is_evidence) for e in told]),
        len(told),
    )
    for kind in sorted({e.asked.kind for e in answerable}):
        of_kind = [e for e in answerable if e.asked.kind == kind]
        yield f"first quote, {kind}", _mean(e.first_is_evidence for e in of_kind), len(of_kind)


def measure_retrieval(
    retriever: Retriever, asked: Sequence[Asked]
) -> Iterator[tuple[str, float, int]]:
    found: list[list[bool]] = []
    for each in asked:
        if each.is_answerable:
            question = build_question(each.text, asked_at=each.asked_at)
            passages = retriever.retrieve(
                question.text, question.filters, 5, asked_at=question.asked_at
            )
            found.append([is_evidence_in(p.text, each.evidence) for p in passages])
    yield "evidence in the first passage", _mean(any(marks[:1]) for marks in found), len(found)
    yield "evidence in the first five", _mean(any(marks) for marks in found), len(found)


def is_evidence_in(passage: str, evidence: Sequence[str]) -> bool:
    text = normalise(passage)
    return any(normalise(each) in text for each in evidence)


def ask(answerer: Answerer, asked: Sequence[Asked]) -> list[Told]:
    return [
        Told(each, answerer.answer(build_question(each.text, asked_at=each.asked_at)))
        for each in asked
    ]


@contextmanager
def open_styles(folder: Path, part: str = "test_styles") -> Iterator[tuple[Retriever, None]]:
    """The made articles and the seeds in an archive of their own."""
    with tempfile.TemporaryDirectory() as temporary:
        corpus = Path(temporary) / "corpus"
        corpus.mkdir()
        for seed in sorted(_SEEDS.glob("*.txt")):
            (corpus / seed.name).write_bytes(seed.read_bytes())
        with (corpus / "styles.jsonl").open("w") as file:
            for each in read_lines(folder / f"{part}_passages.jsonl.gz"):
                if each["id"].startswith("st-"):
                    file.write(json.dumps(_to_article(each), ensure_ascii=False) + "\n")
        with open_session(corpus, Path(temporary) / "home") as session:
            yield session.retriever, None


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def main(
    folder: Annotated[Path, typer.Argument(help="The folder `reading`.")],
    home: Annotated[Path | None, typer.Option(help="Holds realtimeqa's articles.")] = None,
    styles: Annotated[bool, typer.Option(help="Ask test_styles over its own articles.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON alone.")] = False,
) -> None:
    """Ask the questions of `reading/` and print how well they are answered."""
    if styles:
        part, opened = "test_styles", open_styles(folder)
    else:
        part, opened = "test", _open_home(home)
    asked = read_asked(folder, part)
    with opened as (retriever, _):
        answerer = build_answerer(retriever, None, BotSettings.load())
        figures = [*measure_retrieval(retriever, asked), *measure(ask(answerer, asked))]
    if as_json:
        typer.echo(json.dumps([{"name": n, "value": v, "n": c} for n, v, c in figures], indent=2))
        return
    table = Table(title=f"reading/{part}", box=None)
    for heading in ("", "value", "n"):
        table.add_column(heading, justify="right" if heading else "left")
    for name, value, count in figures:
        table.add_row(name, f"{value:.3f}", str(count))
    Console(width=100, highlight=False).print(table)


@contextmanager
def _open_home(home: Path | None) -> Iterator[tuple[Retriever, None]]:
    if home is None or not (home / "ingested").exists():
        raise typer.BadParameter("--home must name a folder that benchmarks.answers has filled")
    with open_session(home, home) as session:
        yield session.retriever, None


def _to_article(passage: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": passage["title"],
        "text": "\n".join(passage["sentences"]),
        "source": passage["source"],
        "published_at": passage["date"] or None,
    }


def _leads_well(told: Told) -> bool:
    led, short = normalise(told.answer.short_answer or ""), normalise(told.asked.short or "")
    return bool(short) and (short in led or led in short)


def _mean(values: Any) -> float:
    numbers = [float(value) for value in values]
    return fmean(numbers) if numbers else 0.0


if __name__ == "__main__":
    typer.run(main)
