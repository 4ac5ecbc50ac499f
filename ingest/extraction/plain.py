"""Plain text, often saved from a web page with what stood around the article."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from ingest.charsets import decode_text
from ingest.cleaning import clean_characters, count_words, join_paragraphs
from ingest.date_phrases import (
    DateReader,
    is_bare_date,
    is_date_line,
    is_name,
    read_byline,
)
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
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»」』)\]]*$")
_LEAST_HEADLINE_WORDS = 4
# What a publication is called and nobody is: any other few names in a row are a person's.
_OF_A_PUBLISHER = re.compile(
    r"\b(?:news\w*|gazette|gazeta|gazzetta|times|post\w*|daily|herald|tribune|journal|press\w*|"
    r"wire|courier|kurier|kurir|correo|corriere|ledger|telegra\w+|guardian|observer|chronicle|"
    r"standard|star|sun|mirror|express\w*|mail|today|weekly|monthly|review|revue|report\w*|"
    r"bulletin|record|argus|examiner|inquirer|advertiser|echo|voice|online|media|medien|agenc\w+|"
    r"agentur|radio|rundfunk|tv|television|network|channel|kanal|\w*zeitung|\w*blatt\w*|\w*bladet|"
    r"anzeiger|bote|nachrichten|rundschau|welt|spiegel|tidning\w*|\w*avis\w*|dagens|nyheter|nieuws|"
    r"krant|magazine?|digest|ministry|office|council|government|"
    r"university|institut\w*|foundation|association|society|department|bank|commission|committee|"
    r"union|party|police|embassy|court|centre|center|group|company|inc|ltd|gmbh|ag|corp|limited)\b|"
    r"^(?:the|le|la|les|el|il|der|die|das|de|al)\b|\b[A-Z]{2,}\b|[\d&@]|\.\w{2}",
)
_LEAST_PERSON_WORDS = 2
# Date after date in the text: what happened when.
_LEAST_CHRONOLOGY = 2
_AGENCY_ZONES = {
    "AFP": "Europe/Paris",
    "ANSA": "Europe/Rome",
    "APA": "Europe/Vienna",
    "BELGA": "Europe/Brussels",
    "DPA": "Europe/Berlin",
    "EFE": "Europe/Madrid",
    "NTB": "Europe/Oslo",
    "PAP": "Europe/Warsaw",
    "TT": "Europe/Stockholm",
}
_MOST_TITLE_CHARACTERS = 140


def extract_plain(document: Document, now: datetime) -> Article:
    """Headline, byline date, publisher and body. Raises UnreadableInput."""
    lines = _drop_furniture(_unwrap(clean_characters(decode_text(document))))
    head, body = _split_head(lines.kept)
    publisher = lines.publisher or head.publisher
    credit_lines = (*head.lines, *body[-3:])
    agency = next((m["name"] for line in credit_lines if (m := _AGENCY.fullmatch(line))), None)
    zone = _AGENCY_ZONES.get((agency or "").upper())
    reader = DateReader(None, body, now, UTC if zone is None else ZoneInfo(zone))
    stated = (moment for line in head.date_lines for moment in reader.read_line(line))
    published_at = next(stated, None) or reader.read_opening(body)
    changes = (reader.read_change(line) for line in head.date_lines)
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
        modified_at=next(filter(None, changes), None),
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
    bylines = [name for line in above[start + 1 :] if (name := read_byline(line))]
    names = [line for line in below if not read_byline(line) and _is_name(line)]
    # Where nobody is said to have written it, a person's name says so.
    persons = [] if bylines else [name for name in names if _is_person(name)]
    head = _Head(
        headline=headline,
        lines=kept,
        date_lines=_find_date_lines(above, lines[first:]),
        publisher=next((name for name in names if name not in persons), None),
        authors=tuple(bylines or persons[:1]),
    )
    return head, lines[first:]


def _find_date_lines(above: Sequence[str], body: Sequence[str]) -> tuple[str, ...]:
    """Without the first of many dates that what happened on each stands below."""
    date_lines = tuple(line for line in above if is_date_line(line))
    is_chronology = sum(map(is_bare_date, body)) >= _LEAST_CHRONOLOGY
    return date_lines[:-1] if is_chronology and is_bare_date(above[-1]) else date_lines


def _is_paragraph(line: str) -> bool:
    return count_words(line) >= 8 and _SENTENCE_END.search(line) is not None


def _is_name(line: str) -> bool:
    return is_name(line) and not _AGENCY.fullmatch(line)


def _is_person(name: str) -> bool:
    is_known = _OF_A_PUBLISHER.search(name) or _OF_A_PUBLISHER.search(name.lower())
    return len(name.split()) >= _LEAST_PERSON_WORDS and not is_known


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
