"""Where older evidence gives another value for what is asked, the newest leads and a note says so.

A false note is worse than none: both sentences must cover the question's words and names, each
must state one value of the kind that is asked for, and the two must not fit each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.answering.cues import MONTHS, answer_kind
from bot.answering.follow_ups import find_names
from bot.answering.schema import Claim, Draft, Evidence
from bot.answering.sentences import FUNCTION_WORDS, Lexicon, is_sentence
from retrieval.schema import Passage

_LEAST_COVERAGE = 0.6
_MOST_CHARACTERS = 60
# Whose an office is stands within so many characters of it; `Ukrainian` begins as `Ukraine` does.
_NEAR = 30
_SAME_START = 4
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}}) (?P<month>{MONTHS})|(?P<month2>{MONTHS}) (?P<day2>\d{{1,2}}))\b"
    r"(?:,? (?P<year>(?:19|20)\d\d))?"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_COUNTED = re.compile(
    r"\bhow many (?P<words>(?:[\w’'-]+ ){0,3}?)(?P<unit>[\w’'-]+) (?=is|are|was|were|do|"
    r"does|did|has|have|had|will|would|can|could|took|take|joined|were)\b",
    re.I,
)
_QUANTITY = re.compile(
    r"(?P<hedge>\b(?:about|almost|around|at least|close to|fewer than|less than|more than|nearly|"
    r"over|roughly|some|up to) )?(?P<shown>(?P<currency>[$€£])?"
    r"(?P<number>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
    r"(?P<scale> (?:thousand|million|billion|trillion))?)(?P<after>(?: ?%| [^\W\d_][\w’'-]*){0,3})"
)
_PLACE = re.compile(r"\b(?:in|at) (?:the )?(?P<name>[^\W\d_a-z][\w’'-]+(?: [^\W\d_a-z][\w’'-]+)*)")
_OFFICE = re.compile(
    r"^\W*who(?:’s|'s| is| are) (?:now |currently )?(?:the )?(?:current |new |present )?"
    r"(?P<office>.+?)\W*$",
    re.I,
)
_PERSON = r"[^\W\d_a-z][\w’'-]+(?: (?:van|von|de|der|al|bin|el))*(?: [^\W\d_a-z][\w’'-]+)+"
# Who held it, or will, does not hold it.
_NOT_HOLDER = re.compile(
    r"\b(?:acting|deputy|designate|elect|ex|former|formerly|future|incoming|late|next|outgoing|"
    r"predecessor|successor|then|vice|was|were|would|will)\b[\s-]*$",
    re.I,
)
_SCALES = {"": 1.0, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
_ABOUT = frozenset({"about", "almost", "around", "close to", "nearly", "roughly", "some"})


@dataclass(frozen=True, slots=True)
class Value:
    """What a sentence states: `key` is compared, `shown` is what people read."""

    key: str
    shown: str
    number: float | None = None
    hedge: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """A dated sentence that answers the question with one value."""

    evidence: Evidence
    value: Value
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Disagreement:
    newer: Statement
    older: Statement

    @property
    def note(self) -> str:
        said = [
            f"on {_day(each.published_at)} {_publisher(each.evidence)} {verb} {each.value.shown}"
            for each, verb in ((self.older, "said"), (self.newer, "says"))
        ]
        return f"O{said[0][1:]}; {said[1]}."

    @property
    def article_ids(self) -> tuple[str, ...]:
        return tuple(each.evidence.place[0] for each in (self.older, self.newer))


def name_disagreement(
    question: str, passages: Sequence[Passage], draft: Draft, lexicon: Lexicon
) -> Draft:
    """The draft with the newest value in front and a note of both, where evidence differs."""
    found = find_disagreement(question, passages, lexicon) if draft.claims else None
    if found is None:
        return draft
    told = replace(draft, notes=(*draft.notes, found.note), noted=found.article_ids)
    if draft.mode != "extractive" or _place(draft.claims[0]) == found.newer.evidence.place:
        return told
    return replace(told, claims=lead_with_newest(draft.claims, found), short_answer=None)


def find_disagreement(
    question: str, passages: Sequence[Passage], lexicon: Lexicon
) -> Disagreement | None:
    """The newest statement of what is asked and the last one before that says otherwise."""
    asked = _Asked(question, lexicon)
    stated = sorted(
        (statement for passage in passages for statement in asked.find_statements(passage)),
        key=lambda statement: statement.published_at,
    )
    if not stated:
        return None
    newest = stated[-1]
    for older in reversed(stated[:-1]):
        if older.published_at.date() < newest.published_at.date() and _contradict(newest, older):
            return Disagreement(newest, older)
    return None


def lead_with_newest(claims: Sequence[Claim], found: Disagreement) -> tuple[Claim, ...]:
    """The newer statement first; the others keep their order, as many as there were."""
    newer = found.newer.evidence
    others = [claim for claim in claims if _place(claim) != newer.place]
    kept = others if len(others) < len(claims) else others[: max(len(claims) - 1, 1)]
    return (Claim(newer.quote, (newer,)), *kept)


def _place(claim: Claim) -> tuple[str, int]:
    return claim.evidence[0].place


class _Asked:
    """A question, and what it takes for a sentence to answer it with one value."""

    def __init__(self, question: str, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._question = question
        self._kind = answer_kind(question)
        self._names = [set(lexicon.analyze(name)) for name in find_names(question)]
        counted, office = _COUNTED.search(question), _OFFICE.match(question)
        self._unit = set(lexicon.analyze(counted["unit"])) if counted else set()
        self._office = "" if office is None or self._kind != "name" else office["office"]
        words = [w for w in re.findall(r"\w+", question) if w.casefold() not in FUNCTION_WORDS]
        self._terms = set(lexicon.analyze(" ".join(words))) - self._unit

    def find_statements(self, passage: Passage) -> Iterator[Statement]:
        article, spans = passage.article, passage.chunk.sentences
        if article.published_at is None or not self._terms:
            return
        for (start, end), similarity in zip(spans, passage.sentence_similarities, strict=True):
            sentence = article.text[start:end]
            values = self._read_values(sentence) if is_sentence(sentence) else ()
            if len({value.key for value in values}) == 1 and self._covers(article.title, sentence):
                evidence = Evidence(passage, start, end, similarity)
                yield Statement(evidence, values[0], article.published_at)

    def _covers(self, title: str, sentence: str) -> bool:
        """Most of the question's words stand in the sentence, all its names there or above it."""
        said = set(self._lexicon.analyze(sentence))
        around = said | set(self._lexicon.analyze(title))
        covered = len(self._terms & said) >= _LEAST_COVERAGE * len(self._terms)
        years = set(_YEAR.findall(self._question))
        return (
            covered
            and all(name <= around for name in self._names)
            and (not years or years <= set(_YEAR.findall(sentence)))
        )

    def _read_values(self, sentence: str) -> Sequence[Value]:
        if self._office:
            return list(_read_holders(sentence, self._office, find_names(self._question)))
        match self._kind:
            case "number":
                return list(self._read_quantities(sentence))
            case "date":
                return list(_read_dates(sentence))
            case "place":
                return list(_read_places(sentence, self._question))
            case _:
                return []

    def _read_quantities(self, sentence: str) -> Iterator[Value]:
        for found in _QUANTITY.finditer(sentence):
            after = found["after"].split()
            scale = (found["scale"] or "").strip()
            number = float(found["number"].replace(",", "")) * _SCALES[scale]
            if self._unit:
                place = self._find_unit(after)
                shown = f"{found['shown']} {' '.join(after[:place])}"
            else:
                unit = found["currency"] or _money_or_share(after)
                place = 1 if unit else 0
                shown = f"{found['shown']}{'' if found['currency'] else f' {unit}'}"
            if place and len(shown) <= _MOST_CHARACTERS:
                hedge = (found["hedge"] or "").strip().lower()
                yield Value(f"{number:g}", f"{hedge} {shown}".strip(), number, hedge)

    def _find_unit(self, after: Sequence[str]) -> int:
        """How many words behind the number the counted thing ends; 0 if it is not there."""
        for i, word in enumerate(after, 1):
            if self._unit & set(self._lexicon.analyze(word)):
                return i
            if word.casefold() in FUNCTION_WORDS:
                break
        return 0


