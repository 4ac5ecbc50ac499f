"""The contract's JSON objects."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from bot.answering.schema import Abstention, Answer, Entry
from bot.answering.wire import build_answer, build_passages, build_window, read_answer
from retrieval.schema import Window
from tests.bot.factories import make_answer, make_citation, make_passage
from tests.factories import make_article

ANSWER_KEYS = {
    "id",
    "question",
    "understood_as",
    "answered",
    "answer",
    "short_answer",
    "form",
    "entries",
    "abstention",
    "citations",
    "as_of",
    "window",
    "newest_evidence_at",
    "notes",
    "left_out",
    "confidence",
    "mode",
    "model",
    "conversation_id",
    "timings_ms",
}
CITATION_KEYS = {
    "marker",
    "article_id",
    "title",
    "url",
    "source",
    "published_at",
    "date_provenance",
    "quote",
    "start",
    "end",
    "also_reported_by",
}
PASSAGE_KEYS = {
    "rank",
    "score",
    "article_id",
    "title",
    "url",
    "source",
    "published_at",
    "text",
    "start",
    "end",
    "also_reported_by",
}
ENTRIES = (
    Entry(date(2025, 6, 24), None, "Mark Rutte chaired the talks.", (1,)),
    Entry(None, "Spain", "They agreed.", (1, 2)),
)
DECLINED = Abstention("no_evidence", "No article here answers this.", (make_citation(),))


def test_an_answer_has_the_contract_s_keys_and_no_other() -> None:
    wire = build_answer(make_answer())
    assert set(wire) == ANSWER_KEYS
    assert set(wire["citations"][0]) == CITATION_KEYS
    assert set(wire["window"]) == {"since", "until", "from_question"}
    assert wire["answered"] is True
    assert wire["abstention"] is None


def test_an_abstention_has_a_reason_a_message_and_the_closest_and_cites_nothing() -> None:
    wire = build_answer(make_answer(abstention=DECLINED))
    assert set(wire) == ANSWER_KEYS
    assert wire["answered"] is False
    assert wire["answer"] == ""
    assert wire["citations"] == []
    assert set(wire["abstention"]) == {"reason", "message", "closest"}
    assert set(wire["abstention"]["closest"][0]) == CITATION_KEYS


def test_every_moment_is_in_utc_and_ends_in_z() -> None:
    summer = timezone(timedelta(hours=2))
    window = Window(
        since=datetime(2025, 6, 1, 2, tzinfo=summer),
        until=datetime(2025, 6, 30, 2, tzinfo=summer),
        as_of=datetime(2025, 7, 1, 2, tzinfo=summer),
    )
    wire = build_answer(make_answer(window=window))
    assert wire["window"] == {
        "since": "2025-06-01T00:00:00Z",
        "until": "2025-06-30T00:00:00Z",
        "from_question": False,
    }
    assert wire["as_of"] == "2025-07-01T00:00:00Z"
    assert wire["newest_evidence_at"] == "2025-06-25T16:00:00Z"
    assert wire["citations"][0]["published_at"] == "2025-06-25T16:00:00Z"


@pytest.mark.parametrize(
    "answer",
    [
        make_answer(),
        make_answer(abstention=DECLINED, notes=["A note."]),
        make_answer(window=Window(since=datetime(2025, 6, 1, tzinfo=UTC))),
        make_answer(window=Window(as_of=datetime(2025, 6, 1, tzinfo=UTC))),
        make_answer(
            window=Window(
                prefer_since=datetime(2025, 6, 1, tzinfo=UTC),
                prefer_until=datetime(2025, 6, 30, tzinfo=UTC),
            )
        ),
        make_answer(citations=[make_citation(url=None, also_reported_by=["Northern Ledger"])]),
        replace(make_answer(), form="timeline", entries=ENTRIES),
    ],
    ids=["plain", "abstention", "since", "as_of", "preference", "also reported", "timeline"],
)
def test_an_answer_is_the_same_after_a_round_trip(answer: Answer) -> None:
    assert read_answer(json.loads(json.dumps(build_answer(answer)))) == answer


def test_the_caller_s_bounds_are_shown_before_those_of_the_question_s_words() -> None:
    window = Window(
        since=datetime(2025, 1, 1, tzinfo=UTC), prefer_until=datetime(2025, 6, 30, tzinfo=UTC)
    )
    assert build_window(window) == {
        "since": "2025-01-01T00:00:00Z",
        "until": None,
        "from_question": False,
    }


def test_passages_have_the_contract_s_keys_and_their_place_in_the_article() -> None:
    article = make_article(published_at=None)
    passage = make_passage(article, also_reported_by=["Northern Ledger"])
    wire = build_passages([passage], Window(), {"retrieve": 1.0})
    assert set(wire) == {"passages", "window", "timings_ms"}
    (found,) = wire["passages"]
    assert set(found) == PASSAGE_KEYS
    assert found["published_at"] is None
    assert article.text[found["start"] : found["end"]] == found["text"]
    assert found["also_reported_by"] == ["Northern Ledger"]


def test_entries_are_dates_labels_texts_and_markers() -> None:
    wire = build_answer(replace(make_answer(), form="timeline", entries=ENTRIES))
    assert wire["form"] == "timeline"
    text = "Mark Rutte chaired the talks."
    assert wire["entries"] == [
        {"date": "2025-06-24", "label": None, "text": text, "markers": [1]},
        {"date": None, "label": "Spain", "text": "They agreed.", "markers": [1, 2]},
    ]


def test_an_answer_of_an_earlier_version_is_running_text() -> None:
    wire = build_answer(make_answer())
    assert (wire["form"], wire["entries"]) == ("answer", None)
    del wire["form"], wire["entries"]
    assert read_answer(wire) == make_answer()
