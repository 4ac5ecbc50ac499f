"""Passages that search finds for a written question or claim, and that do not answer it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from ingest.chunking import split_sentences
from retrieval.models.reader import describe
from training.claims import Claimed
from training.epochs import Asked, Written
from training.examples import Example, Reading
from training.written_sets import name_day, read_lines, read_passages

_CHUNK_CHARACTERS = 850
_MIN_CHUNK_CHARACTERS = 300
# An article so many days away does not report the same event.
_MIN_DAYS_APART = 10
_MAX_FAR, _MAX_SAME = 6, 3
_MAX_FOUND = 60
# A passage of the same article that is no nearer than this to the evidence does not repeat it.
_MAX_LIKENESS = 0.35


def add_neighbours(written: Written, reading: Path, corpus: Path) -> Written:
    """With the passages that words find for each question, in other articles of other days and in
    its own, and that do not hold its short answer or repeat its evidence; and for each claim those
    of its article that say little of what it says."""
    passages, _ = read_passages(reading, corpus)
    reported = {each["id"].split("#")[0] for each in read_lines(reading / "test_passages.jsonl.gz")}
    pieces = _Pieces([each for each in cut_articles(corpus) if each["article"] not in reported])
    asked = [each.example for each in written.asked]
    questions = pieces.read([each.question for each in asked])
    evidence = pieces.read([_join_evidence(each) for each in asked])
    claims = pieces.read([each.example.question for each in written.claims])

    def find(each: Asked, question: Any, told: Any) -> Asked:
        short = _short_answer(each.example)
        far = (c for c in pieces.find(question) if _is_far(c, passages[each.passage_id]))
        same = pieces.find_unlike(told, each.passage_id)
        return replace(
            each,
            far=tuple(_to_reading(c) for c in far if not _holds(c, short))[:_MAX_FAR],
            same=tuple(_to_reading(c) for c in same if not _holds(c, short))[:_MAX_SAME],
        )

    def move(each: Claimed, claim: Any) -> Claimed:
        same = pieces.find_unlike(claim, each.passage_id)
        return replace(each, elsewhere=tuple(map(_to_reading, same))[:_MAX_SAME])

    return replace(
        written,
        asked=tuple(map(find, written.asked, questions, evidence)),
        claims=tuple(map(move, written.claims, claims)),
    )


class _Pieces:
    """Pieces of articles that can be found by their words; a query is a row of what `read` made."""

    def __init__(self, chunks: Sequence[Mapping[str, Any]]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        self._chunks = chunks
        self._vectorizer = TfidfVectorizer(
            sublinear_tf=True, stop_words="english", min_df=2, dtype=np.float32
        )
        texts = [f"{c['title']} {' '.join(c['sentences'])}" for c in chunks]
        self._matrix = self._vectorizer.fit_transform(texts)
        # Turned once: a product with what is not costs a hundred times the search.
        self._by_word = self._matrix.T.tocsr()
        self._by_article: dict[str, list[int]] = {}
        for i, chunk in enumerate(chunks):
            self._by_article.setdefault(chunk["article"], []).append(i)

    def read(self, texts: Sequence[str]) -> Any:
        return self._vectorizer.transform(texts)

    def find(self, query: Any) -> Iterator[Mapping[str, Any]]:
        """The likest first."""
        scores = query @ self._by_word
        return (self._chunks[scores.indices[i]] for i in np.argsort(-scores.data)[:_MAX_FOUND])

    def find_unlike(self, query: Any, passage_id: str) -> Iterator[Mapping[str, Any]]:
        """Those of the passage's own article, but for itself, that say little of it."""
        own = self._by_article.get(passage_id.split("#")[0], [])
        likeness = (query @ self._matrix[own].T).toarray()[0] if own else ()
        for i, alike in zip(own, likeness, strict=True):
            if alike < _MAX_LIKENESS and not _overlaps(self._chunks[i], passage_id):
                yield self._chunks[i]


def cut_articles(corpus: Path) -> Iterator[dict[str, Any]]:
    """Articles of a BEIR folder in pieces of about the length of a chunk."""
    for article in read_lines(corpus / "corpus.jsonl.gz"):
        text = article["text"]
        group: list[tuple[int, int]] = []
        for _, span in (*split_sentences(text), (0, (len(text) + _CHUNK_CHARACTERS,) * 2)):
            if group and span[1] - group[0][0] > _CHUNK_CHARACTERS:
                if group[-1][1] - group[0][0] > _MIN_CHUNK_CHARACTERS:
                    yield {
                        "article": article["_id"],
                        "title": article.get("title") or "",
                        "date": (article.get("metadata") or {}).get("published_at") or "",
                        "start": group[0][0],
                        "end": group[-1][1],
                        "sentences": [text[first:last] for first, last in group],
                    }
                group = []
            group.append(span)


def _is_far(chunk: Mapping[str, Any], passage: Mapping[str, Any]) -> bool:
    if chunk["article"] == passage["id"].split("#")[0]:
        return False
    if not chunk["date"] or not passage["date"]:
        return True
    days = date.fromisoformat(chunk["date"][:10]) - date.fromisoformat(passage["date"][:10])
    return abs(days.days) >= _MIN_DAYS_APART


def _overlaps(chunk: Mapping[str, Any], passage_id: str) -> bool:
    first, last = map(int, passage_id.split("#")[1].split("-"))
    return bool(chunk["start"] < last and chunk["end"] > first)


def _join_evidence(example: Example) -> str:
    return " ".join(example.reading.sentences[i] for i in sorted(example.evidence))


def _short_answer(example: Example) -> str:
    if example.answer is None:
        return ""
    sentence, start, end = example.answer
    return example.reading.sentences[sentence][start:end].casefold()


def _holds(chunk: Mapping[str, Any], short: str) -> bool:
    return bool(short) and short in " ".join(chunk["sentences"]).casefold()


def _to_reading(chunk: Mapping[str, Any]) -> Reading:
    return Reading(describe(chunk["title"], name_day(chunk["date"])), tuple(chunk["sentences"]))
