"""What stands around the headline of a page: where bylines are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.date_phrases import is_bare_date, is_date_line, read_byline

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_FOREIGN = "comment|kommentar|leserbrief|disqus|related|recommend|sidebar|popular|most-?read"
_FOREIGN_NAME = re.compile(rf"(?:^|\s)(?:{_FOREIGN})", re.I)
_PERHAPS_FOREIGN_NAME = re.compile(_FOREIGN, re.I)
_QUOTING = ("blockquote", "figure", "figcaption")
_PROSE = ("p", "li", "dd", "td", "blockquote")
_PICTURES = ("img", "picture", "video", "svg")
_OF_AUTHOR = re.compile("author|autor|avatar|byline|meta|profile|writer", re.I)
_MOST_CAPTION_CHARACTERS = 300
_DIGIT = re.compile(r"\d")
_TITLE_SEPARATOR = re.compile(r"\s[|–—•·:›»«-]+\s")
_NO_WORD = re.compile(r"\W+")
_LONGEST_LINE = 120
_MOST_CHARACTERS_BELOW = 1_500
_MOST_CHARACTERS_ABOVE = 300
_OPENING_CHARACTERS = 25


@dataclass(frozen=True, slots=True)
class Line:
    """A short piece of text, the element it stands in, and how far it is from the headline."""

    text: str
    element: HtmlElement
    distance: int


def find_headline(page: HtmlElement, title: str | None) -> HtmlElement | None:
    """The heading that says what the title says, else the only one of the first rank."""
    wanted = _words_of(title or "")
    beginning = _words_of(_TITLE_SEPARATOR.split(title or "")[0])
    headings = [
        (heading, said)
        for heading in page.iter("h1", "h2", "h3")
        if (said := _words_of(heading.text_content()))
    ]
    for fits in (
        lambda said: said == wanted,
        lambda said: len(said.split()) > 2 and (said in wanted or wanted in said),
        lambda said: said == beginning,
    ):
        for heading, said in headings:
            if wanted and fits(said):
                return heading
    first = [heading for heading, _ in headings if heading.tag == "h1"]
    return first[0] if len(first) == 1 else None


def is_foreign(element: HtmlElement, headline: HtmlElement | None) -> bool:
    """Whether it belongs to comments, quotations or other articles: to what has no headline."""
    shared = _shared_with(headline)
    return any(
        above not in shared and _is_foreign_block(above)
        for above in (element, *element.iterancestors())
    )


def _is_foreign_block(element: HtmlElement) -> bool:
    """By its name; `no-comments-link` in a byline is no block."""
    names = f"{element.get('class', '')} {element.get('id', '')}"
    return (
        element.tag in _QUOTING
        or _FOREIGN_NAME.search(names) is not None
        or (
            _PERHAPS_FOREIGN_NAME.search(names) is not None
            and short_text(element, _LONGEST_LINE) is None
        )
    )


def lines_around(page: HtmlElement, headline: HtmlElement | None, text: str) -> list[Line]:
    """Lines with a number or a time, nearest first; around the first words if no headline."""
    pieces = list(_read_pieces(page))
    own = set() if headline is None else set(headline.iter())
    opening = text[:_OPENING_CHARACTERS]
    places = [at for at, piece, element in pieces if element in own] or [
        at for at, piece, _ in pieces if opening and opening in piece
    ][:1]
    if not places:
        return []
    start, end, shared = places[0], places[-1], _shared_with(headline)
    lines = {
        (line := _line_of(element, piece, shared)): Line(
            line, element, at - end if at >= end else 2 * (start - at)
        )
        for at, piece, element in reversed(pieces)
        if start - _MOST_CHARACTERS_ABOVE <= at <= end + _MOST_CHARACTERS_BELOW
        and len(piece) <= _LONGEST_LINE
        and element not in own
        and (_DIGIT.search(piece) or element.tag == "time")
        and not is_foreign(element, headline)
        and not _is_of_the_site(element, shared)
        and not _is_in_running_text(element, piece, shared)
    }
    own_lines = [each for each in lines.values() if not _is_caption(each, shared)]
    return sorted(own_lines, key=lambda line: line.distance)


def short_text(element: HtmlElement, most_characters: int) -> str | None:
    """All that the element says, its parts apart; None, and soon, if that is longer."""
    words: list[str] = []
    length = 0
    for piece in element.itertext():
        for word in piece.split():
            words.append(word)
            length += len(word) + 1
        if length > most_characters + 1:
            return None
    return " ".join(words)


def _is_of_the_site(element: HtmlElement, shared: set[HtmlElement]) -> bool:
    """Whether it stands in the head of the site, which may show today's date."""
    above = [each for each in element.iterancestors() if each not in shared]
    within = {each.tag for each in element.iterancestors("article", "main")}
    return any(each.tag == "nav" or (each.tag == "header" and not within) for each in above)


def _is_in_running_text(element: HtmlElement, piece: str, shared: set[HtmlElement]) -> bool:
    """Whether it is a piece of a paragraph, as a link is, and no line of it that is a date's."""
    above = (each for each in (element, *element.iterancestors()) if each not in shared)
    block = next((each for each in above if each.tag in _PROSE), None)
    return (
        block is not None and short_text(block, _LONGEST_LINE) is None and not is_date_line(piece)
    )


def _is_caption(line: Line, shared: set[HtmlElement]) -> bool:
    """Whether it belongs to a picture: not so a date alone, or that of an author with a face."""
    for above in (line.element, *line.element.iterancestors()):
        if above in shared or short_text(above, _MOST_CAPTION_CHARACTERS) is None:
            return False
        if next(above.iter(*_PICTURES), None) is not None:
            names = f"{above.get('class', '')} {above.get('id', '')}"
            is_byline = read_byline(line.text) or _OF_AUTHOR.search(names)
            is_apart = is_bare_date(short_text(line.element, _LONGEST_LINE) or "")
            return not (is_apart or (is_byline and is_date_line(line.text)))
    return False


def _words_of(text: str) -> str:
    return _NO_WORD.sub(" ", text).strip().casefold()


def _shared_with(headline: HtmlElement | None) -> set[HtmlElement]:
    return set() if headline is None else set(headline.iterancestors())


def _read_pieces(page: HtmlElement) -> Iterator[tuple[int, str, HtmlElement]]:
    """Every text in turn: after how many characters, its words, the element it stands in."""
    at = 0
    for found in page.xpath("//body//text()"):
        piece = " ".join(found.split())
        if piece:
            parent = found.getparent()
            yield at, piece, parent.getparent() if found.is_tail else parent
            at += len(piece)


def _line_of(element: HtmlElement, piece: str, shared: set[HtmlElement]) -> str:
    """The piece with what surrounds it, as long as that is no more than a line."""
    line = piece
    for above in (element, *element.iterancestors()):
        wider = None if above in shared else short_text(above, _LONGEST_LINE)
        if wider is None:
            break
        line = wider
    return line