def _money_or_share(after: Sequence[str]) -> str:
    first = after[0].casefold() if after else ""
    if first in ("%", "percent", "per"):
        return "percent"
    return first if first in ("dollars", "euros", "pounds", "kilometres", "miles", "tonnes") else ""


def _read_dates(sentence: str) -> Iterator[Value]:
    for found in _DATE.finditer(sentence):
        day, month = found["day"] or found["day2"], found["month"] or found["month2"]
        yield Value(f"{int(day)} {month}", f"{int(day)} {month}")


def _read_places(sentence: str, question: str) -> Iterator[Value]:
    for found in _PLACE.finditer(sentence):
        name = found["name"]
        if name not in MONTHS.split("|") and name.casefold() not in question.casefold():
            yield Value(name.casefold(), name)


def _read_holders(sentence: str, office: str, names: Sequence[str]) -> Iterator[Value]:
    """`Prime Minister Kaja Kallas`, `Kaja Kallas, the prime minister`, of whose office it is."""
    title = r"\W+(?:of (?:the )?)?".join(map(re.escape, re.findall(r"[\w’']+", _bare(office))))
    before = re.compile(rf"(?i:\b{title}),? (?P<name>{_PERSON})")
    behind = re.compile(
        rf"(?P<name>{_PERSON}),? (?i:(?:is |as )?(?:the |its |their |[\w-]+['’]s? )?"
        rf"(?:new )?{title})\b"
    )
    for pattern in (before, behind):
        for found in pattern.finditer(sentence):
            lead = sentence[: found.start()] if pattern is before else ""
            near = sentence[max(found.start() - _NEAR, 0) : found.end() + _NEAR]
            theirs = all(_is_like(name, near) for name in names)
            if theirs and not _NOT_HOLDER.search(lead) and not _is_another_s(lead, names):
                yield Value(found["name"].casefold(), found["name"])


