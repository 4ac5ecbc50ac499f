"""Gold questions put to the bot's own parts, and to answerers that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.answering.answerer import Answerer, build_answerer
from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.settings import BotSettings
from eval.dataset import GoldError, GoldSet
from eval.gate import find_regressions, raise_floors
from eval.report import build_report, summarise
from eval.runner import Runner
from ingest.indexer import Indexer
from retrieval.indexes import Indexes
from retrieval.opening import Library, build_retriever
from retrieval.retriever import Recipe, Retriever
from retrieval.schema import Filters
from tests.eval.factories import make_item
from tests.factories import make_article, put_article
from tests.fakes import OverlapReader

CABLE = "A cable between Finland and Estonia was cut by the anchor of a tanker."


class Distorting(Answerer):
    """Answers as the bot does, but for what is done to question and answer."""

    def __init__(
        self,
        retriever: Retriever,
        ask: Callable[[Question], Question] = lambda question: question,
        distort: Callable[[Answer], Answer] = lambda answer: answer,
    ) -> None:
        self._inner = build_answerer(retriever, None, BotSettings(), OverlapReader())
        self._ask = ask
        self._distort = distort

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        return self._distort(self._inner.answer(self._ask(question), on_delta))


@pytest.fixture
def retriever(library: Library, indexer: Indexer, indexes: Indexes) -> Retriever:
    put_article(library.archive, make_article())
    put_article(library.archive, make_article("Cables", CABLE, "https://example.org/cables"))
    indexer.catch_up(indexes)
    return build_retriever(library, indexes)


@pytest.fixture
def runner(library: Library, retriever: Retriever) -> Runner:
    return Runner(
        library.archive,
        retriever,
        build_answerer(retriever, None, BotSettings(), OverlapReader()),
    )


def test_a_right_answer_scores_in_full(runner: Runner) -> None:
    (row,) = runner.run([make_item()])
    assert row.answer.answered
    assert row.answer.text.startswith("Mark Rutte chaired the talks [1].")
    right = ("hit_rate@1", "mrr@10", "containment", "citation_recall", "quote_validity", "answered")
    assert [row.scores[metric] for metric in right] == [1.0] * 6
    gold = sum(each.is_gold for each in row.cited)
    assert (gold, row.scores["citation_precision"]) == (1, 1 / len(row.cited))
    assert row.first_relevant_rank == 1
    assert row.leaks == 0
    assert row.latency_ms > 0


def test_the_second_article_of_two_has_half_the_reciprocal_rank(runner: Runner) -> None:
    (row,) = runner.run([make_item(article="https://example.org/cables")])
    metrics = ("hit_rate@1", "hit_rate@10", "mrr@10")
    assert [row.scores[metric] for metric in metrics] == [0.0, 1.0, 0.5]
    assert row.first_relevant_rank == 2


def test_an_answer_that_holds_no_accepted_string_is_not_right(runner: Runner) -> None:
    (row,) = runner.run([make_item(accepted=("Jens Stoltenberg",))])
    assert row.answer.answered
    assert row.scores["containment"] == 0.0


def test_an_unanswerable_question_has_no_scores_but_whether_it_was_declined(
    runner: Runner,
) -> None:
    penguins = make_item("q2", "How do penguins feed their chicks?", article=None)
    (row,) = runner.run([penguins])
    assert not row.answer.answered
    assert row.scores == {"abstention_recall": 1.0, "abstention_precision": 1.0}
    assert (row.cited, row.leaks) == ((), 0)


def test_another_carrier_of_the_gold_article_s_story_is_as_good(
    library: Library, indexer: Indexer, indexes: Indexes, retriever: Retriever
) -> None:
    copy = make_article(url="https://example.org/copy", source="Northern Ledger")
    put_article(library.archive, copy)
    indexer.catch_up(indexes)
    runner = Runner(
        library.archive,
        retriever,
        build_answerer(retriever, None, BotSettings(), OverlapReader()),
    )
    (row,) = runner.run([make_item(article="https://example.org/copy")])
    assert row.scores["hit_rate@1"] == 1.0


def test_the_bounds_of_a_question_bind_its_retrieval(runner: Runner) -> None:
    (row,) = runner.run([make_item(as_of="2025-01-01")])
    assert (row.scores["hit_rate@10"], row.scores["answered"]) == (0.0, 0.0)


def test_a_quote_that_is_off_by_one_shows(library: Library, retriever: Retriever) -> None:
    def shift(answer: Answer) -> Answer:
        first, *others = answer.citations
        return replace(answer, citations=(replace(first, start=first.start + 1), *others))

    runner = Runner(library.archive, retriever, Distorting(retriever, distort=shift))
    (row,) = runner.run([make_item()])
    assert row.scores["quote_validity"] == 1 - 1 / len(row.cited) < 1.0


def test_a_quote_that_is_not_the_article_s_shows(library: Library, retriever: Retriever) -> None:
    def invent(answer: Answer) -> Answer:
        return replace(
            answer, citations=tuple(replace(c, quote="Invented.") for c in answer.citations)
        )

    runner = Runner(library.archive, retriever, Distorting(retriever, distort=invent))
    assert summarise(runner.run([make_item()]))["quote_validity"].mean == 0.0


def test_a_citation_of_an_article_that_is_not_there_shows(
    library: Library, retriever: Retriever
) -> None:
    def misplace(answer: Answer) -> Answer:
        return replace(
            answer, citations=tuple(replace(c, article_id="nothing") for c in answer.citations)
        )

    runner = Runner(library.archive, retriever, Distorting(retriever, distort=misplace))
    assert summarise(runner.run([make_item()]))["quote_validity"].mean == 0.0


def test_an_answerer_that_looks_past_as_of_shows(library: Library, retriever: Retriever) -> None:
    def forget(question: Question) -> Question:
        return replace(question, filters=Filters())

    runner = Runner(library.archive, retriever, Distorting(retriever, ask=forget))
    rows = runner.run([make_item(as_of="2025-06-01")])
    assert rows[0].answer.answered
    assert summarise(rows)["leaks"].mean >= 1.0


def test_an_answerer_that_shows_what_came_later_as_close_shows(
    library: Library, retriever: Retriever
) -> None:
    def forget(question: Question) -> Question:
        return replace(question, filters=Filters())

    runner = Runner(library.archive, retriever, Distorting(retriever, ask=forget))
    penguins = make_item(
        question="How do penguins feed their chicks?", article=None, as_of="2025-06-01"
    )
    (row,) = runner.run([penguins])
    assert not row.answer.answered
    assert row.leaks >= 1


def test_the_bot_s_own_answerer_leaks_nothing(runner: Runner) -> None:
    items = [make_item("q1", as_of="2025-06-01"), make_item("q2", as_of="2025-06-25")]
    assert summarise(runner.run(items))["leaks"].mean == 0.0


def test_gold_evidence_must_name_articles_that_are_there(runner: Runner) -> None:
    with pytest.raises(GoldError, match=r"there is no article https://example\.org/none"):
        runner.run([make_item(article="https://example.org/none")])


@pytest.mark.parametrize(
    ("broken", "metric"),
    [
        ("a retriever that ranks the worst first", "mrr@10"),
        ("a quote off by one", "quote_validity"),
        ("a look past as_of", "leaks"),
    ],
)
def test_what_is_broken_on_purpose_fails_the_gate(
    library: Library, retriever: Retriever, broken: str, metric: str
) -> None:
    def shift(answer: Answer) -> Answer:
        moved = tuple(replace(c, start=c.start + 1) for c in answer.citations)
        return replace(answer, citations=moved)

    def forget(question: Question) -> Question:
        return replace(question, filters=Filters())

    items = (make_item("q1"), make_item("q2", as_of="2025-06-01"))
    gold_set = GoldSet("made", items, "d1", Path("corpus"))

    def report(ranking: Retriever, answerer: Answerer) -> dict[str, Any]:
        rows = Runner(library.archive, ranking, answerer).run(items)
        return build_report(gold_set, rows, 2, {}, {})

    floors = raise_floors(report(retriever, Distorting(retriever)), None, None, "2026-03-01")
    worst_first = replace(retriever, recipe=Recipe(dense_weight=-0.5, lexical_weight=-0.5))
    found = {
        "mrr@10": lambda: report(worst_first, Distorting(retriever)),
        "quote_validity": lambda: report(retriever, Distorting(retriever, distort=shift)),
        "leaks": lambda: report(retriever, Distorting(retriever, ask=forget)),
    }[metric]()
    assert any(line.startswith(metric) for line in find_regressions(found, floors)), broken
    assert list(find_regressions(report(retriever, Distorting(retriever)), floors)) == []


def test_a_follow_up_is_asked_in_the_conversation_before_it(runner: Runner) -> None:
    item = make_item(question="And who chaired them?")
    (alone,) = runner.run([item.model_copy(update={"id": "alone"})])
    (row,) = runner.run([item.model_copy(update={"previous": ("Where did the allies talk?",)})])
    assert alone.answer.question == "And who chaired them?"
    assert row.answer.question == "Who chaired them (the allies talk)?"
    assert row.scores["hit_rate@1"] == 1.0
