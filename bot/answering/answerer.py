"""The journey of a question, as one function of named steps."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.answering.citations import build_citation, cite, cite_entries
from bot.answering.disagreement import name_disagreement
from bot.answering.evidence import Reads
from bot.answering.extractive import ExtractiveAnswerer
from bot.answering.forms.drafting import FormDrafter
from bot.answering.generative import GenerativeAnswerer
from bot.answering.introduction import reply_to_small_talk
from bot.answering.languages import is_other_language
from bot.answering.llm import LLM, Following, OnDelta, ignore_delta
from bot.answering.parts import Found, draft_parts, search
from bot.answering.questions import note_reading, note_unread_cut_offs
from bot.answering.quotations import draft_quotation
from bot.answering.schema import (
    Abstention,
    AbstentionReason,
    Answer,
    Citation,
    Draft,
    Entry,
    Evidence,
    Question,
)
from bot.answering.sentences import is_sentence
from bot.answering.small_talk import SmallTalk, find_small_talk
from bot.settings import BotSettings
from retrieval.embedder import BUNDLED_MODEL
from retrieval.models.reader import Reader
from retrieval.retriever import Retriever
from retrieval.schema import Passage, read_clock

_MOST_CLOSEST = 3
_OLD = timedelta(days=60)
MESSAGES: dict[AbstentionReason, str] = {
    "no_articles": "There are no articles yet: add some with `dateline ingest`.",
    "no_evidence": "No article here answers this.",
    "outside_window": "No article was published within the dates and sources asked for.",
    "model_declined": "The language model found no answer in the articles.",
    "unsupported": "No article supports an answer.",
    "other_language": "The built-in models read English only. Ask in English, or configure a "
    "language model (`bot.llm`) or a multilingual `retrieval.embedding_model`.",
}


class Drafting(Protocol):
    def draft(
        self, question: Question, passages: Sequence[Passage], on_delta: OnDelta, /
    ) -> Draft: ...


class Answerer:
    def __init__(
        self,
        retriever: Retriever,
        drafter: Drafting,
        abstain_below: float,
        extractive: ExtractiveAnswerer | None = None,
        *,
        forms: FormDrafter | None = None,
        reads_english_only: bool = False,
    ) -> None:
        self._retriever = retriever
        self._drafter = drafter
        self._extractive = extractive
        self._forms = forms
        self._abstain_below = abstain_below
        self._reads_english_only = reads_english_only

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        """Answer or abstain; every sentence of the answer is cited. A model's draft is passed to
        `on_delta` as it comes, unverified."""
        if kind := find_small_talk(question.text):
            return self._reply(question, kind)
        started = time.perf_counter()
        asked, found = question, search(self._retriever, question)
        question, passages = found.question, found.passages
        retrieved = time.perf_counter()
        if isinstance(on_delta, Following):
            on_delta.found(len(passages), len({each.article.story_id for each in passages}))
        settled = self._settle(question, passages)
        draft = settled or self._draft(question, found, on_delta)
        reason = self._abstention(question, passages, draft)
        ordinary = draft.form == "answer" and not found.parts
        if reason is None and settled is None and ordinary:
            draft = name_disagreement(question.text, passages, draft, self._retriever)
        text, citations, entries = ("", (), ()) if reason else _cite(draft)
        # What is near to a question that cannot be read is near by chance.
        closest = () if reason == "other_language" else passages
        abstention = None if reason is None else _abstain(reason, closest)
        finished = time.perf_counter()
        newest = max((c.published_at for c in citations if c.published_at), default=None)
        return Answer(
            answer_id=uuid.uuid4().hex,
            question=asked.text,
            text=text,
            abstention=abstention,
            citations=citations,
            window=question.filters.window,
            newest_evidence_at=newest,
            notes=(
                *note_reading(asked, question),
                *draft.notes,
                *self._notes(question, newest, bool(citations)),
                *_note_later_changes(citations, passages, question.filters.window.as_of),
            ),
            confidence=round(draft.confidence, 4),
            mode=draft.mode,
            model=draft.model,
            conversation_id=question.conversation_id,
            timings_ms={
                "retrieve": round(1000 * (retrieved - started), 1),
                "answer": round(1000 * (finished - retrieved), 1),
            },
            noted=draft.noted,
            short_answer=None if reason else draft.short_answer,
            left_out=draft.left_out,
            understood_as=None if question.text == asked.text else question.text,
            form=draft.form if entries else "answer",
            entries=entries or None,
        )

    def _reply(self, question: Question, kind: SmallTalk) -> Answer:
        """Nothing is searched for small talk, and no model asked."""
        started = time.perf_counter()
        message = reply_to_small_talk(kind, self._retriever.archive, question.filters)
        elapsed_ms = round(1000 * (time.perf_counter() - started), 1)
        return Answer(
            answer_id=uuid.uuid4().hex,
            question=question.text,
            text="",
            abstention=Abstention("small_talk", message),
            citations=(),
            window=question.filters.window,
            newest_evidence_at=None,
            notes=(),
            confidence=0.0,
            mode="extractive",
            model=None,
            conversation_id=question.conversation_id,
            timings_ms={"retrieve": 0.0, "answer": elapsed_ms},
        )

    def _settle(self, question: Question, passages: Sequence[Passage]) -> Draft | None:
        """What needs no reading: words that are quoted, and a language that cannot be read."""
        quotation = draft_quotation(question, passages)
        if quotation is None and self._reads_english_only and is_other_language(question.text):
            return Draft((), 0.0, "extractive", declined="other_language")
        return quotation

    def _draft(self, question: Question, found: Found, on_delta: OnDelta) -> Draft:
        """Lines, where quotes answer and the question asks for them; else running text."""
        quotes_answer = self._drafter is self._extractive
        if quotes_answer and self._forms and (lines := self._forms.draft(question)):
            return lines
        draft = self._drafter.draft(question, found.passages, on_delta)
        if found.parts and draft.mode == "extractive" and self._extractive is not None:
            return draft_parts(self._extractive, found, draft)
        return draft

    def _abstention(
        self, question: Question, passages: Sequence[Passage], draft: Draft
    ) -> AbstentionReason | None:
        if passages and draft.claims and draft.confidence >= self._abstain_below:
            return None
        if self._retriever.archive.count() == 0:
            return "no_articles"
        if not question.filters.is_open and not self._retriever.archive.count(question.filters):
            return "outside_window"
        return draft.declined

    def _notes(self, question: Question, newest: datetime | None, cited: bool) -> tuple[str, ...]:
        notes = [*note_unread_cut_offs(question)]
        if question.filters.window.is_hard and (undated := self._retriever.archive.count_undated()):
            were = "article was" if undated == 1 else "articles were"
            notes.append(f"{undated} undated {were} left out, because a date was asked for.")
        if cited and newest is None:
            notes.append(
                "The articles cited are undated: none of them states when it was published."
            )
        elif newest is not None and question.asked_at - newest > _OLD:
            age = _describe_age((question.asked_at - newest).days)
            day = f"{newest.day} {newest:%B %Y}"
            notes.append(f"Newest source: {day}, {age} old.")
        return tuple(notes)


def _note_later_changes(
    citations: Sequence[Citation], passages: Sequence[Passage], as_of: datetime | None
) -> tuple[str, ...]:
    """A note for every cited article whose text is of a later day than the one asked about: the
    archive keeps the newest."""
    if as_of is None:
        return ()
    changes = {each.article.article_id: each.article.modified_at for each in passages}
    found = ((each, changes.get(each.article_id)) for each in citations)
    notes = (
        f"[{citation.marker}] was edited on {at.day} {at:%B %Y}, after the date you asked about; "
        "the quote may be newer."
        for citation, at in found
        if at is not None and read_clock(at, as_of) > as_of
    )
    return tuple(dict.fromkeys(notes))


def build_answerer(
    retriever: Retriever, llm: LLM | None, settings: BotSettings, reader: Reads | None = None
) -> Answerer:
    """Verbatim sentences, or a model's draft where one is configured."""
    reader = reader or Reader()
    extractive = ExtractiveAnswerer(retriever, reader)
    least = settings.abstain_below
    drafter: Drafting = extractive if llm is None else GenerativeAnswerer(llm, extractive, least)
    english_only = llm is None and retriever.embedder.model_name == BUNDLED_MODEL
    return Answerer(
        retriever,
        drafter,
        least,
        extractive,
        forms=FormDrafter(retriever, reader),
        reads_english_only=english_only,
    )


def _cite(draft: Draft) -> tuple[str, tuple[Citation, ...], tuple[Entry, ...]]:
    return cite_entries(draft.entries) if draft.entries else (*cite(draft.claims), ())


def _describe_age(days: int) -> str:
    if days < 90:
        return f"{days} days"
    return f"{days * 12 / 365:.0f} months" if days < 730 else f"{days / 365:.0f} years"


def _abstain(reason: AbstentionReason, passages: Sequence[Passage]) -> Abstention:
    """The best sentence of each of the closest articles, as what was found instead."""
    closest: dict[str, Citation] = {}
    for passage in passages:
        article = passage.article
        sentences = [
            Evidence(passage, start, end, similarity)
            for (start, end), similarity in zip(
                passage.chunk.sentences, passage.sentence_similarities, strict=True
            )
            if is_sentence(article.text[start:end])
        ]
        if sentences and article.article_id not in closest:
            best = max(sentences, key=lambda each: each.relevance)
            closest[article.article_id] = build_citation(best, len(closest) + 1)
    return Abstention(reason, MESSAGES[reason], tuple(closest.values())[:_MOST_CLOSEST])
