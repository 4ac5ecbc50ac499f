"""What an answer rests on, as lines: an article each, with the markers that point at it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.answering.schema import Citation
from bot.slack.dates import format_published
from bot.slack.mrkdwn import link, shorten

# Together, with a link of 1,000, within a section of 3,000.
_MOST_TITLE, _MOST_PUBLISHER, _MOST_ALSO = 150, 100, 300
_MOST_MARKERS = 20
# A space as wide as a marker, so that what belongs to a line stands under its title.
_INDENT = "\u2003"


def list_sources(citations: Sequence[Citation], language: str) -> Iterator[str]:
    """`[1][3] Title, linked — Publisher, date`, in the order of the first markers."""
    for group in group_by_article(citations):
        # An article that is cited time and again is named again rather than not at all.
        for start in range(0, len(group), _MOST_MARKERS):
            yield _render(group[start : start + _MOST_MARKERS], language)


def name_article(citation: Citation) -> str:
    return link(citation.url, shorten(citation.title, _MOST_TITLE) or "Untitled")


def describe_article(citation: Citation, language: str) -> str:
    """`Publisher, date`."""
    publisher = shorten(citation.source or "", _MOST_PUBLISHER)
    return ", ".join(filter(None, (publisher, format_published(citation, language))))


def name_others(citations: Sequence[Citation]) -> str:
    """Who else published the story; empty if nobody."""
    others = dict.fromkeys(name for citation in citations for name in citation.also_reported_by)
    return f"Also reported by {shorten(', '.join(others), _MOST_ALSO)}" if others else ""


def _render(group: Sequence[Citation], language: str) -> str:
    markers = "".join(f"[{citation.marker}]" for citation in group)
    line = f"{markers} {name_article(group[0])} — {describe_article(group[0], language)}"
    others = name_others(group)
    return f"{line}\n{_INDENT}{others}" if others else line


def group_by_article(citations: Sequence[Citation]) -> list[list[Citation]]:
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.article_id, []).append(citation)
    return list(groups.values())
