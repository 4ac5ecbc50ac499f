"""When does a page say that its article was published, and where does it say so?

Structured data first, in the order of how rarely it is wrong; then the feed that led here; then
a line next to the headline; then the day in the address. Dates in the running text, of comments,
of related articles and of the copyright are not looked at: unknown is honest, wrong is not.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ingest.date_phrases import (
    DatePhrase,
    DateReader,
    announces_change,
    announces_something_else,
    find_date_phrases,
)
from ingest.date_words import writes_dates_with
from ingest.dating import parse_loose
from ingest.pages.bylines import find_byline
from ingest.pages.facts import PageFacts
from ingest.pages.headline import Line, is_foreign, lines_around, short_text
from retrieval.schema import DateProvenance

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PUBLISHED_TAGS = (
    "article:published_time og:article:published_time article:published og:article:published "
    "og:published_time article:published_date article:publicationdate article:post_date "
    "datepublished og:datepublished og:pubdate og:publish_date parsely-pub-date sailthru.date "
    "citation_online_date citation_publication_date bt:pubdate article.published "
    "article_date_original originalpublicationdate rnews:datepublished vr:published_time "
    "cxenseparse:recs:publishtime cxenseparse:publishtime shareaholic:article_published_time "
    "mediator_published_time analyticsattributes.articledate dcsext.articlefirstpublished "
    "twt-published-at dcterms.issued dcterms:issued dc.date.issued dc:date:issued "
    "dc.date.publication pubdate rbpubdate pdate ptime publish_date publish-date publish_time "
    "publishdate published-date published_date publisheddate published_time publication_date "
    "publication-date date_published dateposted displaydate og:regdate"
)
# A page made anew may carry the day it was made in these.
_WEAKER_TAGS = (
    "dcterms.created dcterms:created dc.date.created dc.created citation_date dcterms.date "
    "dcterms:date dc.date dc:date dc:created article.created content_create_date doc_date date "
    "created date_created datecreated gentime timestamp release_date og:release_date"
)
_MODIFIED_TAGS = (
    "article:modified_time og:updated_time datemodified og:article:modified_time "
    "article:modified dcterms.modified dc.date.modified last-modified"
)
_PUBLISHED = re.compile(r"(?:^|[\s_-])(?:published|entry-date|pubdate)(?=$|[\s_-])")
_UPDATED = re.compile(r"^(?!.*published).*\b(?:updated|modified)\b")
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec"
_YEAR = r"(?P<year>(?:19|20)\d{2})"
# Whole steps of the path, or a day written out: other digits are an article's number or its slug.
_DAYS_IN_ADDRESS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"/{_YEAR}/(?P<month>\d{{1,2}}|[a-z]{{3}})/(?P<day>\d{{1,2}})(?=/|$|\.[a-z]+$)",
        rf"/{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})(?=/.)",
        rf"(?<!\d){_YEAR}(?P<mark>[_-])(?P<month>\d{{2}})(?P=mark)(?P<day>\d{{2}})(?![\da-z])",
        rf"(?<!\d)(?P<day>\d{{2}})-(?P<month>\d{{2}})-{_YEAR}(?!\d)",
    )
)
_LOCALE = re.compile(r"/([a-z]{2}[-_][a-z]{2})(?=/|$)", re.I)
_DAY_FIRST_HOST = re.compile(r"\.(?:uk|ie|au|nz|in|za|sg|hk|ng|ke|mt)$")
_LONGEST_LINE = 120
_HOUR = timedelta(hours=1)
_EASTERNMOST, _WESTERNMOST = timedelta(hours=14), timedelta(hours=12)
_DEEPEST_TIME = 2
_MOST_BEFORE = 5
_MOST_TIMES = 200
_PROSE = ("p", "li", "dd", "td", "blockquote")
_SENTENCE_END = re.compile(r"\w\s?[.!?…。][\"'”’»)\]]*$")
_LEAST_SENTENCE_WORDS = 4
_BLOCKS = ("p", "div", "li", "ul", "ol", "header", "section", "h1", "h2", "h3", "br")


@dataclass(frozen=True, slots=True)
class StatedDate:
    """A moment in the zone it was stated in: its day is the day its readers saw."""

    moment: datetime
    provenance: DateProvenance


def find_published(
    page: HtmlElement, facts: PageFacts, text: str, announced: str | None, now: datetime
) -> StatedDate | None:
    """`page` is without what its readers do not see; `announced` is what a feed says."""
    reader = DateReader(_language(facts), (*facts.all_addresses, page.text_content()), now)
    lines = lines_around(page, facts.headline, text)
    shown = {moment.date() for line in lines for moment in reader.read_line(line.text)}
    weaker = (*_times(page, facts, lines), *_of_tags(facts, _WEAKER_TAGS))
    if structured := _first_moment((*_structured(facts), *weaker), reader, shown):
        return StatedDate(_on_the_day_shown(structured, lines, reader), "structured")
    if feed := parse_loose(announced, now):
        return StatedDate(_on_the_day_shown(feed, lines, reader), "feed")
    if byline := find_byline(page, facts.headline, lines, text, reader):
        return StatedDate(byline, "byline")
    days = (day_in_address(address, now) for address in facts.all_addresses)
    if day := next(filter(None, days), None):
        return StatedDate(day, "url")
    if structured := _first_moment(_lone_dates(page, facts), reader, shown):
        return StatedDate(structured, "structured")
    return None


def _on_the_day_shown(moment: datetime, lines: Sequence[Line], reader: DateReader) -> datetime:
    """Many sites state the moment in UTC, and next to the headline the day that it is where they
    are: in the nearest zone in which it is that day."""
    if moment.utcoffset() or moment.time() == time.min:
        return moment
    shown = next((day for line in lines for day in reader.read_line(line.text)), moment)
    begins = datetime.combine(shown, time.min, UTC)
    ahead, behind = begins - moment, moment - (begins + timedelta(days=1))
    if timedelta(0) < ahead <= _EASTERNMOST:
        return moment.astimezone(timezone(_HOUR * -(-ahead // _HOUR)))
    if timedelta(0) <= behind < _WESTERNMOST:
        return moment.astimezone(timezone(-_HOUR * (behind // _HOUR + 1)))
    return moment


def find_modified(facts: PageFacts, now: datetime) -> datetime | None:
    stated = (facts.article.get("dateModified"), *_of_tags(facts, _MODIFIED_TAGS))
    return _first_moment(stated, DateReader(_language(facts), facts.all_addresses, now))


def day_in_address(address: str, now: datetime) -> datetime | None:
    """`/2024/05/17/`, `/2024/may/17/`, `/20240517/`, `-2024-05-17`: midnight in UTC."""
    path = urlsplit(address).path
    for found in (found for pattern in _DAYS_IN_ADDRESS for found in pattern.finditer(path)):
        month = found["month"].lower()
        try:
            number = int(month) if month.isdecimal() else _MONTHS.split().index(month) + 1
            day = datetime(int(found["year"]), number, int(found["day"]), tzinfo=UTC)
        except ValueError:
            continue
        if day <= now + timedelta(days=1):
            return day
    return None


def _structured(facts: PageFacts) -> Iterator[object]:
    yield facts.article.get("datePublished")
    yield from _of_tags(facts, _PUBLISHED_TAGS)
    yield from facts.marked_dates
    for node in facts.linked.web_pages:
        yield node.get("datePublished")
    yield facts.article.get("dateCreated")


def _times(page: HtmlElement, facts: PageFacts, lines: Sequence[Line]) -> Iterator[str]:
    """`<time>` that is called published, else that is near the headline."""
    times = _times_of_publication(page, facts)
    yield from page.xpath("//abbr[contains(@class, 'published')]/@title")
    named = [t for t in times if "pubdate" in t.attrib or _PUBLISHED.search(t.get("class", ""))]
    yield from (time.get("datetime") for time in named)
    for line in lines:
        for element in (line.element, *line.element.iterancestors("time")):
            if element in times:
                yield element.get("datetime")


def _lone_dates(page: HtmlElement, facts: PageFacts) -> Iterator[object]:
    """Of a recipe or a video in JSON-LD, of a `<time>` somewhere, where the page has but one."""
    described = {str(n["datePublished"]) for n in facts.linked.nodes if "datePublished" in n}
    times = {time.get("datetime") for time in _times_of_publication(page, facts)}
    for stated in (described, times):
        yield from stated if len(stated) == 1 else ()


def _times_of_publication(page: HtmlElement, facts: PageFacts) -> list[HtmlElement]:
    return [
        time
        for time in islice(page.iter("time"), _MOST_TIMES)
        if time.get("datetime")
        and not _UPDATED.search(time.get("class", ""))
        and time.get("itemprop", "datePublished") in ("datePublished", "dateCreated")
        and not announces_change(before := _words_before(time))
        and not announces_something_else(before)
        and not _is_in_running_text(time)
        and not is_foreign(time, facts.headline)
    ]


def _is_in_running_text(time: HtmlElement) -> bool:
    """Whether it is part of a sentence: `The council will meet on 14 February to vote.`"""
    block = next(time.iterancestors(*_PROSE), None)
    if block is None:
        return False
    line = short_text(block, _LONGEST_LINE)
    beside = (line or "").replace(" ".join(time.text_content().split()), " ", 1)
    is_sentence = _SENTENCE_END.search(beside) and len(beside.split()) >= _LEAST_SENTENCE_WORDS
    return line is None or bool(is_sentence)


def _words_before(time: HtmlElement) -> str:
    """What the line says before the time, however deep the time stands in it."""
    for element in (time, *islice(time.iterancestors(), _DEEPEST_TIME)):
        words: list[str] = []
        above = element.getparent()
        for before in islice(element.itersiblings(preceding=True), _MOST_BEFORE):
            words.insert(0, before.tail or "")
            if before.tag in _BLOCKS:
                break
            words.insert(0, short_text(before, _LONGEST_LINE) or "")
        else:
            words.insert(0, (above.text if above is not None else None) or "")
        if said := " ".join(" ".join(words).split()):
            return said
    return ""


def _of_tags(facts: PageFacts, names: str) -> Iterator[str]:
    return (content for name in names.split() for content in facts.meta.get(name, ()))


def _first_moment(
    stated: Iterable[object], reader: DateReader, shown: Collection[date] = ()
) -> datetime | None:
    """The first that can be read: as machines write dates, else as people do."""
    for value in stated:
        if moment := parse_loose(value, reader.now):
            return moment
        if isinstance(value, str) and len(value) <= _LONGEST_LINE:
            for phrase in find_date_phrases(value):
                if moment := _read_as_shown(phrase, reader, shown):
                    return moment
    return None


def _read_as_shown(
    phrase: DatePhrase, reader: DateReader, shown: Collection[date]
) -> datetime | None:
    """Programs write 11/01/2023 in their own country's order, whatever the page's language: as the
    page shows it to readers, else only where its language writes dates so."""
    if phrase.of_a_change or phrase.of_something_else:
        return None
    either = reader.read_both_ways(phrase)
    if len(either) < 2:
        return reader.read(phrase)
    fitting = [moment for day, moment in either.items() if day in shown]
    if len(fitting) == 1:
        return fitting[0]
    is_usual = reader.language is None or writes_dates_with(phrase.found["mark"], reader.language)
    return reader.read(phrase) if is_usual else None


def _language(facts: PageFacts) -> str | None:
    """With its country, where the address has it: it tells day and month apart."""
    for address in facts.all_addresses if facts.language in (None, "en") else ():
        parts = urlsplit(address)
        if locale := _LOCALE.search(parts.path):
            return locale[1].replace("_", "-")
        if _DAY_FIRST_HOST.search(parts.hostname or ""):
            return "en-GB"
    return facts.language
