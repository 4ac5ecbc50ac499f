"""Citations as chat pages read them: a number is an article, and has one address.

Open WebUI drops an address that it has seen and takes `[n]` for the n-th that is left. So here
`[n]` is the n-th article, whose quotes share it, and each article is annotated once, in order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from bot.answering.schema import Answer
from bot.markdown import MARKER
from bot.rendering import printable, web_address

_ADJACENT = re.compile(r"(?:\[\d+\])+")


def number_articles(answer: Answer) -> Answer:
    """The answer with markers that count articles; the quotes of one article share its marker."""
    numbers: dict[str, int] = {}
    for citation in answer.citations:
        numbers.setdefault(citation.article_id, len(numbers) + 1)
    of_quote = {citation.marker: numbers[citation.article_id] for citation in answer.citations}

    def renumber(found: re.Match[str]) -> str:
        cited = {of_quote[int(marker)] for marker in MARKER.findall(found.group())}
        return "".join(f"[{number}]" for number in sorted(cited))

    return replace(
        answer,
        text=_ADJACENT.sub(renumber, answer.text),
        citations=tuple(
            replace(citation, marker=of_quote[citation.marker]) for citation in answer.citations
        ),
    )


def annotate(lead: str, answer: Answer, page_url: str) -> Iterator[dict[str, Any]]:
    """One `url_citation` an article, where its number first stands in the lead, in order.

    Indices are of characters (code points) of the content; the end is behind the marker. An
    article without a web address is shown by the page of this server.
    """
    cited = {citation.marker: citation for citation in answer.citations}
    for number, found in _find_first(MARKER.finditer(lead)).items():
        citation = cited[number]
        place = {"start_index": found.start(), "end_index": found.end()}
        url = web_address(citation.url) or f"{page_url}?article={citation.article_id}"
        url_citation = {**place, "url": url, "title": printable(citation.title)}
        yield {"type": "url_citation", "url_citation": url_citation}


def _find_first(markers: Iterable[re.Match[str]]) -> dict[int, re.Match[str]]:
    first: dict[int, re.Match[str]] = {}
    for found in markers:
        first.setdefault(int(found[1]), found)
    return dict(sorted(first.items()))
