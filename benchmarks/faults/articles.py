"""Made articles, each with one fact that is nowhere else, and the question that it answers."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

_SYLLABLES = (
    ("Bra", "Cel", "Dor", "Fen", "Gar", "Hal", "Ist", "Jor", "Kel", "Lum", "Mor", "Nev", "Ost"),
    ("a", "e", "i", "o", "u", "an", "en", "or", "ul", "ast", "esk", "ind", "olm", "und", "ar"),
    ("ba", "da", "fi", "go", "ka", "li", "mo", "nu", "pe", "ri", "so", "ta", "vu", "wi", "zo"),
    ("bury", "dale", "fjord", "gate", "haven", "kamp", "lund", "mark", "minster", "port", "vik"),
)
_SUBJECTS = (
    ("lantern festival", "drew {} visitors", "How many visitors did the {} lantern festival draw?"),
    ("car ferry", "carried {} passengers", "How many passengers did the {} car ferry carry?"),
    ("city library", "lent out {} books", "How many books did the {} city library lend out?"),
    ("half marathon", "was finished by {} runners",
     "How many runners finished the {} half marathon?"),
    ("wind farm", "fed {} megawatt hours into the grid",
     "How many megawatt hours did the {} wind farm feed into the grid?"),
    ("night train", "sold {} berths", "How many berths did the {} night train sell?"),
    ("fish market", "handled {} tonnes of herring",
     "How many tonnes of herring did the {} fish market handle?"),
    ("orchard estate", "picked {} crates of apples",
     "How many crates of apples did the {} orchard estate pick?"),
    ("science museum", "issued {} tickets", "How many tickets did the {} science museum issue?"),
    ("cable car", "made {} trips", "How many trips did the {} cable car make?"),
)  # fmt: skip
_REMARKS = (
    "{person} of the {place} council called it the best season in living memory.",
    "The organisers in {place} said that rain had kept nobody away.",
    "A report by {person} is to be discussed in {place} next spring.",
    "Neighbouring {place} had hoped for as much and fell short, {person} conceded.",
    "{person}, who has kept the books for years, checked the count by hand.",
    "Roads towards {place} were closed for repairs during most of the season.",
    "Plans for a second site near {place} were put off by {person}.",
    "Visitors from {place} asked for longer opening hours, according to {person}.",
    "The treasurer, {person}, promised to spend the surplus on new benches.",
    "{person} and a delegation from {place} travelled there to learn how it is done.",
    "Volunteers led by {person} counted every day until dusk.",
    "Critics in {place} doubt that so much can be repeated, said {person}.",
)  # fmt: skip
_FIRST_DAY = datetime(2023, 1, 2, 9, tzinfo=UTC)
_LAST_DAYS = 1_000
_REMARKS_EACH = 4


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """`fact` is the number that answers `question`."""

    url: str
    title: str
    text: str
    published_at: datetime
    question: str
    fact: str

    @property
    def line(self) -> dict[str, str]:
        """As `dateline ingest` reads it from JSONL, and POST /articles from its body."""
        return {
            "url": self.url,
            "title": self.title,
            "text": self.text,
            "source": "The Made Courier",
            "published_at": self.published_at.isoformat(),
        }


def make_articles(seed: int = 0) -> Iterator[KnownArticle]:
    """One after the other, no two about the same; there are names for some 30,000."""
    chance = random.Random(seed)
    names = _make_names(chance)
    for number, name in enumerate(names):
        yield _make_article(number, name, chance)


def take(articles: Iterator[KnownArticle], count: int) -> tuple[KnownArticle, ...]:
    return tuple(islice(articles, count))


def write_jsonl(path: Path, articles: Sequence[KnownArticle]) -> Path:
    path.write_text("".join(f"{json.dumps(each.line)}\n" for each in articles), encoding="utf-8")
    return path


def _make_names(chance: random.Random) -> Iterator[str]:
    known: set[str] = set()
    while True:
        name = _make_name(chance)
        if name not in known:
            known.add(name)
            yield name


def _make_name(chance: random.Random) -> str:
    return "".join(map(chance.choice, _SYLLABLES))


def _make_article(number: int, name: str, chance: random.Random) -> KnownArticle:
    subject, fact_form, question_form = _SUBJECTS[number % len(_SUBJECTS)]
    fact = f"{chance.randrange(2_000, 99_000):,}"
    published_at = _FIRST_DAY + timedelta(days=chance.randrange(_LAST_DAYS), minutes=number)
    lead = f"The {name} {subject} {fact_form.format(fact)} last season, its owners said on Monday."
    remarks = (
        form.format(person=f"{_make_name(chance)} {_make_name(chance)}", place=_make_name(chance))
        for form in chance.sample(_REMARKS, _REMARKS_EACH)
    )
    return KnownArticle(
        url=f"https://courier.example/{published_at:%Y/%m}/{name.lower()}-{number}",
        title=f"{name} {subject} closes its season",
        text=" ".join((lead, *remarks)),
        published_at=published_at,
        question=question_form.format(name),
        fact=fact,
    )
