"""Plain text, often saved from a web page with what stood around the article."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from ingest.charsets import decode_text
from ingest.cleaning import clean_characters, count_words, join_paragraphs
from ingest.dating import is_date_line, parse_byline
from ingest.documents import Document
from retrieval.schema import Article

# A site that speaks of its own cookies to its reader; news about cookies does neither.
_COOKIE = re.compile(
    r"(?=.*\bcookies?\b)(?!.*[\"“”„«])(?=.*(?:\b(?:we|this|our)(?: (?:and our|web ?site|site|page)"
    r"[\w ,]{0,30})? (?:use|set|store)s? (?:\w+ ){0,3}cookies|\bby (?:clicking|continuing|going on|"
    r"using)\b.{0,60}\byou\b|"
    r"^(?:accept|reject|manage)\b))(?=.*(?:\b(?:you|your|we|our)\b|\bthis (?:web ?)?site\b)).*",
    re.I | re.S,
)
_FURNITURE = re.compile(
    r"back(?: to top)?|share(?: (?:this|on)\b.*)?|print|menu|home|search|subscribe|sign (?:in|up)|"
    r"log in|read more|more|advertisement|leave a (?:comment|reply)|(?:no |\d+ )?comments?|"
    r"(?:photos?|gallery|images?)(?: \(\d+\))?|next|previous|skip to (?:main )?content|tweet|"
    r"facebook|twitter|x|linkedin|whatsapp|telegram|e-?mail|copy link|follow us\b.*|"
    r"related(?: (?:articles|stories|news))?|(?P<publisher>.{2,40}? )?\d+ min(?:ute)?s? read",
    re.I,
)
_PHOTO_CREDIT = re.compile(r"(?:photo|image|picture)(?: credit)?s?:.{0,100}", re.I)
_CAPTION_CREDIT = re.compile(r"\s*(?:photo|image|picture)(?: credit)?s?:.{0,100}$", re.I)
_AGENCY = re.compile(r"source:\s*(?P<name>[^,;]{2,60}?)\s*(?:[,;].*)?", re.I)
_BYLINE = re.compile(r"by (?P<name>[^.]{2,60})", re.I)
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»」』)\]]*$")
_LEAST_HEADLINE_WORDS = 4
_MOST_PUBLISHER_WORDS = 4
_MOST_TITLE_CHARACTERS = 140


def extract_plain(document: Document, now: datetime) -> Article:
    """Headline, byline date, publisher and body. Raises UnreadableInput."""
    lines = _drop_furniture(_unwrap(clean_characters(decode_text(document))))
    head, body = _split_head(lines.kept)
    publisher = lines.publisher or head.publisher
    credit_lines = (*head.lines, *body[-3:])
    agency = next((m["name"] for line in credit_lines if (m := _AGENCY.fullmatch(line))), None)
    published_at = next(
        (
            moment
            for line in head.date_lines
            if (
                moment := parse_byline(
                    line, now=now, agency=agency, other_lines=body, language=None
                )
            )
        ),
        None,
    )
    kept = [*head.lines, *body]
    text = join_paragraphs(kept)
    return Article(
        title=head.headline or _first_sentence(text),
        text=text,
        path=document.path,
        source=publisher or agency,
        published_at=published_at,
        date_provenance="unknown" if published_at is None else "byline",
        authors=head.authors,
        left_out=tuple(line for line in (*lines.left_out, *lines.kept) if line not in set(kept)),
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    kept: tuple[str, ...]
    publisher: str | None
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands above the first paragraph; `lines` are those worth keeping."""

    headline: str | None
    lines: tuple[str, ...]
    date_lines: tuple[str, ...]
    publisher: str | None
    authors: tuple[str, ...]


def _unwrap(text: str) -> list[str]:
    """One line a paragraph: blocks wrapped at a fixed width are joined."""
    unwrapped: list[str] = []
    for block in re.split(r"\n{2,}", text):
        lines = block.split("\n")
        if _is_wrapped(lines):
            unwrapped.append(" ".join(lines))
        else:
            unwrapped.extend(lines)
    return [line for line in unwrapped if line]


def _is_wrapped(lines: Sequence[str]) -> bool:
    """Lines of one width, most of which go on with what the one before began."""
    going_on = sum(line[:1].islower() or not _SENTENCE_END.search(line) for line in lines[:-1])
    begun = sum(line[:1].islower() for line in lines[1:])
    return (
        len(lines) > 1
        and all(50 <= len(line) <= 100 for line in lines[:-1])
        and len(lines[-1]) <= 100
        and going_on > len(lines) // 2 - 1
        and 3 * begun >= len(lines) - 1
        and not any(is_date_line(line) or _is_json(line) for line in lines)
    )


def _drop_furniture(lines: Sequence[str]) -> _Lines:
    """Leave out what belongs to the page and not to the article."""
    kept: list[str] = []
    left_out: list[str] = []
    publisher: str | None = None
    for line in lines:
        if furniture := _FURNITURE.fullmatch(line):
            publisher = publisher or (furniture["publisher"] or "").strip() or None
            left_out.append(line)
        elif (
            _COOKIE.fullmatch(line)
            or _PHOTO_CREDIT.fullmatch(line)
            or _is_json(line)
            or _CAPTION_CREDIT.sub("", line) in kept
        ):
            left_out.append(line)
        else:
            kept.append(line)
    return _Lines(tuple(kept), publisher, tuple(left_out))


def _split_head(lines: Sequence[str]) -> tuple[_Head, Sequence[str]]:
    # A line with a date below it is a headline, even one that ends as a sentence does.
    headed = [line for line, below in pairwise(lines) if is_date_line(below)]
    first = next(
        (i for i, line in enumerate(lines) if _is_paragraph(line) and line not in headed),
        len(lines),
    )
    above = lines[:first]
    titles = [line for line in above if not is_date_line(line)]
    headline = next(
        (line for line in titles if count_words(line) >= _LEAST_HEADLINE_WORDS),
        titles[0] if titles else None,
    )
    # What stands above the headline is the page's navigation; dates may stand there too.
    start = above.index(headline) if headline is not None else 0
    kept = tuple(line for i, line in enumerate(above) if i >= start or is_date_line(line))
    below = [line for line in above[start + 1 :] if not is_date_line(line)]
    bylines = [m["name"] for line in below if (m := _BYLINE.fullmatch(line))]
    names = [line for line in below if not _BYLINE.fullmatch(line) and _is_name(line)]
    head = _Head(
        headline=headline,
        lines=kept,
        date_lines=tuple(line for line in above if is_date_line(line)),
        publisher=names[0] if names else None,
        authors=tuple(bylines),
    )
    return head, lines[first:]


def _is_paragraph(line: str) -> bool:
    return count_words(line) >= 8 and _SENTENCE_END.search(line) is not None


def _is_name(line: str) -> bool:
    words = line.split()
    if _AGENCY.fullmatch(line):
        return False
    return len(words) <= _MOST_PUBLISHER_WORDS and all(
        word[0].isupper() or word in ("of", "the", "de", "and") for word in words
    )


def _is_json(line: str) -> bool:
    if line[:1] not in ("{", "["):
        return False
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _first_sentence(text: str) -> str:
    sentence = re.split(r"(?<=[.!?])\s|(?<=[。！？])|\n", text, maxsplit=1)[0].rstrip(".。")
    if len(sentence) <= _MOST_TITLE_CHARACTERS:
        return sentence
    return sentence[:_MOST_TITLE_CHARACTERS].rsplit(" ", 1)[0] + "…"
