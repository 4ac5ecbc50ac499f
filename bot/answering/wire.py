"""Answers and passages as JSON: the contract that scripts outside rely on, in one place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.answering.schema import Abstention, Answer, Citation, Entry
from retrieval.schema import Passage, Window
from retrieval.wire import build_moment, build_published


def build_answer(answer: Answer) -> dict[str, Any]:
    abstention = answer.abstention
    return {
        "id": answer.answer_id,
        "question": answer.question,
        "understood_as": answer.understood_as,
        "answered": answer.answered,
        "answer": answer.text,
        "short_answer": answer.short_answer,
        "form": answer.form,
        "entries": build_entries(answer.entries),
        "abstention": None
        if abstention is None
        else {
            "reason": abstention.reason,
            "message": abstention.message,
            "closest": [build_citation(citation) for citation in abstention.closest],
        },
        "citations": [build_citation(citation) for citation in answer.citations],
        "as_of": build_moment(answer.window.as_of),
        "window": build_window(answer.window),
        "newest_evidence_at": build_published(answer.newest_evidence_at),
        "notes": list(answer.notes),
        "left_out": list(answer.left_out),
        "confidence": answer.confidence,
        "mode": answer.mode,
        "model": answer.model,
        "conversation_id": answer.conversation_id,
        "timings_ms": answer.timings_ms,
    }


def build_verified_answer(answer: Answer) -> dict[str, Any]:
    """Without the sentences that no article bears out: for those who pass on all that they read."""
    return build_answer(replace(answer, left_out=()))


def read_answer(wire: Mapping[str, Any]) -> Answer:
    """The reverse of `build_answer`, for clients of a server."""
    abstention, window = wire["abstention"], wire["window"]
    span = (_read_moment(window["since"]), _read_moment(window["until"]))
    soft = window["from_question"]
    return Answer(
        answer_id=wire["id"],
        question=wire["question"],
        text=wire["answer"],
        abstention=None
        if abstention is None
        else Abstention(
            reason=abstention["reason"],
            message=abstention["message"],
            closest=tuple(map(_read_citation, abstention["closest"])),
        ),
        citations=tuple(map(_read_citation, wire["citations"])),
        window=Window(
            since=None if soft else span[0],
            until=None if soft else span[1],
            as_of=_read_moment(wire["as_of"]),
            prefer_since=span[0] if soft else None,
            prefer_until=span[1] if soft else None,
        ),
        newest_evidence_at=_read_moment(wire["newest_evidence_at"]),
        notes=tuple(wire["notes"]),
        confidence=wire["confidence"],
        mode=wire["mode"],
        model=wire["model"],
        conversation_id=wire["conversation_id"],
        timings_ms=dict(wire["timings_ms"]),
        # Answers kept by earlier versions have none of these.
        short_answer=wire.get("short_answer"),
        left_out=tuple(wire.get("left_out", ())),
        understood_as=wire.get("understood_as"),
        form=wire.get("form", "answer"),
        entries=read_entries(wire.get("entries")),
    )


def build_entries(entries: Sequence[Entry] | None) -> list[dict[str, Any]] | None:
    if entries is None:
        return None
    return [
        {
            "date": None if entry.date is None else entry.date.isoformat(),
            "label": entry.label,
            "text": entry.text,
            "markers": list(entry.markers),
        }
        for entry in entries
    ]


def read_entries(wire: Sequence[Mapping[str, Any]] | None) -> tuple[Entry, ...] | None:
    if wire is None:
        return None
    return tuple(
        Entry(
            date=None if each["date"] is None else date.fromisoformat(each["date"]),
            label=each["label"],
            text=each["text"],
            markers=tuple(each["markers"]),
        )
        for each in wire
    )


def build_citation(citation: Citation) -> dict[str, Any]:
    return {
        "marker": citation.marker,
        "article_id": citation.article_id,
        "title": citation.title,
        "url": citation.url,
        "source": citation.source,
        "published_at": build_published(citation.published_at),
        "date_provenance": citation.date_provenance,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
        "also_reported_by": list(citation.also_reported_by),
    }


def _read_citation(wire: Mapping[str, Any]) -> Citation:
    return Citation(
        **{
            **wire,
            "published_at": _read_moment(wire["published_at"]),
            "also_reported_by": tuple(wire["also_reported_by"]),
        }
    )


def build_window(window: Window) -> dict[str, Any]:
    """The caller's bounds, or where there are none, the span that the question's words name."""
    given = window.since is not None or window.until is not None
    soft = window.from_question and not given
    return {
        "since": build_moment(window.prefer_since if soft else window.since),
        "until": build_moment(window.prefer_until if soft else window.until),
        "from_question": soft,
    }


def build_passages(
    passages: Sequence[Passage], window: Window, timings_ms: Mapping[str, float]
) -> dict[str, Any]:
    return {
        "passages": [_build_passage(passage) for passage in passages],
        "window": build_window(window),
        "timings_ms": dict(timings_ms),
    }


def _build_passage(passage: Passage) -> dict[str, Any]:
    article = passage.article
    return {
        "rank": passage.rank,
        "score": round(passage.score, 4),
        "article_id": article.article_id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "published_at": build_published(article.published_at),
        "text": passage.text,
        "start": passage.chunk.start,
        "end": passage.chunk.end,
        "also_reported_by": list(passage.also_reported_by),
    }


def _read_moment(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)
