"""Other articles on an article's page, whole, below it: they are not its text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.cleaning import clean_name, count_words

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_HEADINGS = ("h1", "h2", "h3")
_LEAST_WORDS = 20


def drop_neighbours(page: HtmlElement, headline: HtmlElement | None) -> list[str]:
    """Take out of the page what stands beside the headline's article as an article of its own.

    Returns what was taken out.
    """
    if headline is None:
        return []
    dropped: list[str] = []
    for block in list(_find_neighbours(page, headline)):
        if block.getparent() is not None:
            dropped.append(" ".join(block.text_content().split()))
            block.drop_tree()
    return dropped


def _find_neighbours(page: HtmlElement, headline: HtmlElement) -> Iterator[HtmlElement]:
    above = [headline, *headline.iterancestors()]
    own = clean_name(headline.text_content())
    for heading in page.iter(*_HEADINGS):
        if heading is headline or clean_name(heading.text_content()) == own:
            continue
        path = [heading, *heading.iterancestors()]
        shared = next((element for element in path if element in above), None)
        if shared is None or shared is headline or heading in above:
            continue
        block, beside = path[path.index(shared) - 1], above[above.index(shared) - 1]
        is_article = block.tag == "article" and _begins_with(block, heading)
        if (is_article or (heading.tag == headline.tag and block is not heading)) and (
            _follows(block, beside) and _has_text(beside, headline)
        ):
            yield block


def _begins_with(block: HtmlElement, heading: HtmlElement) -> bool:
    return next(block.iter(*_HEADINGS), None) is heading


def _follows(block: HtmlElement, beside: HtmlElement) -> bool:
    return any(element is block for element in beside.itersiblings())


def _has_text(beside: HtmlElement, headline: HtmlElement) -> bool:
    """Whether the headline and its own article's text stand in one block: a headline may stand
    in a header of its own, above sections that have headings of the same rank."""
    if beside.tag == "header":
        return False
    paragraphs = (p for p in beside.iter("p") if p not in headline.iterdescendants())
    return sum(count_words(p.text_content()) for p in paragraphs) >= _LEAST_WORDS
