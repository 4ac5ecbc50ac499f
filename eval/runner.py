"""Put every gold question to the bot's own retriever and answerer, and score what comes."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from bot.answering.answerer import Answerer
from bot.answering.conversation import understand
from bot.answering.llm import LLM
from bot.answering.parts import search
from bot.answering.questions import build_question
from bot.answering.schema import Answer, Citation, Question, Turn
from eval.dataset import GoldError, GoldEvidence, GoldItem, index_articles
from eval.entries import score_entries
from eval.judge import Judge
from eval.metrics import (
    choice_accuracy,
    containment,
    first_relevant_rank,
    score_ranking,
    share,
    token_f1,
    unique,
)
from retrieval.archive import Archive
from retrieval.retriever import Retriever
from retrieval.schema import Article, Filters, Passage

_DEPTH = 10
# Passages are asked for generously, so that ten articles are among them.
_PASSAGES = 50


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation, and whether its quote holds one of the gold quotes: what leans on the sentence
    before is quoted together with it."""

    citation: Citation
    is_gold: bool
    is_gold_article: bool
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One question, its answer and its scores. A score that does not apply is not there."""

    item: GoldItem
    answer: Answer
    passages: tuple[Passage, ...]
    relevant: frozenset[str]
    cited: tuple[Cited, ...]
    leaks: int
    latency_ms: float
    first_relevant_rank: int | None
    scores: dict[str, float]


class Runner:
    """Raises GoldError when gold evidence names an article that is not in the archive."""

    def __init__(
        self,
        archive: Archive,
        retriever: Retriever,
        answerer: Answerer,
        judge: Judge | None = None,
        llm: LLM | None = None,
    ) -> None:
        self._archive = archive
        self._judge_model = judge
        self._retriever = retriever
        self._answerer = answerer
        self._articles = index_articles(archive)
        self._llm = llm
        self._understood: dict[str, Question] = {}

    def run(
        self, items: Sequence[GoldItem], on_question: Callable[[int, int], None] | None = None
    ) -> tuple[Row, ...]:
        rows: list[Row] = []
        for item in items:
            rows.append(self._score(item))
            if on_question is not None:
                on_question(len(rows), len(items))
        return tuple(rows)

    def rank(self, item: GoldItem, retriever: Retriever) -> dict[str, float]:
        """The retrieval metrics alone, with another retriever; for baselines."""
        passages = _retrieve(self._understand(item), retriever)
        return score_ranking(_rank_articles(passages), self._find_relevant(item))

    def _score(self, item: GoldItem) -> Row:
        question = self._understand(item)
        passages = _retrieve(question, self._retriever)
        relevant = self._find_relevant(item)
        started = time.perf_counter()
        answer = self._answerer.answer(question)
        latency_ms = 1000 * (time.perf_counter() - started)
        cited = tuple(self._judge(citation, item, relevant) for citation in answer.citations)
        ranked = _rank_articles(passages)
        scores = _score_abstention(item, answer)
        if item.answerable:
            scores |= score_ranking(ranked, relevant) | _score_answer(item, answer)
        scores |= self._score_citations(item, cited, answer)
        scores |= score_entries(item, answer, self._articles)
        if self._judge_model is not None:
            scores |= self._judge_model.score(item, answer)
        return Row(
            item=item,
            answer=answer,
            passages=passages,
            relevant=relevant,
            cited=cited,
            leaks=_count_leaks(answer, question.filters),
            latency_ms=round(latency_ms, 1),
            first_relevant_rank=first_relevant_rank(ranked, relevant) if item.answerable else None,
            scores=scores,
        )

    def _understand(self, item: GoldItem) -> Question:
        """The question as the conversation before it makes it; that is asked once."""
        if item.id not in self._understood:
            asked = to_question(item)
            turns: tuple[Turn, ...] = ()
            for text in item.previous:
                earlier = understand(replace(asked, text=text), turns, self._llm)
                answer = self._answerer.answer(earlier)
                turns = (*turns, Turn(text, earlier.text, answer.text))
            self._understood[item.id] = understand(asked, turns, self._llm)
        return self._understood[item.id]

    def _find_relevant(self, item: GoldItem) -> frozenset[str]:
        """The gold articles and the other carriers of their stories: the same words."""
        unknown = [e.article for e in item.evidence if e.article not in self._articles]
        if unknown:
            raise GoldError(f"{item.id}: there is no article {unknown[0]}")
        named = {self._articles[evidence.article].article_id for evidence in item.evidence}
        carriers = self._archive.carriers.of_stories(named, Filters())
        return frozenset(carrier.article_id for carrier in carriers)

    def _judge(self, citation: Citation, item: GoldItem, relevant: Collection[str]) -> Cited:
        article = self._archive.get_many([citation.article_id]).get(citation.article_id)
        return Cited(
            citation=citation,
            is_gold=any(_quotes(citation, each) for each in item.evidence),
            is_gold_article=citation.article_id in relevant,
            is_exact=_is_exact(citation, article),
        )

    def _score_citations(
        self, item: GoldItem, cited: Sequence[Cited], answer: Answer
    ) -> dict[str, float]:
        """Against gold quotes: `lead_precision` says whether the first citation quotes one,
        `citation_precision` is the share of citations that do,
        `citation_recall` the share of the gold stories that are quoted by one."""
        if not answer.answered:
            return {}
        scores = {"quote_validity": share(sum(each.is_exact for each in cited), len(cited))}
        if not item.answerable:
            return scores
        of_gold = sum(each.is_gold_article for each in cited)
        scores["cited_article_precision"] = share(of_gold, len(cited))
        if any(evidence.quote for evidence in item.evidence):
            stories = {self._articles[e.article].story_id for e in item.evidence}
            found = {
                self._articles[e.article].story_id
                for e in item.evidence
                if any(_quotes(each.citation, e) for each in cited)
            }
            scores["lead_precision"] = float(cited[0].is_gold)
            scores["citation_precision"] = share(sum(e.is_gold for e in cited), len(cited))
            scores["citation_recall"] = share(len(found), len(stories))
        return scores


def _quotes(citation: Citation, evidence: GoldEvidence) -> bool:
    return bool(evidence.quote and evidence.quote in citation.quote)


def to_question(item: GoldItem) -> Question:
    return build_question(
        item.question,
        asked_at=item.asked_at,
        as_of=item.as_of,
        since=item.since,
        until=item.until,
        sources=item.sources,
    )


def _retrieve(question: Question, retriever: Retriever) -> tuple[Passage, ...]:
    return search(retriever, question, _PASSAGES).passages


def _rank_articles(passages: Sequence[Passage]) -> tuple[str, ...]:
    return unique([passage.article.article_id for passage in passages])[:_DEPTH]


def _score_abstention(item: GoldItem, answer: Answer) -> dict[str, float]:
    declined = float(not answer.answered)
    scores = {"answered": 1.0 - declined} if item.answerable else {"abstention_recall": declined}
    if declined:
        scores["abstention_precision"] = float(not item.answerable)
    return scores


def _score_answer(item: GoldItem, answer: Answer) -> dict[str, float]:
    """Over the quotes, not the text: what is not quoted is not shown."""
    if not item.accepted:
        return {}
    quotes = " ".join(citation.quote for citation in answer.citations)
    scores = {"containment": containment(quotes, item.accepted)}
    if item.choices:
        scores["choice_accuracy"] = choice_accuracy(quotes, item.choices, item.accepted)
    if item.answer:
        scores["token_f1"] = token_f1(quotes, item.answer)
    return scores


def _is_exact(citation: Citation, article: Article | None) -> bool:
    return article is not None and article.text[citation.start : citation.end] == citation.quote


def _count_leaks(answer: Answer, asked: Filters) -> int:
    """Citations that the question, as it was asked, does not allow."""
    closest = answer.abstention.closest if answer.abstention else ()
    shown = (*answer.citations, *closest)
    return sum(not asked.allows(citation.published_at, citation.source) for citation in shown)
