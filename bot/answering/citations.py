"""Number the evidence of a draft: the only place where markers are made."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answering.schema import Citation, Claim, DraftedEntry, Entry, Evidence
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
            key = _key(evidence)
            if key not in markers:
                markers[key] = len(markers) + 1
                citations.append(build_citation(evidence, markers[key]))
            numbers.append(markers[key])
        sentences.append(_mark(claim, numbers))
    return " ".join(sentences), tuple(citations)


def _key(evidence: Evidence) -> tuple[str, int, int]:
    return evidence.passage.article.article_id, evidence.start, evidence.end


def _mark(claim: Claim, numbers: Sequence[int]) -> str:
    return _insert_markers(_BRACKETED.sub(r"(\1)", claim.text), numbers)


def cite_entries(
    entries: Sequence[DraftedEntry],
) -> tuple[str, tuple[Citation, ...], tuple[Entry, ...]]:
    """The same of an answer in lines: a line each, introduced by its day and label."""
    lead = [replace(entry.claims[0], text=_introduce(entry)) for entry in entries]
    claims = [(first, *entry.claims[1:]) for first, entry in zip(lead, entries, strict=True)]
    _, citations = cite([claim for line in claims for claim in line])
    markers = {(each.article_id, each.start, each.end): each.marker for each in citations}
    cited = [
        Entry(
            date=entry.day,
            label=entry.label,
            text=" ".join(claim.text for claim in entry.claims),
            markers=tuple(sorted({markers[_key(e)] for c in entry.claims for e in c.evidence})),
        )
        for entry in entries
    ]
    lines = [
        " ".join(_mark(claim, [markers[_key(e)] for e in claim.evidence]) for claim in line)
        for line in claims
    ]
    return "\n".join(lines), citations, tuple(cited)


def _introduce(entry: DraftedEntry) -> str:
    day = None if entry.day is None else f"{entry.day.day} {entry.day:%B %Y}"
    words = ", ".join(filter(None, (entry.label, day)))
    return f"{words}: {entry.claims[0].text}" if words else entry.claims[0].text


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
