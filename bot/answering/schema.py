"""The values of answering: question, evidence, draft, answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal

from retrieval.schema import DateProvenance, Filters, Passage, Window

Mode = Literal["extractive", "generative"]
Form = Literal["answer", "timeline", "comparison", "list"]
AbstentionReason = Literal[
    "no_articles",
    "no_evidence",
    "outside_window",
    "model_declined",
    "unsupported",
    "other_language",
    "small_talk",
]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was asked and as it was understood, and what was answered, if it was."""

    question: str
    understood: str
    answer: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asked. `filters` hold what the caller gave, not what the words say.

    `owner` is whose conversation it is; "" is whoever uses this machine. `earlier` are the turns
    before, oldest first, where the caller brings them; None: those kept of the conversation.
    """

    text: str
    filters: Filters = field(default_factory=Filters)
    asked_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    conversation_id: str | None = None
    owner: str = ""
    earlier: tuple[Turn, ...] | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A verbatim sentence of a passage; the span is in characters of the article's text."""

    passage: Passage
    start: int
    end: int
    relevance: float

    @property
    def quote(self) -> str:
        return self.passage.article.text[self.start : self.end]

    @property
    def place(self) -> tuple[str, int]:
        """Of which article, and where it begins."""
        return self.passage.article.article_id, self.start


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of an answer, without markers, and the evidence it rests on (at least one)."""

    text: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class DraftedEntry:
    """One line of an answer that is not running text; its claims are quotes of one passage.

    `day` is that of the event or of the article; `label` is what the line is about: an item, one
    side of a comparison, or a publisher.
    """

    day: date | None
    label: str | None
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """What an answering mode makes of passages; no claims means that it declines.

    `short_answer` is what its first claim begins with, if anything. `noted` are the ids of the
    articles that its notes take words from, `left_out` a model's sentences that no article bears
    out. `entries` are none where `form` is "answer"; else their claims are the draft's, in order.
    """

    claims: tuple[Claim, ...]
    confidence: float
    mode: Mode
    model: str | None = None
    declined: AbstentionReason = "no_evidence"
    notes: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    short_answer: str | None = None
    left_out: tuple[str, ...] = ()
    form: Form = "answer"
    entries: tuple[DraftedEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """`quote` is the article's text from `start` to `end`, to the character."""

    marker: int
    article_id: str
    title: str
    url: str | None
    source: str | None
    published_at: datetime | None
    date_provenance: DateProvenance
    quote: str
    start: int
    end: int
    also_reported_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline, comparison or list: exact words of what its markers cite.

    `label` is an item or a side of a comparison, or the publisher; a line has a day, a label, both
    or neither.
    """

    date: date | None
    label: str | None
    text: str
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Abstention:
    """Why there is no answer, and what came closest; `message` is also the reply to small talk."""

    reason: AbstentionReason
    message: str
    closest: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The contract's answer. Every sentence of `text` carries a marker of `citations`.

    `short_answer` is what the text begins with: exact words of the first citation's quote or,
    where a day is asked for, the day that they mean. `noted` are the ids of the articles that the
    notes take words from, cited or not; `left_out` the sentences of a model's draft that are not
    shown. `understood_as` is what was searched, where that is not the question as it was asked.
    `entries` are the lines that `text` is made of, in order; None where `form` is "answer".
    """

    answer_id: str
    question: str
    text: str
    abstention: Abstention | None
    citations: tuple[Citation, ...]
    window: Window
    newest_evidence_at: datetime | None
    notes: tuple[str, ...]
    confidence: float
    mode: Mode
    model: str | None
    conversation_id: str | None
    timings_ms: dict[str, float]
    noted: tuple[str, ...] = ()
    short_answer: str | None = None
    left_out: tuple[str, ...] = ()
    understood_as: str | None = None
    form: Form = "answer"
    entries: tuple[Entry, ...] | None = None

    @property
    def answered(self) -> bool:
        return self.abstention is None

    @property
    def lines(self) -> tuple[str, ...]:
        """The text, an entry a line; running text is one line."""
        return tuple(self.text.split("\n")) if self.entries else (self.text,)
