"""Gold questions put to the bot's own parts, and to answerers that are wrong on purpose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.answering.answerer import Answerer, build_answerer
from bot.answering.schema import Answer, Question
from eval.runner import Runner, summarise
from ingest.indexer import Indexer
from retrieval.indexes import Indexes
from retrieval.opening import Library, build_retriever
from retrieval.retriever import Retriever
from retrieval.schema import Filters
from tests.eval.factories import make_item, make_row
from tests.factories import make_article, put_article

CABLE = "A cable between Finland and Estonia was cut by the anchor of a tanker."


class Distorting(Answerer):
    """Answers as the bot does, but for what is done to question and answer."""

    def __init__(
        self,
        retriever: Retriever,
        ask: Callable[[Question], Question] = lambda question: question,
        distort: Callable[[Answer], Answer] = lambda answer: answer,
    ) -> None:
        self._inner = build_answerer(retriever, None, 0.25)
        self._ask = ask
        self._distort = distort

    def answer(self, question: Question) -> Answer:
        return self._distort(self._inner.answer(self._ask(question)))


@pytest.fixture
def retriever(library: Library, indexer: Indexer, indexes: Indexes) -> Retriever:
    put_article(library.archive, make_article())
    put_article(library.archive, make_article("Cables", CABLE, "https://example.org/cables"))
    indexer.catch_up(indexes)
    return build_retriever(library, indexes)


@pytest.fixture
def runner(library: Library, retriever: Retriever) -> Runner:
    return Runner(library.archive, retriever, build_answerer(retriever, None, 0.25))


def test_a_right_answer_scores_in_full(runner: Runner) -> None:
    (row,) = runner.run([make_item()])
    assert row.answered
    assert row.answer.startswith("Mark Rutte chaired the talks [1].")
    assert (row.hit_at_1, row.hit_at_10, row.reciprocal_rank) == (1.0, 1.0, 1.0)
    assert row.containment == 1.0
    assert row.citations == row.valid_quotes >= 1
    assert row.leaks == 0
    assert row.latency_ms > 0


def test_the_second_article_of_two_has_half_the_reciprocal_rank(runner: Runner) -> None:
    (row,) = runner.run([make_item(article="https://example.org/cables")])
    assert (row.hit_at_1, row.hit_at_10, row.reciprocal_rank) == (0.0, 1.0, 0.5)


def test_an_answer_that_holds_no_accepted_string_is_not_right(runner: Runner) -> None:
    (row,) = runner.run([make_item(accepted=("Jens Stoltenberg",))])
    assert row.answered
    assert row.containment == 0.0


def test_an_unanswerable_question_has_no_scores_but_whether_it_was_declined(
    runner: Runner,
) -> None:
    penguins = make_item("q2", "How do penguins feed their chicks?", article=None)
    (row,) = runner.run([penguins])
    assert not row.answered
    assert (row.hit_at_1, row.reciprocal_rank, row.containment) == (None, None, None)
    assert (row.citations, row.valid_quotes, row.leaks) == (0, 0, 0)


def test_another_carrier_of_the_gold_article_s_story_is_as_good(
    library: Library, indexer: Indexer, indexes: Indexes, retriever: Retriever
) -> None:
    copy = make_article(url="https://example.org/copy", source="Northern Ledger")
    put_article(library.archive, copy)
    indexer.catch_up(indexes)
    runner = Runner(library.archive, retriever, build_answerer(retriever, None, 0.25))
    (row,) = runner.run([make_item(article="https://example.org/copy")])
    assert row.hit_at_1 == 1.0


def test_the_bounds_of_a_question_bind_its_retrieval(runner: Runner) -> None:
    (row,) = runner.run([make_item(as_of="2025-01-01")])
    assert (row.hit_at_10, row.answered) == (0.0, False)


def test_a_quote_that_is_off_by_one_shows(library: Library, retriever: Retriever) -> None:
    def shift(answer: Answer) -> Answer:
        first, *others = answer.citations
        return replace(answer, citations=(replace(first, start=first.start + 1), *others))

    runner = Runner(library.archive, retriever, Distorting(retriever, distort=shift))
    (row,) = runner.run([make_item()])
    assert row.valid_quotes == row.citations - 1
    assert summarise([row])["quote_validity"] == row.valid_quotes / row.citations < 1.0


def test_a_quote_that_is_not_the_article_s_shows(library: Library, retriever: Retriever) -> None:
    def invent(answer: Answer) -> Answer:
        return replace(
            answer, citations=tuple(replace(c, quote="Invented.") for c in answer.citations)
        )

    runner = Runner(library.archive, retriever, Distorting(retriever, distort=invent))
    assert summarise(runner.run([make_item()]))["quote_validity"] == 0.0


def test_a_citation_of_an_article_that_is_not_there_shows(
    library: Library, retriever: Retriever
) -> None:
    def misplace(answer: Answer) -> Answer:
        return replace(
            answer, citations=tuple(replace(c, article_id="nothing") for c in answer.citations)
        )

    runner = Runner(library.archive, retriever, Distorting(retriever, distort=misplace))
    assert summarise(runner.run([make_item()]))["quote_validity"] == 0.0


def test_an_answerer_that_looks_past_as_of_shows(library: Library, retriever: Retriever) -> None:
    def forget(question: Question) -> Question:
        return replace(question, filters=Filters())

    runner = Runner(library.archive, retriever, Distorting(retriever, ask=forget))
    rows = runner.run([make_item(as_of="2025-06-01")])
    assert rows[0].answered
    assert summarise(rows)["leaks"] >= 1.0


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
    assert not row.answered
    assert row.leaks >= 1


def test_the_bot_s_own_answerer_leaks_nothing(runner: Runner) -> None:
    items = [make_item("q1", as_of="2025-06-01"), make_item("q2", as_of="2025-06-25")]
    assert summarise(runner.run(items))["leaks"] == 0.0


def test_the_summary_is_the_mean_over_the_questions_each_metric_is_about() -> None:
    rows = [
        make_row("1", citations=2, valid_quotes=2),
        make_row("2", reciprocal_rank=0.5, containment=0.0, citations=2, valid_quotes=1),
        make_row("3", answered=False, reciprocal_rank=0.0, containment=0.0),
        make_row("4", answerable=False, answered=False),
        make_row("5", answerable=False, answered=True, leaks=2),
    ]
    summary = summarise(rows)
    assert summary["hit_rate@1"] == pytest.approx(1 / 3)  # of 1, 2, 3 only 1
    assert summary["hit_rate@10"] == pytest.approx(2 / 3)  # of 1, 2, 3 the first two
    assert summary["mrr@10"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert summary["containment"] == pytest.approx(1 / 3)
    assert summary["quote_validity"] == pytest.approx((2 + 1 + 1) / (2 + 2 + 1))
    assert summary["abstention_recall"] == 1 / 2  # of 4, 5 only 4 was declined
    assert summary["abstention_precision"] == 1 / 2  # of the declined 3, 4 only 4 rightly
    assert summary["leaks"] == 2.0


def test_percentiles_are_by_nearest_rank() -> None:
    rows = [make_row(str(ms), latency_ms=float(ms)) for ms in range(20, 0, -1)]
    summary = summarise(rows)
    assert summary["latency_p50_ms"] == 10.0  # ceil(0.50 * 20) = the 10th of 1 to 20
    assert summary["latency_p95_ms"] == 19.0  # ceil(0.95 * 20) = the 19th
    single = summarise(rows[:1])
    assert (single["latency_p50_ms"], single["latency_p95_ms"]) == (20.0, 20.0)


def test_a_run_over_no_questions_has_shown_nothing() -> None:
    assert set(summarise([]).values()) == {0.0}