def _is_like(name: str, text: str) -> bool:
    """Whether it is named, as itself or as what is of it: Ukraine, Ukrainian."""
    start = re.escape(name.casefold()[:_SAME_START])
    return re.search(rf"\b{start}", text.casefold()) is not None


def _is_another_s(lead: str, names: Sequence[str]) -> bool:
    """`Swedish Defence Minister …` where Ukraine's is asked for."""
    found = re.search(r"([^\W\d_]+)(?:['’]s)?\W*$", lead)
    if found is None or not found[1][0].isupper() or found[1].casefold() in FUNCTION_WORDS:
        return False
    return not any(_is_like(name, found[1]) for name in names)


def _bare(office: str) -> str:
    """The office as articles put it before a name: without whose it is."""
    return re.sub(r"^[\w’'-]+['’]s? |\b(?:of|for) .*$", "", office).strip() or office


def _contradict(newer: Statement, older: Statement) -> bool:
    one, other = newer.value, older.value
    both = (newer.evidence.quote.casefold(), older.evidence.quote.casefold())
    if one.key == other.key or one.shown.casefold() in both[1] or other.shown.casefold() in both[0]:
        return False
    years = [set(_YEAR.findall(text)) for text in both]
    if years[0] and years[1] and not years[0] & years[1]:
        return False
    if one.number is None or other.number is None:
        return True
    low, high = sorted((one, other), key=lambda value: value.number or 0.0)
    if low.hedge in ("more than", "over", "at least") or high.hedge in (
        "less than",
        "fewer than",
        "up to",
    ):
        return False
    near = abs(one.number - other.number) <= 0.1 * max(one.number, other.number)
    return not (near and {one.hedge, other.hedge} & _ABOUT)


def _publisher(evidence: Evidence) -> str:
    article = evidence.passage.article
    return article.source or f"“{article.title}”"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
