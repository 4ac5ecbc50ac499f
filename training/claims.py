"""Claims over a passage, true and false, and which of a false one's words nothing bears out."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from retrieval.schema import Span
from training.examples import Example, Reading, find_names, invent

_WORD = re.compile(r"\w+(?:[.,]\d+)*%?|[^\w\s]")
_NUMBER = re.compile(r"\b\d+(?:[.,]\d+)*")
_ASSERTED = re.compile(r"\b(is|are|was|were|will|would|has|have|had|can|could|should)\b(?! not\b)")
_DENIED = re.compile(r"\b(?:not|never|no longer) ")
_WRITTEN_SHARE, _COPIED_SHARE, _DISTORTED_SHARE, _MOVED_SHARE = 0.65, 0.1, 0.2, 0.08
_WHOLE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Claimed:
    """A written claim with its passage; none of the passages `elsewhere` bears it out."""

    passage_id: str
    example: Example
    elsewhere: tuple[Reading, ...] = ()

    @property
    def is_borne_out(self) -> bool:
        return self.example.unsupported == ()

    def draw(self, rng: random.Random) -> Iterator[Example]:
        """For one epoch. Wording must not tell true from false: of the claims that were written
        first the false ones mostly keep the passage's words. So their sentences are drawn as true
        claims, too, and true claims with one word exchanged as false ones."""
        if rng.random() < _WRITTEN_SHARE:
            yield _crop(self.example, rng)
        if rng.random() < _COPIED_SHARE and self.example.evidence:
            copied = self.copied()
            yield _crop(copied, rng)
            yield from _distort_and_crop(copied, rng)
        if self.is_borne_out and rng.random() < _DISTORTED_SHARE:
            yield from _distort_and_crop(self.example, rng)
        if self.elsewhere and rng.random() < _MOVED_SHARE:
            yield replace(
                self.example,
                reading=rng.choice(self.elsewhere),
                evidence=frozenset(),
                unsupported=None,
            )

    def copied(self) -> Example:
        """The first of its sentences as a claim: as it stands, it is true."""
        first = min(self.example.evidence)
        sentence = self.example.reading.sentences[first]
        return replace(self.example, question=sentence, evidence=frozenset([first]), unsupported=())


def find_changes(true: str, false: str) -> tuple[Span, ...]:
    """The spans of the words of `false` that `true` does not have in their place; where words were
    only left out, those on either side."""
    old = list(_WORD.finditer(true))
    new = list(_WORD.finditer(false))
    matcher = SequenceMatcher(
        None, [m.group().casefold() for m in old], [m.group().casefold() for m in new], False
    )
    spans: list[Span] = []
    for kind, _, _, first, last in matcher.get_opcodes():
        if kind == "equal":
            continue
        if first == last:
            first, last = max(first - 1, 0), min(last + 1, len(new))
        spans += [new[i].span() for i in range(first, last)]
    return tuple(spans)


def distort(true: Example, rng: random.Random) -> Example | None:
    """With one thing exchanged: a name or a number for another of the passage's, or a statement for
    its contrary. None where there is nothing to exchange."""
    for exchange in rng.sample(_EXCHANGES, len(_EXCHANGES)):
        changed = exchange(true, rng)
        if changed is not None and changed != true.question:
            spans = find_changes(true.question, changed)
            return replace(true, question=changed, unsupported=spans)
    return None


def _exchange_name(true: Example, rng: random.Random) -> str | None:
    told = " ".join(true.reading.sentences)
    names = [name for name in find_names(true.question) if name in told]
    others = [
        name for name in find_names(told) if not any(name in kept or kept in name for kept in names)
    ]
    if not names:
        return None
    new = rng.choice(others) if others and rng.random() < 0.8 else invent(rng)
    return true.question.replace(rng.choice(names), new)


def _exchange_number(true: Example, rng: random.Random) -> str | None:
    found = list(_NUMBER.finditer(true.question))
    if not found:
        return None
    match = rng.choice(found)
    others = set(_NUMBER.findall(" ".join(true.reading.sentences))) - {match.group()}
    if others and rng.random() < 0.6:
        new = rng.choice(sorted(others))
    else:
        place = rng.randrange(len(match.group()))
        digit = match.group()[place]
        if not digit.isdigit():
            return None
        new = f"{match.group()[:place]}{rng.choice('123456789')}{match.group()[place + 1 :]}"
    return f"{true.question[: match.start()]}{new}{true.question[match.end() :]}"


def _deny(true: Example, rng: random.Random) -> str | None:
    if _DENIED.search(true.question):
        return _DENIED.sub("", true.question, count=1)
    found = list(_ASSERTED.finditer(true.question))
    if not found:
        return None
    end = rng.choice(found).end()
    return f"{true.question[:end]} not{true.question[end:]}"


_EXCHANGES: list[Callable[[Example, random.Random], str | None]] = [
    _exchange_name,
    _exchange_name,
    _exchange_number,
    _deny,
]


def _distort_and_crop(true: Example, rng: random.Random) -> Iterator[Example]:
    changed = distort(true, rng)
    if changed is not None:
        yield _crop(changed, rng)


def _crop(claim: Example, rng: random.Random) -> Example:
    """To a few sentences, as claims are checked (`retrieval.models.reader`)."""
    return claim if rng.random() < _WHOLE_SHARE else claim.cropped(rng)
