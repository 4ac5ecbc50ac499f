"""From a question to lines, where it asks for lines and there are any."""

from __future__ import annotations

from collections.abc import Callable

from bot.answering.evidence import Reads
from bot.answering.forms import (
    changed,
    comparison,
    latest,
    listing,
    publishers,
    summary,
    timeline,
)
from bot.answering.forms.desk import Desk, Lines
from bot.answering.forms.reading import Asked, Kind, read_form
from bot.answering.schema import Draft, Question
from retrieval.retriever import Retriever

_DRAFTERS: dict[Kind, Callable[[Desk, Question, Asked], Lines]] = {
    "timeline": timeline.draft,
    "latest": latest.draft,
    "changed": changed.draft,
    "compare": comparison.draft,
    "list": listing.draft,
    "summary": summary.draft,
    "publishers": publishers.draft,
}


class FormDrafter:
    def __init__(self, retriever: Retriever, reader: Reads) -> None:
        self._desk = Desk(retriever, reader)

    def draft(self, question: Question) -> Draft | None:
        """None where an ordinary answer is asked for, or too few lines are found."""
        asked = read_form(question.text)
        if asked is None:
            return None
        lines = _DRAFTERS[asked.kind](self._desk, question, asked)
        if len(lines.entries) < lines.least:
            return None
        return Draft(
            claims=tuple(claim for entry in lines.entries for claim in entry.claims),
            confidence=lines.confidence,
            mode="extractive",
            notes=lines.notes,
            form=lines.form,
            entries=lines.entries,
        )
