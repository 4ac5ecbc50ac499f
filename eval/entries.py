"""The lines of an answer against those that a question wants."""

from __future__ import annotations

from collections.abc import Mapping

from bot.answering.schema import Answer, Citation
from eval.dataset import GoldEntry, GoldItem
from eval.metrics import share
from retrieval.schema import Article


def score_entries(
    item: GoldItem, answer: Answer, articles: Mapping[str, Article]
) -> dict[str, float]:
    """`entry_precision` is the share of the lines shown that fit, `entry_recall` the share of the
    required ones that are shown. Running text shows no lines."""
    if not item.entries:
        return {}
    cited = {citation.marker: citation for citation in answer.citations}
    lines = [[cited[marker] for marker in entry.markers] for entry in answer.entries or ()]
    required = [entry for entry in item.entries if entry.required]
    shown = [e for e in required if any(_fits(line, e, articles) for line in lines)]
    scores = {"entry_recall": share(len(shown), len(required))}
    if lines:
        fitting = [x for x in lines if any(_fits(x, entry, articles) for entry in item.entries)]
        scores["entry_precision"] = share(len(fitting), len(lines))
    return scores


def _fits(line: list[Citation], entry: GoldEntry, articles: Mapping[str, Article]) -> bool:
    """Another carrier of the story is as good."""
    story = articles[entry.article].story_id
    carriers = {each.article_id for each in articles.values() if each.story_id == story}
    return any(
        citation.article_id in carriers and any(quote in citation.quote for quote in entry.quotes)
        for citation in line
    )
