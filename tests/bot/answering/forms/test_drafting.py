"""Lines made of articles: which sentences, in what order, under which days and labels."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest

from bot.answering.questions import build_question
from bot.answering.schema import Answer
from tests.bot.factories import Shelf, day, open_shelf
from tests.factories import make_article

ARTICLES = (
    make_article(
        title="Lindholm mission begins",
        text="Lindholm mission begins\nThe Lindholm mission began on Wednesday with 3,100 soldiers "
        "in the north. Photo: Harbour Courier shows the Lindholm mission on parade.\n"
        "Why the Lindholm mission began is what everybody in the north asks?",
        url="https://example.org/begins",
        source="Harbour Courier",
        published_at=day("2025-10-03"),
    ),
    make_article(
        title="Lindholm mission grows",
        text="The Lindholm mission grew to 4,200 soldiers, the ministry of defence said. It is to "
        "last until summer. He spoke of the Lindholm mission as a success for all.",
        url="https://example.org/grows",
        source="Northern Ledger",
        published_at=day("2026-01-30"),
    ),
    make_article(
        title="Lindholm mission ends",
        text="The Lindholm mission ended with a parade in the harbour of the capital. Crowds came.",
        url="https://example.org/ends",
        source="Harbour Courier",
        published_at=day("2026-02-20"),
    ),
    make_article(
        title="Harvest",
        text="The harvest of apples was poor in the valley this autumn, farmers said.",
        url="https://example.org/harvest",
        source="Northern Ledger",
        published_at=day("2025-11-01"),
    ),
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("lines"), *ARTICLES) as shelf:
        yield shelf


def ask(corpus: Shelf, text: str, **limits: str) -> Answer:
    question = build_question(text, **({"asked_at": "2026-03-01"} | limits))
    return corpus.build_answerer().answer(question)


def list_days(answer: Answer) -> list[str]:
    return [str(entry.date) for entry in answer.entries or ()]


def test_a_timeline_is_a_line_a_step_the_oldest_first_by_the_day_of_the_event(
    corpus: Shelf,
) -> None:
    answer = ask(corpus, "Timeline of the Lindholm mission")
    assert answer.form == "timeline"
    # It began on the Wednesday before the Friday on which that was reported.
    assert list_days(answer) == ["2025-10-01", "2026-01-30", "2026-02-20"]


def test_the_latest_is_the_newest_first(corpus: Shelf) -> None:
    answer = ask(corpus, "What is the latest on the Lindholm mission?")
    assert answer.form == "timeline"
    assert list_days(answer) == ["2026-02-20", "2026-01-30", "2025-10-03"]


def test_a_summary_names_the_publisher_of_each_line(corpus: Shelf) -> None:
    answer = ask(corpus, "What is going on with the Lindholm mission?")
    assert answer.form == "list"
    labels = [entry.label for entry in answer.entries or ()]
    assert labels == ["Harbour Courier", "Northern Ledger", "Harbour Courier"]


def test_what_a_publisher_reports_is_from_that_publisher_alone(corpus: Shelf) -> None:
    answer = ask(corpus, "What did Harbour Courier report on the Lindholm mission?")
    assert {citation.source for citation in answer.citations} == {"Harbour Courier"}
    assert list_days(answer) == ["2026-02-20", "2025-10-03"]


def test_what_changed_is_an_earlier_and_a_later_statement(corpus: Shelf) -> None:
    answer = ask(corpus, "What changed in the Lindholm mission since December 2025?")
    assert answer.form == "comparison"
    assert len(answer.entries or ()) == 2
    assert list_days(answer) == sorted(list_days(answer))
    assert list_days(answer)[0] < "2025-12-31" < list_days(answer)[1]


def test_nothing_later_than_the_day_asked_about_is_a_line(corpus: Shelf) -> None:
    answer = ask(corpus, "Timeline of the Lindholm mission", as_of="2026-02-01")
    assert list_days(answer) == ["2025-10-01", "2026-01-30"]


def test_a_caption_a_question_and_what_leans_on_a_sentence_before_are_no_lines(
    corpus: Shelf,
) -> None:
    answer = ask(corpus, "What is going on with the Lindholm mission?")
    quotes = " ".join(citation.quote for citation in answer.citations)
    assert not re.search(r"Photo|\?|He spoke|It is to", quotes)


def test_a_topic_that_one_sentence_tells_of_gets_an_ordinary_answer(corpus: Shelf) -> None:
    answer = ask(corpus, "Timeline of the harvest of apples")
    assert answer.form == "answer"
    assert answer.entries is None


def test_a_topic_that_no_article_tells_of_is_declined(corpus: Shelf) -> None:
    answer = ask(corpus, "Timeline of the war in Sudan")
    assert not answer.answered
    assert answer.entries is None


def test_each_line_of_the_text_is_an_entry_with_its_markers(corpus: Shelf) -> None:
    answer = ask(corpus, "Timeline of the Lindholm mission")
    entries = answer.entries or ()
    assert len(answer.lines) == len(entries)
    for line, entry in zip(answer.lines, entries, strict=True):
        assert re.findall(r"\[(\d+)\]", line) == [str(marker) for marker in entry.markers]
        (quote,) = (c.quote for c in answer.citations if c.marker in entry.markers)
        assert entry.text == quote
    assert answer.lines[0].startswith("1 October 2025: The Lindholm mission began")
    assert entries[0].date == date(2025, 10, 1)
