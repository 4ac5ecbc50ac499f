"""The paragraphs of a page's article, by trafilatura and what the page says of them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ingest.cleaning import clean_characters, clean_name
from ingest.pages.facts import PageFacts
from ingest.pages.headline import is_foreign

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PROMOTION = re.compile(
    r"(?:read (?:more|also|next)|see (?:more|also)|also read|don['’]t miss|related|more on this|"
    r"recommended|lesen sie (?:auch|mehr)|mehr zum thema|lire aussi|à lire aussi|lea también|"
    r"leggi anche|leia também|lees ook|läs också|les også|czytaj (?:też|także))\b"
    r"\s*(?:$|[:>|–-]).*",
    re.I,
)
_MOST_PROMOTION_WORDS = 25
_NO_WORD = re.compile(r"\W+")
_LEAST_WORDS = 15
_MUCH_LESS = 2


def read_paragraphs(page: HtmlElement, facts: PageFacts) -> list[str]:
    """`page` is without what its readers do not see; it is changed."""
    import trafilatura

    _join_chunks(facts.headline)
    body = trafilatura.extract(page, include_comments=False, include_tables=False) or ""
    paragraphs = [p for p in clean_characters(body).split("\n") if p and p != facts.title]
    paragraphs = [p for p in paragraphs if not _is_promotion(p)]
    return _described_paragraphs(page, facts, paragraphs) or paragraphs


def _join_chunks(headline: HtmlElement | None) -> None:
    """One container for an article that advertisements cut into several of one class."""
    article = next(headline.iterancestors("article"), None) if headline is not None else None
    if article is None or len(list(article.iter("article"))) > 1:
        return
    chunks: defaultdict[str, list[HtmlElement]] = defaultdict(list)
    for container in article.iter("div", "section"):
        name = container.get("class")
        if name and len(container.findall("p")) > 1 and not is_foreign(container, headline):
            chunks[name].append(container)
    for first, *others in chunks.values():
        for other in others:
            if first not in other.iterancestors():
                first.extend(list(other))


def _is_promotion(paragraph: str) -> bool:
    """`Read more: …`, the headline of another article."""
    return (
        _PROMOTION.fullmatch(paragraph) is not None
        and len(paragraph.split()) <= _MOST_PROMOTION_WORDS
    )


def _described_paragraphs(page: HtmlElement, facts: PageFacts, found: list[str]) -> list[str]:
    """What JSON-LD says the article's text is, if that is much more than was found.

    Only what the page shows is taken, unless it shows no article at all: a script draws it then.
    """
    described = facts.article.get("articleBody")
    if not isinstance(described, str):
        return []
    words_found = _count_words(found)
    if len(described.split()) <= _MUCH_LESS * words_found:
        return []
    known = _squash(described)
    blocks = (clean_name(block.text_content()) for block in page.iter("p", "li", "h2", "h3"))
    shown = [block for block in blocks if block and _squash(block) in known]
    if _count_words(shown) > words_found:
        return list(dict.fromkeys(shown))
    if words_found < _LEAST_WORDS:
        return [p for p in clean_characters(described).split("\n") if p]
    return []


def _count_words(paragraphs: list[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def _squash(text: str) -> str:
    return _NO_WORD.sub("", text).casefold()
