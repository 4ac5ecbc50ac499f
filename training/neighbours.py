"""Passages that search finds for a written question or claim, and that do not answer it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from ingest.chunking import split_sentences
from retrieval.models.reader import describe
from training.examples import Asked, Claimed, Example, Reading, Written
from training.written_sets import name_day, read_lines, read_passages

_CHUNK_CHARACTERS = 850
_MIN_CHUNK_CHARACTERS = 300
# An article so many days away does not report the same event.
_MIN_DAYS_APART = 10
_MAX_FAR, _MAX_SAME = 6, 3
# A passage of the same article that is no nearer than this to the evidence does not repeat it.
_MAX_LIKENESS = 0.35


def add_neighbours(written: Written, reading: Path, corpus: Path) -> Written:
    """With the passages that words find for each question, in other articles of other days and in
    its own, and that do not hold its short answer or repeat its evidence."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    passages, _ = read_passages(reading)
    reported = {each["id"].split("#")[0] for each in read_lines(reading / "test_passages.jsonl.gz")}
    chunks = [each for each in cut_articles(corpus) if each["article"] not in reported]
    vectorizer = TfidfVectorizer(
        sublinear_tf=True, stop_words="english", min_df=2, dtype=np.float32
    )
    matrix = vectorizer.fit_transform([f"{c['title']} {' '.join(c['sentences'])}" for c in chunks])
    # Turned once: a product with what is not costs a hundred times the search.
    by_word = matrix.T.tocsr()
    by_article: dict[str, list[int]] = {}
    for i, chunk in enumerate(chunks):
        by_article.setdefault(chunk["article"], []).append(i)

    def find(each: Asked) -> Asked:
        passage, evidence = passages[each.passage_id], each.example.evidence
        scores = vectorizer.transform([each.example.question]) @ by_word
        order = scores.indices[np.argsort(-scores.data)[:60]]
        told = " ".join(each.example.reading.sentences[i] for i in sorted(evidence))
        own = by_article.get(each.passage_id.split("#")[0], [])
        likeness = vectorizer.transform([told]) @ matrix[own].T if own else None
        far = [chunks[i] for i in order if _is_far(chunks[i], passage)]
        same = [
            chunks[i]
            for k, i in enumerate(own)
            if likeness is not None
            and likeness[0, k] < _MAX_LIKENESS
            and not _overlaps(chunks[i], each.passage_id)
        ]
        short = _short_answer(each.example)
        return replace(
            each,
            far=tuple(_to_reading(c) for c in far if not _holds(c, short))[:_MAX_FAR],
            same=tuple(_to_reading(c) for c in same if not _holds(c, short))[:_MAX_SAME],
        )

    def move(each: Claimed) -> Claimed:
        """To the other passages of its article that say little of what it says."""
        own = by_article.get(each.passage_id.split("#")[0], [])
        if not own:
            return each
        likeness = vectorizer.transform([each.example.question]) @ matrix[own].T
        same = [
            chunks[i]
            for k, i in enumerate(own)
            if likeness[0, k] < _MAX_LIKENESS and not _overlaps(chunks[i], each.passage_id)
        ]
        return replace(each, elsewhere=tuple(_to_reading(c) for c in same)[:_MAX_SAME])

    return replace(
        written,
        asked=tuple(map(find, written.asked)),
        claims=tuple(map(move, written.claims)),
    )


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


def _short_answer(example: Example) -> str:
    if example.answer is None:
        return ""
    sentence, start, end = example.answer
    return example.reading.sentences[sentence][start:end].casefold()


def _holds(chunk: Mapping[str, Any], short: str) -> bool:
    return bool(short) and short in " ".join(chunk["sentences"]).casefold()


def _to_reading(chunk: Mapping[str, Any]) -> Reading:
    return Reading(describe(chunk["title"], name_day(chunk["date"])), tuple(chunk["sentences"]))
