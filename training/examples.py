"""What the reader learns from: a question, a passage, and which of its sentences answer.

The questions, near misses and evidence were written by hand over passages of news
(`training/README.md`). Three kinds of passages answer nothing: the passage of a near miss, one
that its evidence was taken out of, and one of another article, or of the same, that search
finds for the question.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from ingest.chunking import split_sentences
from retrieval.models.reader import describe

WRITTEN = Path(__file__).parent / "written"

_CHUNK_CHARACTERS = 850
_MIN_CHUNK_CHARACTERS = 300
# An article so many days away does not report the same event.
_MIN_DAYS_APART = 10
_MAX_FAR, _MAX_SAME = 6, 3
# A passage of the same article that is no nearer than this to the evidence does not repeat it.
_MAX_LIKENESS = 0.35
_SHUFFLED_SHARE = 0.25
_OTHER_SHARE = 0.62
_EMPTIED_SHARE = 0.14
_MISS_SHARE = 0.85


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage as the network reads it: `head` is its headline and day."""

    head: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """`evidence` holds the numbers of the sentences that answer, none where nothing does; `answer`
    the number of the sentence with the short answer and its span in characters of that sentence."""

    question: str
    reading: Reading
    evidence: frozenset[int] = frozenset()
    answer: tuple[int, int, int] | None = None

    def shuffled(self, rng: random.Random) -> Example:
        """The sentences in another order: to be first must not be what makes evidence."""
        order = rng.sample(range(len(self.reading.sentences)), len(self.reading.sentences))
        place = {old: new for new, old in enumerate(order)}
        sentences = tuple(self.reading.sentences[i] for i in order)
        answer = None if self.answer is None else (place[self.answer[0]], *self.answer[1:])
        return Example(
            self.question,
            replace(self.reading, sentences=sentences),
            frozenset(place[i] for i in self.evidence),
            answer,
        )

    def emptied(self) -> Example:
        """Without its evidence: near, and no answer."""
        rest = [s for i, s in enumerate(self.reading.sentences) if i not in self.evidence]
        return Example(self.question, replace(self.reading, sentences=tuple(rest)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A written question with its passage, and other passages that do not answer it."""

    passage_id: str
    example: Example
    far: tuple[Reading, ...] = ()
    same: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    asked: tuple[Asked, ...]
    misses: tuple[Asked, ...]

    def draw(self, rng: random.Random) -> list[Example]:
        """One epoch."""
        drawn = [each.example for each in self.misses if rng.random() < _MISS_SHARE]
        for each in self.asked:
            whole = each.example
            drawn.append(whole.shuffled(rng) if rng.random() < _SHUFFLED_SHARE else whole)
            dice = rng.random()
            if dice < _OTHER_SHARE:
                pool = each.same if each.same and rng.random() < 0.5 else each.far
                drawn += [Example(whole.question, rng.choice(pool))] if pool else []
            elif dice < _OTHER_SHARE + _EMPTIED_SHARE:
                drawn.append(whole.emptied())
        drawn = [each for each in drawn if each.reading.sentences]
        rng.shuffle(drawn)
        return drawn


def read_written(reading: Path, held_out: frozenset[str] = frozenset()) -> Written:
    """Of `reading/train` and our own `written/`, all but the passages held out."""
    passages, rows = read_passages(reading)
    asked: list[Asked] = []
    misses: list[Asked] = []
    for row in rows:
        if row["id"] in held_out:
            continue
        passage = passages[row["id"]]
        read = Reading(describe(passage["title"], name_day(passage["date"])),
                       tuple(passage["sentences"]))  # fmt: skip
        asked += [Asked(row["id"], each) for each in _read_questions(row, read)]
        misses += [Asked(row["id"], Example(text, read)) for text in row["miss"]]
    return Written(tuple(asked), tuple(misses))


def read_passages(reading: Path) -> tuple[dict[str, dict[str, Any]], list[dict[str, Any]]]:
    """The passages by their ids, and the questions, near misses and claims of each."""
    pairs = [(reading / "train_passages.jsonl.gz", reading / "train.jsonl.gz")]
    pairs += [
        (path, path.with_name(path.name.replace("_passages", "")))
        for path in sorted(WRITTEN.glob("*_passages.jsonl"))
    ]
    passages = {each["id"]: each for path, _ in pairs for each in read_lines(path)}
    rows = [row for _, path in pairs for row in read_lines(path) if not row.get("junk")]
    return passages, rows


def choose_held_out(reading: Path, rng: random.Random) -> frozenset[str]:
    """Sixty passages of news and twenty of other styles, to choose weights and thresholds by."""
    ids = sorted(row["id"] for row in read_lines(reading / "train.jsonl.gz") if not row.get("junk"))
    news = [each for each in ids if each.startswith("rt")]
    styles = [each for each in ids if each.startswith("st")]
    return frozenset(rng.sample(news, 60) + rng.sample(styles, 20))


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
    by_article: dict[str, list[int]] = {}
    for i, chunk in enumerate(chunks):
        by_article.setdefault(chunk["article"], []).append(i)

    def find(each: Asked) -> Asked:
        passage, evidence = passages[each.passage_id], each.example.evidence
        scores = (vectorizer.transform([each.example.question]) @ matrix.T).tocsr()
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

    return replace(written, asked=tuple(map(find, written.asked)))


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


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        yield from map(json.loads, file)


def name_day(stated: str) -> str:
    """`2026-03-05` as an article's head has it: `05 March 2026`; empty where none is stated."""
    return f"{date.fromisoformat(stated[:10]):%d %B %Y}" if stated else ""


def _read_questions(row: Mapping[str, Any], reading: Reading) -> Iterator[Example]:
    for each in row["qa"]:
        evidence = frozenset(i for i in each["ev"] if i >= 0)
        if evidence:
            answer = each["a"] and _find(each["a"], reading.sentences, sorted(evidence))
            yield Example(each["q"], reading, evidence, answer or None)


def _find(
    words: str, sentences: Sequence[str], evidence: Sequence[int]
) -> tuple[int, int, int] | None:
    for i in evidence:
        start = sentences[i].find(words)
        if start >= 0:
            return i, start, start + len(words)
    return None


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
