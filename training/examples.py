"""What the reader learns from: a question or a claim, a passage, and which of its sentences answer.

The questions, near misses, claims and evidence were written by hand over passages of news
(`training/README.md`). Four kinds of passages answer nothing: the passage of a near miss, one
that its evidence was taken out of, one of another article, or of the same, that search finds for
the question, and one that tells it of another name.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

_NAME = re.compile(r"\b[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*")
_ONSETS = "bdfghjklmnprstv"
_RHYMES = ("a", "e", "i", "o", "u", "an", "el", "en", "or", "ei", "ost")
# What answers is often the first sentence of what is left.
_CROPPED_BEFORE, _MAX_CROPPED_BEHIND = (-3, 3), 3


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage as the network reads it: `head` is its headline and day."""

    head: str
    sentences: tuple[str, ...]


class Kind(Enum):
    """What is read with a passage."""

    QUESTION = "question"
    CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class Example:
    """`evidence` holds the numbers of the sentences that answer, none where nothing does; `answer`
    the number of the sentence with the short answer and its span in characters of that sentence.

    A claim's `evidence` are the sentences that it speaks of, none where they are not known, and
    `unsupported` the spans of its words that nothing bears out: none of a true one, and None for a
    false one of which it is not known.
    """

    question: str
    reading: Reading
    evidence: frozenset[int] = frozenset()
    answer: tuple[int, int, int] | None = None
    kind: Kind = Kind.QUESTION
    unsupported: tuple[tuple[int, int], ...] | None = ()

    def cropped(self, rng: random.Random) -> Example:
        """The evidence, or any sentence where there is none, with a few of those around it: an
        article of one sentence answers as well as one of nine."""
        sentences = self.reading.sentences
        kept = sorted(self.evidence) or [rng.randrange(len(sentences))]
        first = max(0, kept[0] - max(0, rng.randint(*_CROPPED_BEFORE)))
        last = min(len(sentences), kept[-1] + 1 + rng.randint(0, _MAX_CROPPED_BEHIND))
        answer = self.answer and (self.answer[0] - first, *self.answer[1:])
        return replace(
            self,
            reading=replace(self.reading, sentences=sentences[first:last]),
            evidence=frozenset(i - first for i in self.evidence),
            answer=answer or None,
        )

    def shuffled(self, rng: random.Random) -> Example:
        """The sentences in another order: to be first must not be what makes evidence."""
        order = rng.sample(range(len(self.reading.sentences)), len(self.reading.sentences))
        place = {old: new for new, old in enumerate(order)}
        sentences = tuple(self.reading.sentences[i] for i in order)
        answer = None if self.answer is None else (place[self.answer[0]], *self.answer[1:])
        return replace(
            self,
            reading=replace(self.reading, sentences=sentences),
            evidence=frozenset(place[i] for i in self.evidence),
            answer=answer,
        )

    def renamed(self, names: Sequence[str], rng: random.Random, *, everywhere: bool) -> Example:
        """With another name for one that the question and the passage share: `everywhere`, and
        what answered still does; or in the question alone, and nothing does. Itself where they
        share none."""
        told = f"{self.reading.head} {' '.join(self.reading.sentences)}"
        shared = [name for name in find_names(self.question) if name in told]
        if not shared:
            return self
        old, new = rng.choice(shared), invent(rng)
        if names and rng.random() < 0.5:
            new = rng.choice(names)
        if new in told or (everywhere and self._short_answer_has(old)):
            return self
        question = self.question.replace(old, new)
        if not everywhere:
            return replace(self, question=question, evidence=frozenset(), answer=None)
        sentences = tuple(each.replace(old, new) for each in self.reading.sentences)
        answer = self.answer
        if answer is not None:
            sentence, start, end = answer
            before = self.reading.sentences[sentence][:start].count(old)
            moved = before * (len(new) - len(old))
            answer = (sentence, start + moved, end + moved)
        reading = Reading(self.reading.head.replace(old, new), sentences)
        return replace(self, question=question, reading=reading, answer=answer)

    def _short_answer_has(self, name: str) -> bool:
        if self.answer is None:
            return False
        sentence, start, end = self.answer
        written = self.reading.sentences[sentence]
        return bool({*name.split()} & {*written[start:end].split()}) or any(
            match.start() < end and match.end() > start
            for match in re.finditer(re.escape(name), written)
        )

    def emptied(self) -> Example:
        """Without its evidence: near, and no answer."""
        rest = [s for i, s in enumerate(self.reading.sentences) if i not in self.evidence]
        return Example(self.question, replace(self.reading, sentences=tuple(rest)))


def find_names(question: str) -> list[str]:
    """Its capitalised words, joined where they follow each other, but for the first of all."""
    _, _, rest = question.partition(" ")
    return [re.sub(r"['’]s?$", "", name) for name in _NAME.findall(rest)]


def invent(rng: random.Random) -> str:
    """A name that nobody has."""
    syllables = (rng.choice(_ONSETS) + rng.choice(_RHYMES) for _ in range(rng.randint(2, 4)))
    return "".join(syllables).capitalize()
