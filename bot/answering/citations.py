"""Number the evidence of a draft: the only place where markers are made."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.answering.schema import Citation, Claim, Evidence
from retrieval.schema import Article

_FINAL_PUNCTUATION = re.compile(r"[.!?…]+[\"'”’»)\]]*$")

# An article's own "[3]" must not pass for a marker of ours; the quote keeps it.
_BRACKETED = re.compile(r"\[(\d+)\]")
_MARKERS = re.compile(r" (?:\[\d+\])+")


def cite(claims: Sequence[Claim]) -> tuple[str, tuple[Citation, ...]]:
    """The answer's text, each sentence with its markers, and one citation a marker."""
    markers: dict[tuple[str, int, int], int] = {}
    citations: list[Citation] = []
    sentences: list[str] = []
    for claim in claims:
        numbers: list[int] = []
        for evidence in claim.evidence:
            key = (evidence.passage.article.article_id, evidence.start, evidence.end)
            if key not in markers:
                markers[key] = len(markers) + 1
                citations.append(build_citation(evidence, markers[key]))
            numbers.append(markers[key])
        sentences.append(_insert_markers(_BRACKETED.sub(r"(\1)", claim.text), numbers))
    return " ".join(sentences), tuple(citations)


def build_citation(evidence: Evidence, marker: int) -> Citation:
    passage = evidence.passage
    return quote_article(
        marker, passage.article, evidence.start, evidence.quote, passage.also_reported_by
    )


def quote_article(
    marker: int, article: Article, start: int, quote: str, also_reported_by: tuple[str, ...]
) -> Citation:
    """`quote` stands in the article from `start` on."""
    return Citation(
        marker=marker,
        article_id=article.article_id,
        title=article.title,
        url=article.url,
        source=article.source,
        published_at=article.published_at,
        date_provenance=article.date_provenance,
        quote=quote,
        start=start,
        end=start + len(quote),
        also_reported_by=also_reported_by,
    )


def drop_markers(text: str) -> str:
    """The answer's text as it reads without its citations."""
    return _MARKERS.sub("", text)


def _insert_markers(sentence: str, numbers: Sequence[int]) -> str:
    """`It rose.` → `It rose [1].`: inside the full stop, so that the marker ends the sentence."""
    marked = "".join(f"[{number}]" for number in sorted(set(numbers)))
    punctuation = _FINAL_PUNCTUATION.search(sentence)
    if punctuation is None:
        return f"{sentence} {marked}."
    return f"{sentence[: punctuation.start()]} {marked}{punctuation.group()}"
