"""A language model's draft, kept only as far as the passages bear it out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.answering.extractive import FUNCTION_WORDS, ExtractiveAnswerer
from bot.answering.llm import LLM, LLMError
from bot.answering.prompt import DECLINED, build_prompt
from bot.answering.schema import Claim, Draft, Evidence, Question
from ingest.chunking import split_sentences
from retrieval.schema import Passage

_MARKER = re.compile(r"\s*\[(\d{1,3})\]")
# "It rose. [1]" → "It rose [1]."
_MARKERS_BEHIND = re.compile(r"([.!?…][\"'”’»)]*)((?:\s*\[\d{1,3}\])+)")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"\b[^\W\d_a-z]\w+")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without)\b|n['’]t\b", re.I
)
# The share of a claim's words (stems, by weight) that its quote must hold.
_LEAST_SUPPORT = 0.6


class GenerativeAnswerer:
    """Falls back on verbatim sentences when the model fails or nothing it wrote is supported."""

    def __init__(self, llm: LLM, extractive: ExtractiveAnswerer) -> None:
        self._llm = llm
        self._extractive = extractive

    def draft(self, question: Question, passages: Sequence[Passage]) -> Draft:
        verbatim = self._extractive.draft(question, passages)
        if not passages:
            return verbatim
        try:
            text = self._llm.complete(build_prompt(question, passages))
        except LLMError as error:
            return _fallback(verbatim, f"{error}; the answer is made of quotes.")
        if DECLINED in text:
            return Draft((), verbatim.confidence, "generative", self._llm.model, "model_declined")
        claims = tuple(self._verify(text, passages))
        dropped = len(list(_split(text))) - len(claims)
        if not claims:
            return _fallback(
                verbatim,
                "No sentence that the model wrote was supported by the articles; "
                "the answer is made of quotes.",
            )
        notes = (
            (f"{dropped} sentence(s) of the model's draft had no support and were left out.",)
            if dropped
            else ()
        )
        return Draft(claims, verbatim.confidence, "generative", self._llm.model, notes=notes)

    def _verify(self, text: str, passages: Sequence[Passage]) -> Iterator[Claim]:
        """The sentences whose every marker points at a passage that states them."""
        by_number = {passage.rank: passage for passage in passages}
        for sentence, numbers in _split(text):
            if not numbers or any(number not in by_number for number in numbers):
                continue
            evidence = [self._locate(sentence, by_number[number]) for number in numbers]
            supported = tuple(each for each in evidence if each is not None)
            if supported:
                yield Claim(sentence, supported)

    def _locate(self, claim: str, passage: Passage) -> Evidence | None:
        """The sentence of the passage that states the claim, or None if none does."""
        candidates = (
            Evidence(passage, start, end, self._support(claim, passage.article.text[start:end]))
            for start, end in passage.chunk.sentences
        )
        best = max(candidates, key=lambda each: each.relevance, default=None)
        if best is None or best.relevance < _LEAST_SUPPORT:
            return None
        return best if _keeps_the_facts(claim, best) else None

    def _support(self, claim: str, sentence: str) -> float:
        """The weight of the claim's stems that the sentence holds, as a share."""
        stems = set(self._extractive.lexicon.analyze(claim))
        weights = {stem: self._extractive.lexicon.weight(stem) for stem in stems}
        held = stems.intersection(self._extractive.lexicon.analyze(sentence))
        return sum(weights[stem] for stem in held) / max(sum(weights.values()), 1e-9)


def _keeps_the_facts(claim: str, evidence: Evidence) -> bool:
    """Whether the quote has the claim's numbers and its yes or no, the passage its names."""
    quote, passage = evidence.quote, evidence.passage
    numbers_kept = set(_NUMBER.findall(claim)) <= set(_NUMBER.findall(quote))
    words = f"{passage.article.title} {passage.text}".casefold()
    names = (name.casefold() for name in _NAME.findall(claim))
    names_kept = all(name in words or name in FUNCTION_WORDS for name in names)
    same_sense = bool(_NEGATION.search(claim)) == bool(_NEGATION.search(quote))
    return numbers_kept and names_kept and same_sense


def _split(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Sentences without their markers, and the markers' numbers."""
    text = _MARKERS_BEHIND.sub(r"\2\1", text)
    for _, (start, end) in split_sentences(text):
        numbers = tuple(dict.fromkeys(int(n) for n in _MARKER.findall(text[start:end])))
        sentence = _MARKER.sub("", text[start:end]).strip()
        if sentence:
            yield sentence, numbers


def _fallback(verbatim: Draft, note: str) -> Draft:
    return Draft(verbatim.claims, verbatim.confidence, "extractive", notes=(note,))
