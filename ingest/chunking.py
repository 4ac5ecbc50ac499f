"""Cut an article into sentences and chunks, every one with its offsets in the stored text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

from retrieval.schema import Chunk, Span

CountTokens = Callable[[Sequence[str]], list[int]]

# NLTK's Punkt, which llama-index ships, splits after these titles and before lower case.
_ABBREVIATION = re.compile(
    r"\b(?:Gen|Lt|Col|Maj|Capt|Sgt|Adm|Sen|Rep|Gov|Mr|Mrs|Ms|Dr|Prof|St|Jr|Sr|No|vs|approx|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|[A-Z])\.\s*$"
)
# Scripts without spaces end sentences with signs that Punkt does not know.
_SENTENCE = re.compile(r"[^。！？]*[。！？]+[」』”’）)]*|[^。！？]+")
_PARAGRAPH = re.compile(r"[^\n]+")


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    tokens: int
    paragraph: int


def chunk_article(
    text: str, chunk_size_tokens: int, count_tokens: CountTokens
) -> tuple[Chunk, ...]:
    """Whole paragraphs, packed to about `chunk_size_tokens`; a longer paragraph is cut between
    sentences, a longer sentence between words."""
    chunks: list[Chunk] = []
    for group in _pack(_measure(text, chunk_size_tokens, count_tokens), chunk_size_tokens):
        spans = tuple((sentence.start, sentence.end) for sentence in group)
        chunks.append(Chunk(len(chunks), spans[0][0], spans[-1][1], spans))
    return tuple(chunks)


def split_sentences(text: str) -> Iterator[tuple[int, Span]]:
    """Sentences as (paragraph number, span); a line break always ends a sentence."""
    for number, paragraph in enumerate(_PARAGRAPH.finditer(text)):
        start = paragraph.start()
        pieces = _mend(_punkt()(paragraph.group()))
        for piece in (part for whole in pieces for part in _SENTENCE.findall(whole)):
            lead = len(piece) - len(piece.lstrip())
            trimmed = piece.strip()
            if trimmed:
                yield number, (start + lead, start + lead + len(trimmed))
            start += len(piece)


def _mend(pieces: Sequence[str]) -> list[str]:
    """Join what was cut after an abbreviation or in front of a lower-case word."""
    mended: list[str] = []
    for piece in pieces:
        cut_wrongly = mended and (
            _ABBREVIATION.search(mended[-1]) is not None or piece[:1].islower()
        )
        if cut_wrongly:
            mended[-1] += piece
        else:
            mended.append(piece)
    return mended


@cache
def _punkt() -> Callable[[str], list[str]]:
    from llama_index.core.node_parser.text.utils import split_by_sentence_tokenizer

    return split_by_sentence_tokenizer()


def _measure(text: str, chunk_size_tokens: int, count_tokens: CountTokens) -> Iterator[_Sentence]:
    found = list(split_sentences(text))
    counts = count_tokens([text[start:end] for _, (start, end) in found])
    for (paragraph, (start, end)), tokens in zip(found, counts, strict=True):
        if tokens <= chunk_size_tokens:
            yield _Sentence(start, end, tokens, paragraph)
            continue
        yield from _halve(
            text, _Sentence(start, end, tokens, paragraph), chunk_size_tokens, count_tokens
        )


def _halve(
    text: str, sentence: _Sentence, chunk_size_tokens: int, count_tokens: CountTokens
) -> Iterator[_Sentence]:
    """Cut between words, or in a word that alone is too long, until each part fits."""
    start, end = sentence.start, sentence.end
    if sentence.tokens <= chunk_size_tokens or end - start < 2:
        yield sentence
        return
    middle = (start + end) // 2
    space = text.rfind(" ", start + 1, middle)
    space = space if space > start else text.find(" ", middle, end - 1)
    parts = (
        ((start, space), (space + 1, end)) if space > start else ((start, middle), (middle, end))
    )
    counts = count_tokens([text[part_start:part_end] for part_start, part_end in parts])
    for (part_start, part_end), tokens in zip(parts, counts, strict=True):
        part = replace(sentence, start=part_start, end=part_end, tokens=tokens)
        yield from _halve(text, part, chunk_size_tokens, count_tokens)


def _pack(sentences: Iterator[_Sentence], chunk_size_tokens: int) -> Iterator[list[_Sentence]]:
    """Close a chunk where the next paragraph, or a sentence of a long one, would overfill it."""
    group: list[_Sentence] = []
    for paragraph in _group_paragraphs(list(sentences)):
        size = sum(sentence.tokens for sentence in paragraph)
        units = [paragraph] if size <= chunk_size_tokens else [[s] for s in paragraph]
        for unit in units:
            full = sum(s.tokens for s in group) + sum(s.tokens for s in unit) > chunk_size_tokens
            if group and full:
                yield group
                group = []
            group = [*group, *unit]
    if group:
        yield group


def _group_paragraphs(sentences: Sequence[_Sentence]) -> Iterator[list[_Sentence]]:
    breaks = [i for i, (a, b) in enumerate(pairwise(sentences), 1) if a.paragraph != b.paragraph]
    for start, end in pairwise([0, *breaks, len(sentences)]):
        if start < end:
            yield list(sentences[start:end])
