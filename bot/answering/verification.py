"""What of a model's draft the passages bear out, each sentence with the quote that does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from bot.answering.drafts import Written
from bot.answering.facts import Token, find_names, keeps_facts, read_tokens
from bot.answering.schema import Claim, Evidence
from bot.answering.sentences import FUNCTION_WORDS, Lexicon, is_sentence
from retrieval.schema import Passage, Span

# The share of a claim's telling words (stems, by weight) that its quote must hold.
_LEAST_SUPPORT = 0.85
_LEAST_STEMS = 2
_LEAST_WORDS_OF_A_PIECE = 4
# Words that report, and add nothing to what is reported.
_REPORTING = frozenset(
    """
    according report reports reported state states stated  note notes
    noted added article articles passage passages news however meanwhile additionally furthermore
    therefore thus including also
    """.split()  # noqa: SIM905 - a word list is read as one
)
# What quotes nothing and does something: links, tags, code.
_ACTIVE = re.compile(r"\S*(?://|www\.|@|\]\(|[<>{}|\\]|\w\.[a-z]{2,}(?:/|\b(?!\.\w)))\S*", re.I)
_PRONOUN = re.compile(r"(?:He|She|It)\b|(?:His|Her|Its)\b")
_POSSESSIVES = ("His", "Her", "Its")
_SUBJECT = re.compile(r"(?:The )?[^\W\d_a-z][\w-]*(?: [^\W\d_a-z][\w-]*)*")


class Verifier:
    """Verifies against the passages that the model was shown, by their rank."""

    def __init__(self, lexicon: Lexicon, passages: Sequence[Passage]) -> None:
        self._lexicon = lexicon
        self._passages = {passage.rank: passage for passage in passages}
        self._names = find_names([passage.text for passage in passages])

    def verify(self, written: Written) -> Claim | None:
        """The sentence and its quotes, or None where a passage that it names is not there or
        none states it."""
        if not written.numbers:
            return self._find_verbatim(written.text)
        if any(number not in self._passages for number in written.numbers):
            return None
        evidence = (
            tuple(self._locate_all(written.text, written.numbers))
            or self._locate_pieces(written)
            or self._locate_elsewhere(written)
        )
        return Claim(written.text, evidence) if evidence else None

    def _locate_all(self, text: str, numbers: Sequence[int]) -> Iterator[Evidence]:
        for number in numbers:
            located = self._locate(text, self._passages[number])
            if located is not None:
                yield located

    def _locate_pieces(self, written: Written) -> tuple[Evidence, ...]:
        """`A [1] and B [2]`: the quotes for every piece, or none."""
        found: list[Evidence] = []
        for text, numbers in written.pieces:
            evidence = list(self._locate_all(text, numbers))
            if not evidence or len(text.split()) < _LEAST_WORDS_OF_A_PIECE:
                return ()
            found += evidence
        return tuple(dict.fromkeys(found))

    def _locate_elsewhere(self, written: Written) -> tuple[Evidence, ...]:
        """The quote that states it best, though the model named another passage."""
        others = [number for number in self._passages if number not in written.numbers]
        found = self._locate_all(written.text, others)
        best = max(found, key=lambda each: each.relevance, default=None)
        return () if best is None else (best,)

    def _locate(self, text: str, passage: Passage) -> Evidence | None:
        """The sentence that states it best; failing that, one with the sentence before it, which
        says who "he" or "it" is."""
        claim = _without_attribution(text, passage)
        spans = passage.chunk.sentences
        article = passage.article.text
        single = ((span, article[slice(*span)]) for span in spans)
        return self._best(claim, passage, single) or self._best(
            claim, passage, _resolved_pairs(claim, article, spans)
        )

    def _best(
        self, claim: str, passage: Passage, candidates: Iterator[tuple[Span, str]]
    ) -> Evidence | None:
        said = read_tokens(claim)
        best: Evidence | None = None
        for (start, end), stated in candidates:
            support = self._support(claim, said, stated)
            if support < _LEAST_SUPPORT or (best is not None and support <= best.relevance):
                continue
            if _active_words(claim) <= _active_words(stated) and keeps_facts(
                said, read_tokens(stated), self._names
            ):
                best = Evidence(passage, start, end, support)
        return best

    def _support(self, claim: str, said: Sequence[Token], stated: str) -> float:
        """The weight of the claim's telling stems that the quote holds, as a share; nothing for a
        claim that goes on far longer than the quote, or hardly tells anything in words of its
        own."""
        telling = [t.written for t in said if t.key not in FUNCTION_WORDS | _REPORTING]
        stems = set(self._lexicon.analyze(" ".join(telling)))
        if len(claim) > 2 * len(stated) + 80:
            return 0.0
        if len(stems) < _LEAST_STEMS:
            return float([t.key for t in said] == [t.key for t in read_tokens(stated)])
        weights = {stem: self._lexicon.weight(stem) for stem in stems}
        held = stems.intersection(self._lexicon.analyze(stated))
        return sum(weights[stem] for stem in held) / max(sum(weights.values()), 1e-9)

    def _find_verbatim(self, text: str) -> Claim | None:
        """A sentence without a marker, where a passage has the same sentence word for word."""
        said = [token.written for token in read_tokens(text)]
        if not is_sentence(text):
            return None
        for passage in self._passages.values():
            for start, end in passage.chunk.sentences:
                if said == [t.written for t in read_tokens(passage.article.text[start:end])]:
                    return Claim(text, (Evidence(passage, start, end, 1.0),))
        return None


def _resolved_pairs(claim: str, article: str, spans: Sequence[Span]) -> Iterator[tuple[Span, str]]:
    """Two neighbouring sentences, read as one: the second's "he" or "it" is the first's subject,
    and so is the claim's."""
    for before, span in pairwise(spans):
        sentence = article[slice(*span)]
        pronoun, subject = _PRONOUN.match(sentence), _SUBJECT.match(article[slice(*before)])
        if pronoun is None or subject is None:
            continue
        if not claim.casefold().startswith(subject.group().casefold()):
            continue
        name = subject.group() + ("'s" if pronoun.group() in _POSSESSIVES else "")
        yield (before[0], span[1]), name + sentence[pronoun.end() :]


def _without_attribution(text: str, passage: Passage) -> str:
    """The claim less what the citation itself bears out: who published it, and when."""
    source = re.escape(passage.article.source or "")
    if source:
        text = re.sub(
            rf"\b(?:according to|as reported by|reported by)\s+(?:the\s+)?{source}\b,?", "", text,
            flags=re.I,
        )  # fmt: skip
        text = re.sub(
            rf"^(?:the\s+)?{source}\s+(?:reports?|reported|wrote|says)(?:\s+that)?\b", "", text,
            flags=re.I,
        )  # fmt: skip
    moment = passage.article.published_at
    if moment is not None:
        text = re.sub(
            r"\(?\b(?:as of|published(?: on| in)?|reported (?:on|in)|dated)\s+"
            rf"(?:{_written(moment)})\)?,?",
            "",
            text,
            flags=re.I,
        )
    return text.strip(" ,")


def _written(moment: datetime) -> str:
    """A day as people write it."""
    month, day, year = f"{moment:%B}", moment.day, moment.year
    return (
        rf"0?{day}(?:st|nd|rd|th)?\s+(?:of\s+)?{month},?\s+{year}|"
        rf"{month}\s+0?{day}(?:st|nd|rd|th)?,?\s+{year}|{moment:%Y-%m-%d}|{month},?\s+{year}"
    )


def _active_words(text: str) -> frozenset[str]:
    return frozenset(_ACTIVE.findall(text))
