"""From a question to an answer or a reason why there is none, over real indexes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.answering.questions import build_question
from bot.answering.schema import Answer
from tests.bot.factories import Shelf, day
from tests.factories import SUMMIT, make_article

ASKED = "Who chaired the talks of the allies in The Hague?"
CABLE = "A cable between Finland and Estonia was cut by the anchor of a tanker on Christmas Day."


def ask(
    shelf: Shelf,
    text: str = ASKED,
    *,
    asked_at: str | None = "2025-07-01",
    as_of: str | None = None,
    since: str | None = None,
    until: str | None = None,
    sources: tuple[str, ...] = (),
) -> Answer:
    question = build_question(
        text, asked_at=asked_at, as_of=as_of, since=since, until=until, sources=sources
    )
    return shelf.build_answerer().answer(question)


def reason(answer: Answer) -> str | None:
    return answer.abstention.reason if answer.abstention else None


def test_an_answer_carries_its_evidence_and_the_date_of_the_newest(shelf: Shelf) -> None:
    shelf.put(make_article())
    answer = ask(shelf, "Who chaired the talks?")
    assert answer.answered
    assert answer.text.startswith("Mark Rutte chaired the talks [1].")
    assert answer.citations[0].quote == "Mark Rutte chaired the talks."
    assert answer.newest_evidence_at == make_article().published_at
    assert answer.notes == ()
    assert 0.25 <= answer.confidence <= 1.0
    assert set(answer.timings_ms) == {"retrieve", "answer"}


def test_an_empty_archive_is_said_to_be_empty(shelf: Shelf) -> None:
    answer = ask(shelf)
    assert reason(answer) == "no_articles"
    assert answer.abstention is not None
    assert "dateline ingest" in answer.abstention.message


@pytest.mark.parametrize(
    "bounds",
    [
        {"as_of": "2025-06-24"},
        {"since": "2025-06-26"},
        {"until": "2025-06-24"},
        {"sources": ("Northern Ledger",)},
        {"since": "2025-07-01", "until": "2025-06-01"},
    ],
)
def test_bounds_that_leave_no_article_are_the_reason_for_no_answer(
    shelf: Shelf, bounds: dict[str, str]
) -> None:
    shelf.put(make_article())
    answer = ask(shelf, **bounds)  # type: ignore[arg-type]
    assert reason(answer) == "outside_window"
    assert answer.citations == ()
    assert answer.abstention is not None
    assert answer.abstention.closest == ()


def test_a_question_that_no_article_answers_is_declined_with_the_closest(shelf: Shelf) -> None:
    shelf.put(make_article())
    answer = ask(shelf, "How do penguins feed their chicks in the Antarctic winter?")
    assert reason(answer) == "no_evidence"
    assert answer.text == ""
    assert answer.citations == ()
    assert answer.newest_evidence_at is None
    assert answer.abstention is not None
    (closest,) = answer.abstention.closest
    assert SUMMIT[closest.start : closest.end] == closest.quote


def test_the_closest_are_one_sentence_an_article_and_three_articles_at_the_most(
    shelf: Shelf,
) -> None:
    for i, place in enumerate(["Oslo", "Riga", "Vilnius", "Tallinn", "Warsaw"]):
        text = f"Ministers met in {place}.\n\nThey spoke of {place} and the weather in it."
        shelf.put(make_article(title=place, text=text, url=f"https://example.org/{i}"))
    answer = ask(shelf, "What did penguins tell the ministers about herring quotas?")
    assert answer.abstention is not None
    closest = answer.abstention.closest
    assert [citation.marker for citation in closest] == [1, 2, 3]
    assert len({citation.article_id for citation in closest}) == 3


@pytest.mark.parametrize("asked", [ASKED, "What did penguins tell the allies in The Hague?"])
def test_nothing_published_after_as_of_is_cited_or_shown_as_close(shelf: Shelf, asked: str) -> None:
    earlier = make_article(
        title="Allies to meet",
        text="The allies are to hold talks in The Hague. Someone will chair the talks there.",
        url="https://example.org/earlier",
        published_at=day("2025-06-20"),
    )
    shelf.put(make_article(), earlier)
    answer = ask(shelf, asked, as_of="2025-06-22")
    shown = answer.abstention.closest if answer.abstention else answer.citations
    assert shown
    assert {citation.title for citation in shown} == {"Allies to meet"}


def test_words_that_may_be_later_than_the_day_asked_about_are_said_to_be(shelf: Shelf) -> None:
    shelf.put(replace(make_article(), modified_at=day("2025-07-10")))
    asked = "Who chaired the talks?"
    changed = (
        "[1] was edited on 10 July 2025, after the date you asked about; the quote may be newer."
    )
    assert changed in ask(shelf, asked, as_of="2025-07-09").notes
    assert ask(shelf, asked, as_of="2025-07-10").notes == ()
    assert ask(shelf, asked).notes == ()


TUGS_ASKED = "How many tugs does the port of Aldmoor have"


def put_tugs(shelf: Shelf) -> None:
    for count, published in ((12, "2026-02-10"), (15, "2026-06-20")):
        text = f"The port of Aldmoor has {count} tugs in service, harbour master Ines Falk said."
        url = f"https://example.org/tugs/{count}"
        shelf.put(make_article(f"{count} tugs", text, url, published_at=day(published)))


@pytest.mark.parametrize("cut_off", ["as of 3 May", "as-of mid-May", "as of 3/5/2026", "as of May"])
def test_nothing_later_than_a_cut_off_in_any_words_is_cited(shelf: Shelf, cut_off: str) -> None:
    put_tugs(shelf)
    answer = ask(shelf, f"{TUGS_ASKED} {cut_off}?", asked_at="2026-06-30")
    assert [citation.title for citation in answer.citations] == ["12 tugs"]
    assert answer.window.as_of is not None
    assert not any("could not be read" in note for note in answer.notes)


@pytest.mark.parametrize("cut_off", ["as of the summit", "as of 31 February", "as of Christmas"])
def test_a_cut_off_that_cannot_be_read_is_named_in_a_note(shelf: Shelf, cut_off: str) -> None:
    put_tugs(shelf)
    answer = ask(shelf, f"{TUGS_ASKED} {cut_off}?", asked_at="2026-06-30")
    assert answer.window.as_of is None
    assert any(f"“{cut_off}” could not be read as a date" in note for note in answer.notes)


def test_as_of_in_the_question_s_own_words_is_as_hard(shelf: Shelf) -> None:
    shelf.put(make_article())
    answer = ask(shelf, "As of 24 June 2025, who chaired the talks of the allies in The Hague?")
    assert reason(answer) == "outside_window"
    assert answer.window.as_of == datetime.fromisoformat("2025-06-24T23:59:59+00:00")


def test_other_time_words_are_a_preference_and_bound_nothing(shelf: Shelf) -> None:
    shelf.put(make_article())
    answer = ask(shelf, "Who chaired the talks of the allies in The Hague in May 2025?")
    assert answer.answered
    assert answer.window.from_question
    assert answer.window.as_of is None


def test_who_else_reported_after_as_of_is_not_named(shelf: Shelf) -> None:
    later = make_article(
        url="https://example.org/copy", source="Northern Ledger", published_at=day("2025-06-28")
    )
    shelf.put(make_article(), later)
    now = ask(shelf)
    assert now.citations[0].also_reported_by == ("Northern Ledger",)
    then = ask(shelf, as_of="2025-06-26")
    assert then.citations[0].also_reported_by == ()


def test_a_story_that_two_publishers_carry_is_cited_once(shelf: Shelf) -> None:
    shelf.put(make_article(), make_article(url="https://example.org/c", source="Northern Ledger"))
    answer = ask(shelf)
    assert len({citation.article_id for citation in answer.citations}) == 1
    quotes = [citation.quote for citation in answer.citations]
    assert len(quotes) == len(set(quotes))


def test_undated_articles_left_out_of_a_bounded_question_are_noted(shelf: Shelf) -> None:
    shelf.put(
        make_article(),
        make_article(title="Cables", text=CABLE, url="https://example.org/c", published_at=None),
    )
    assert any("1 undated article was left out" in n for n in ask(shelf, as_of="2025-07-01").notes)
    assert not any("left out" in note for note in ask(shelf).notes)


def test_an_undated_article_may_be_cited_and_is_said_to_be_undated(shelf: Shelf) -> None:
    shelf.put(make_article(published_at=None))
    answer = ask(shelf)
    assert answer.citations[0].published_at is None
    assert answer.citations[0].date_provenance == "unknown"
    assert answer.newest_evidence_at is None
    assert any("undated" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("asked_at", "age"),
    [
        ("2025-09-22", "89 days"),
        ("2025-09-24", "3 months"),
        ("2026-06-25", "12 months"),
        ("2027-06-25", "2 years"),
        ("2032-06-24", "7 years"),
    ],
)
def test_old_evidence_carries_a_note_that_says_how_old(
    shelf: Shelf, asked_at: str, age: str
) -> None:
    shelf.put(make_article())
    (note,) = ask(shelf, asked_at=asked_at).notes
    assert note == f"Newest source: 25 June 2025, {age} old."


def test_new_evidence_carries_no_note(shelf: Shelf) -> None:
    shelf.put(make_article())
    assert ask(shelf, asked_at="2025-08-01").notes == ()


def test_an_answer_keeps_the_conversation_it_belongs_to(shelf: Shelf) -> None:
    shelf.put(make_article())
    question = build_question(ASKED, conversation_id="c7")
    assert shelf.build_answerer().answer(question).conversation_id == "c7"


def test_two_answers_never_share_an_id(shelf: Shelf) -> None:
    shelf.put(make_article())
    assert ask(shelf).answer_id != ask(shelf).answer_id


@pytest.mark.parametrize(
    "text",
    [
        "What happened on 9999-12-31?",
        "What happened on 0000-00-00?",
        "As of 31 December 9999, who?",
    ],
)
def test_a_date_that_no_calendar_holds_breaks_nothing(shelf: Shelf, text: str) -> None:
    shelf.put(make_article())
    assert ask(shelf, text).question == text


@pytest.mark.parametrize("asked_at", ["0001-01-01", "9999-12-30"])
@pytest.mark.parametrize("text", ["What happened last week?", "What happened this year?"])
def test_a_question_asked_at_the_ends_of_time_breaks_nothing(
    shelf: Shelf, text: str, asked_at: str
) -> None:
    shelf.put(make_article())
    assert ask(shelf, text, asked_at=asked_at).question == text
