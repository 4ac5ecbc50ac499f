"""The date that a page shows its readers, where it has none for machines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ingest.date_phrases import DateReader
from ingest.pages.headline import Line, is_foreign, short_text

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_DATE_NAME = re.compile(
    r"date(?!base|n)|datum|fecha|parution|publi[cs]|posted|submitted|created|time|byline|subline|"
    r"autor|author|meta|info|calendar|footer|^small$",
    re.I,
)
_NAME_OF_ANOTHER_DATE = re.compile(
    r"event|termin|deadline|expir|caption|photo|foto|bild|picture|birth|updated|modified|today|print",
    re.I,
)
_LONGEST_NAMED_LINE = 120


def find_byline(
    page: HtmlElement,
    headline: HtmlElement | None,
    lines: Sequence[Line],
    text: str,
    reader: DateReader,
) -> datetime | None:
    """Next to the headline, before the first words, or in what is called a date."""
    return (
        next((moment for line in lines for moment in reader.read_line(line.text)), None)
        or reader.read_opening(text.split("\n\n"))
        or _find_named(page, headline, reader)
    )


def _find_named(
    page: HtmlElement, headline: HtmlElement | None, reader: DateReader
) -> datetime | None:
    """The first date in the article that is called one, and is not one of several called so."""
    around = () if headline is None else headline.iterancestors("article", "main")
    stated: defaultdict[str, list[datetime]] = defaultdict(list)
    for element in next(iter(around), page).iterdescendants():
        name = element.get("class") or element.get("id") or element.tag
        line = short_text(element, _LONGEST_NAMED_LINE) if _DATE_NAME.search(name) else None
        if _NAME_OF_ANOTHER_DATE.search(name) or not line:
            continue
        if not is_foreign(element, headline):
            stated[name].extend(reader.read_line(line))
    lone = (each for each in stated.values() if len({moment.date() for moment in each}) == 1)
    return next(lone, [None])[0]
