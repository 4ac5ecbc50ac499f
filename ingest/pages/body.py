"""The paragraphs of a page's article, by trafilatura and what the page says of them."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from ingest.cleaning import clean_characters, clean_name, count_words
from ingest.pages.facts import PageFacts
from ingest.pages.headline import is_foreign, short_text
from ingest.pages.neighbours import drop_neighbours
from ingest.pages.sentences import keep_whole, read_prose
from ingest.pages.tables import write_rows

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
_CORRECTION_WORD = (
    r"(?:corrections?|clarifications?|errat(?:um|a)|corrigend(?:um|a)|editor['’]?s['’]? note|"
    r"editorial note|update|retraction|amendment|berichtigung|korrektur|richtigstellung|"
    r"anmerkung der redaktion|rectificatif|rectification|précision|mise à jour|"
    r"note de la rédaction|fe de erratas?|fe de errores|corrección|rectificación|aclaración|"
    r"correzione|rettifica|errata corrige|correção|rectificatie|correctie|rättelse|"
    r"rettelse|retting|presisering|oikaisu|korekta|sprostowanie|oprava|helyreigazítás)"
)
_THIS_ARTICLE = (
    r"(?:this|an earlier version of this|a previous version of this) "
    r"(?:article|story|report|post|page)"
)
_BEGINS_CORRECTION = re.compile(rf"\W*(?:{_CORRECTION_WORD}|{_THIS_ARTICLE})", re.I)
_CORRECTION = re.compile(
    rf"\W*(?:{_CORRECTION_WORD}(?: \(?[^:–—\n]{{1,40}})?\s*[:–—-]|"
    rf"{_THIS_ARTICLE} (?:(?:was|has been) (?:\w+ )?(?:amended|corrected|updated|"
    r"changed|clarified|edited|revised)|(?:originally |incorrectly |wrongly |mistakenly )*"
    r"(?:said|stated|misstated|misidentified|misspelled|gave|named|referred|reported)\b)).+",
    re.I | re.S,
)
_CORRECTION_NAME = re.compile(
    r"(?:^|[\s_-])(?:corrections?|clarifications?|errat(?:um|a)|corrigendum|editors?-?note|"
    r"rectificati(?:on|f)|rättelse|rettelse|korrektur)(?:$|[\s_-])",
    re.I,
)
_MOST_CORRECTION_CHARACTERS = 1_000
_LEAST_CORRECTION = 6


def read_paragraphs(page: HtmlElement, facts: PageFacts) -> tuple[list[str], list[str]]:
    """The paragraphs of the text, and what else the page says that might be missed in it.

    `page` is without what its readers do not see; it is changed.
    """
    import trafilatura

    left_out = drop_neighbours(page, facts.headline)
    write_rows(page)
    corrections = _find_corrections(page, facts.headline)
    sentences = [(p, text) for p in page.iter("p") if (text := read_prose(p))]
    for paragraph, _ in sentences:
        keep_whole(paragraph)
    _join_chunks(facts.headline)
    body = trafilatura.extract(page, include_comments=False, include_tables=False) or ""
    paragraphs = [p for p in clean_characters(body).split("\n") if p and p != facts.title]
    paragraphs = [p for p in paragraphs if not _is_promotion(p)]
    paragraphs = _described_paragraphs(page, facts, paragraphs) or paragraphs
    known = _squash("".join(paragraphs))
    paragraphs.extend(text for text in corrections if _squash(text) not in known)
    known = _squash("".join(paragraphs))
    left_out.extend(text for _, text in sentences if _squash(text) not in known)
    return paragraphs, left_out


def _find_corrections(page: HtmlElement, headline: HtmlElement | None) -> list[str]:
    """What the page says was wrong in the article, wherever it stands: mostly in a footer."""
    found: list[str] = []
    for block in page.iter("p", "div", "section", "footer", "aside", "li", "small", "em", "span"):
        names = f"{block.get('class', '')} {block.get('id', '')}"
        is_named = len(names) > 1 and _CORRECTION_NAME.search(names)
        first = next((piece for piece in block.itertext() if not piece.isspace()), "")
        if not (is_named or _BEGINS_CORRECTION.match(first.strip())):
            continue
        text = short_text(block, _MOST_CORRECTION_CHARACTERS)
        if text is None or count_words(text) < _LEAST_CORRECTION:
            continue
        if not (is_named or _CORRECTION.match(text)):
            continue
        if not is_foreign(block, headline) and not any(text in other for other in found):
            found.append(clean_characters(text))
    return found


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
        and count_words(paragraph) <= _MOST_PROMOTION_WORDS
    )


def _described_paragraphs(page: HtmlElement, facts: PageFacts, found: list[str]) -> list[str]:
    """What JSON-LD says the article's text is, if that is much more than was found.

    Only what the page shows is taken, unless it shows no article at all: a script draws it then.
    """
    described = facts.article.get("articleBody")
    if not isinstance(described, str):
        return []
    words_found = _count_words(found)
    if count_words(described) <= _MUCH_LESS * words_found:
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
    return sum(count_words(paragraph) for paragraph in paragraphs)


def _squash(text: str) -> str:
    return _NO_WORD.sub("", text).casefold()
