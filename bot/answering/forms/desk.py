"""What every form is made with: the search, and what reads the passages that it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from statistics import mean

from bot.answering.evidence import EvidenceFinder, Reads
from bot.answering.forms.topics import MOST_PASSAGES, Told, TopicReader, find_published_day
from bot.answering.schema import Claim, DraftedEntry, Evidence, Form, Question
from retrieval.retriever import Retriever
from retrieval.schema import Filters, Passage
from retrieval.windows import without_time_words


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of an answer, in order; `confidence` is how surely they are what is asked for,
    `least` how many make an answer of this form."""

    form: Form
    entries: tuple[DraftedEntry, ...]
    confidence: float
    notes: tuple[str, ...] = ()
    least: int = 2


class Desk:
    def __init__(self, retriever: Retriever, reader: Reads) -> None:
        self.retriever = retriever
        self.reader = reader
        self.finder = EvidenceFinder(reader)
        self._topics = TopicReader(retriever)

    def search(
        self, question: Question, text: str, filters: Filters | None = None, *, by_time: bool = True
    ) -> tuple[Passage, ...]:
        """Many passages, within what the question allows; `by_time` prefers what is close to when
        it was asked."""
        return self.retriever.retrieve(
            text,
            filters or question.filters,
            MOST_PASSAGES,
            asked_at=question.asked_at if by_time else None,
        )

    def find_told(
        self,
        question: Question,
        topic: str,
        filters: Filters | None = None,
        *,
        by_time: bool = False,
        told_of: str = "",
    ) -> list[Told]:
        """The sentences that tell of a topic, or of `told_of`, the most telling first."""
        asked = without_time_words(topic, question.asked_at).strip(" ,;:") or topic
        allowed = filters or question.filters
        if not by_time:
            window = replace(allowed.window, prefer_since=None, prefer_until=None)
            allowed = replace(allowed, window=window)
        passages = self.search(question, asked, allowed, by_time=by_time)
        return self._topics.find(told_of or asked, passages)

    def stem(self, text: str) -> set[str]:
        """The stems of its telling words."""
        return self._topics.stem(text)

    def share(self, wanted: set[str], held: set[str]) -> float:
        """How much of the stems wanted are held, by weight."""
        return self._topics.share(wanted, held)


def keep_preferred(question: Question, told: Sequence[Told]) -> list[Told]:
    """Those of the days that the question's words name; all, where they name none."""
    window = question.filters.window
    if not window.from_question:
        return list(told)
    noon = time(12, tzinfo=UTC)
    return [
        each
        for each in told
        if each.day is not None and window.prefers(datetime.combine(each.day, noon))
    ]


def build_entry(told: Told, label: str | None = None, *, published: bool = False) -> DraftedEntry:
    """`published`: with the article's day, even where the sentence states that of an event."""
    return DraftedEntry(told.published_on if published else told.day, label, told.claims)


def build_answering_entry(evidence: Evidence, label: str) -> DraftedEntry:
    """Of a sentence that answers, with its article's day."""
    return DraftedEntry(find_published_day(evidence), label, (Claim(evidence.quote, (evidence,)),))


def measure_nearness(told: Sequence[Told]) -> float:
    """How near the sentences are to the topic, as a share: it decides nothing finer than whether to
    show them."""
    return min(0.95, mean(min(each.score, 1.0) for each in told)) if told else 0.0
