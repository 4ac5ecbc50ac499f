"""What the evidence ranker learns from: questions, passages, and which sentences answer them.

Labels are distant: a sentence that holds an accepted answer, in an article judged relevant, is
taken to answer; one that holds it elsewhere is left out of the sum, since nobody has judged it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from bot.answering.cues import MONTHS, AnswerKind
from bot.answering.questions import build_question, resolve_question
from bot.answering.short_answers import SHORT_ANSWERS
from eval.beir import load_beir, read_judgements
from eval.dataset import GoldItem, index_articles
from eval.session import open_session
from ingest.chunking import split_sentences
from retrieval.evidence_ranker import describe_article
from retrieval.retriever import Retriever
from retrieval.schema import Filters, Passage, Span

Label = Literal["answers", "other", "unknown"]

_MOST_PASSAGES = 4
_NEGATIVES_FROM = 8
_DEPTH = 20
# So long before the question was asked, nobody had reported what it asks for.
_BEFORE = timedelta(days=45)
_CHUNK_CHARACTERS = 900
_SHORT_HEADLINE = 5
_ASKS: dict[AnswerKind, tuple[str, ...]] = {
    "name": ("who", "what", "which"),
    "number": ("how many", "how much"),
    "date": ("when",),
}
# Names, months and years, but not a first word, which has its capital for another reason.
_NAMED = re.compile(
    r"(?<!^)(?<![.?!] )\b[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+)*|\b(?:19|20)\d\d\b"
)
_DRAWS = 20
_NUMERALS = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Reading:
    """A passage as the network reads it; spans are in characters of `text`."""

    head: str
    text: str
    sentences: tuple[Span, ...]
    labels: tuple[Label, ...]
    answers: tuple[Span | None, ...]

    def shuffled(self, rng: random.Random) -> Reading:
        """The same sentences in another order: to be first must not be what makes evidence."""
        text = ""
        spans: list[Span] = []
        answers: list[Span | None] = []
        order = rng.sample(range(len(self.sentences)), len(self.sentences))
        for first, last in (self.sentences[i] for i in order):
            spans.append((len(text), len(text) + last - first))
            text += f"{self.text[first:last]} "
        for (first, _), i in zip(spans, order, strict=True):
            moved, answer = first - self.sentences[i][0], self.answers[i]
            answers.append(None if answer is None else (answer[0] + moved, answer[1] + moved))
        labels = tuple(self.labels[i] for i in order)
        return replace(
            self, text=text, sentences=tuple(spans), labels=labels, answers=tuple(answers)
        )

    def without_answer(self) -> Reading:
        """Without any sentence that answers or may: near, and no answer."""
        text = ""
        spans: list[Span] = []
        for (first, last), label in zip(self.sentences, self.labels, strict=True):
            if label == "other":
                spans.append((len(text), len(text) + last - first))
                text += f"{self.text[first:last]} "
        return Reading(self.head, text, tuple(spans), _others(len(spans)), (None,) * len(spans))

    @property
    def answers_it(self) -> bool:
        return "answers" in self.labels

    @property
    def answers_nothing(self) -> bool:
        return set(self.labels) <= {"other"}


@dataclass(frozen=True, slots=True)
class Example:
    """A question with passages that answer it and others. `chance` is its share of epochs."""

    question: str
    answering: tuple[Reading, ...]
    others: tuple[Reading, ...]
    chance: float = 1.0

    def draw(self, rng: random.Random) -> tuple[Reading, ...]:
        """A list for one step: one or two passages that answer, among those that do not."""
        if not self.answering:
            return self.others[: _MOST_PASSAGES - 1]
        chosen = [self.answering[0]]
        if len(self.answering) > 1 and rng.random() < 0.5:
            chosen.append(rng.choice(self.answering[1:_MOST_PASSAGES]))
        negatives = self.others[:_NEGATIVES_FROM]
        wanted = min(_MOST_PASSAGES - len(chosen), len(negatives))
        return (*chosen, *rng.sample(negatives, wanted))


def read_news(folder: Path, home: Path, held_out: frozenset[str]) -> Iterator[Example]:
    """Questions of a BEIR folder over its own articles, as the retriever finds them; and, so that
    "no answer" is learnt too, over the articles of some weeks before the question."""
    gold = load_beir(folder, home / "eval")
    with open_session(gold.corpus, home) as session:
        archive, retriever = session.library.archive, session.retriever
        articles = index_articles(archive)
        for item in gold.items:
            if not item.answerable or item.id in held_out or is_for_tuning(item.id):
                continue
            named = {articles[evidence.article].article_id for evidence in item.evidence}
            relevant = {each.article_id for each in archive.carriers.of_stories(named, Filters())}
            found = list(_read_passages(item, retriever, relevant))
            answering = tuple(reading for reading in found if reading.answers_it)
            others = tuple(reading for reading in found if reading.answers_nothing)
            if answering:
                yield Example(item.question, answering, others)
            before = list(_read_passages(item, retriever, relevant, _BEFORE))
            unanswering = tuple(reading for reading in before if reading.answers_nothing)
            if len(unanswering) >= _MOST_PASSAGES - 1:
                yield Example(item.question, (), unanswering, chance=0.5)


def is_for_tuning(question_id: str) -> bool:
    """Two questions in nine are left out, to choose weights and thresholds by."""
    return int(hashlib.sha256(question_id.encode()).hexdigest(), 16) % 9 < 2


def read_clapnq(path: Path, chance: float) -> Iterator[Example]:
    """ClapNQ: a Wikipedia passage and the sentences that annotators chose, if any."""
    for row in _read_lines(path):
        passage = row["passages"][0]
        chosen = {each for output in row["output"] for each in output["selected_sentences"]}
        text = ""
        spans: list[Span] = []
        labels: list[Label] = []
        for sentence in filter(str.strip, passage["sentences"]):
            words = _untokenise(sentence)
            spans.append((len(text), len(text) + len(words)))
            labels.append("answers" if sentence in chosen else "other")
            text += f"{words} "
        reading = Reading(
            f"{passage['title']}. ", text, tuple(spans), tuple(labels), (None,) * len(spans)
        )
        answering = (reading,) if reading.answers_it else ()
        yield Example(row["input"], answering, () if answering else (reading,), chance)


def read_timeqa(path: Path, chance: float) -> Iterator[Example]:
    """TimeQA: questions bound to a time, with the answer's place in a Wikipedia page."""
    for row in _read_lines(path):
        readings = list(_cut_page(row))
        answering = tuple(reading for reading in readings if reading.answers_it)
        words = _words(row["question"])
        others = sorted(
            (reading for reading in readings if reading.answers_nothing),
            key=lambda reading: -len(words & _words(reading.text)),
        )
        if answering:
            yield Example(row["question"], answering[:1], tuple(others[:1]), chance=chance)
            yield Example(row["question"], (), tuple(others[:2]), chance=chance / 5)


def read_headlines(folder: Path, held_out: frozenset[str], rng: random.Random) -> Iterator[Example]:
    """A headline with a name, number or date taken out asks for what its article says; what a
    sentence must hold to answer is learnt so, not only what it is about."""
    unread = {document for query, document in read_judgements(folder) if query in held_out}
    for document in _read_lines(folder / "corpus.jsonl.gz"):
        asked = _take_out(document["title"] or "", document["text"], rng)
        if asked is None or document["_id"] in unread:
            continue
        question, answer = asked
        readings = [
            _read_cloze(document["text"], group, question, answer)
            for group in _group([span for _, span in split_sentences(document["text"])])
        ]
        answering = [reading for reading in readings if reading.answers_it]
        others = [reading for reading in readings if reading.answers_nothing]
        if answering:
            negatives = tuple(rng.sample(others, min(1, len(others))))
            yield Example(question, tuple(answering[:1]), negatives)


def read_near_misses(examples: Sequence[Example], rng: random.Random) -> Iterator[Example]:
    """The same passages with the answering sentences left out; and the same question about
    someone, somewhere or some time that its passage does not name."""
    names: dict[str, list[str]] = {}
    for example in examples:
        for name in _NAMED.findall(example.question):
            names.setdefault(_kind_of_name(name), []).append(name)
    for example in examples:
        left = tuple(
            cut for each in example.answering[:1] if (cut := each.without_answer()).sentences
        )
        if left:
            yield Example(example.question, (), left + example.others[:1], 0.35 * example.chance)
        for reading in example.answering[:1]:
            if (question := _ask_of_another(example.question, reading, names, rng)) is not None:
                unanswering = replace(reading, labels=_others(len(reading.labels)))
                yield Example(question, (), (unanswering,), 0.25 * example.chance)


def _others(sentences: int) -> tuple[Label, ...]:
    other: Label = "other"
    return (other,) * sentences


def _ask_of_another(
    question: str, reading: Reading, names: dict[str, list[str]], rng: random.Random
) -> str | None:
    """None where the passage names nothing of the question, or no other name was drawn."""
    passage = f"{reading.head}{reading.text}".casefold()
    found = [each for each in _NAMED.finditer(question) if each.group().casefold() in passage]
    if not found:
        return None
    match = rng.choice(found)
    for other in rng.choices(names[_kind_of_name(match.group())], k=_DRAWS):
        if other.split()[-1].casefold() not in passage:
            return question[: match.start()] + other + question[match.end() :]
    return None


def _kind_of_name(name: str) -> str:
    if name.isdigit():
        return "year"
    return "month" if name in MONTHS.split("|") else f"{min(len(name.split()), 3)} words"


def _take_out(headline: str, text: str, rng: random.Random) -> tuple[str, str] | None:
    """The headline as a question, and the words taken out; None where the text has none of its
    names, numbers and dates."""
    kinds: tuple[AnswerKind, ...] = ("name", "number", "date")
    found = [
        (kind, match)
        for kind in kinds
        for match in SHORT_ANSWERS[kind].finditer(headline)
        if len(match.group()) > 3 and find_answer(text, [match.group()])
    ]
    if len(headline.split()) < _SHORT_HEADLINE or not found:
        return None
    kind, match = rng.choice([each for each in found if " " in each[1].group()] or found)
    asks = rng.choice(_ASKS[kind])
    question = f"{headline[: match.start()]}{asks}{headline[match.end() :]}".rstrip(" .?")
    return f"{question[:1].upper()}{question[1:]}?", match.group()


def _read_cloze(text: str, group: Sequence[Span], question: str, answer: str) -> Reading:
    """A sentence answers if it holds what was taken out and is about the rest as well."""
    base = group[0][0]
    found = [find_answer(text[first:last], [answer]) for first, last in group]
    shared = [len(_words(question) & _words(text[first:last])) for first, last in group]
    labels: list[Label] = [
        "other" if each is None else "answers" if words > 1 else "unknown"
        for each, words in zip(found, shared, strict=True)
    ]
    return Reading(
        head="",
        text=text[base : group[-1][1]],
        sentences=tuple((first - base, last - base) for first, last in group),
        labels=tuple(labels),
        answers=tuple(
            each and (first - base + each[0], first - base + each[1])
            for (first, _), each in zip(group, found, strict=True)
        ),
    )


def find_answer(sentence: str, accepted: Sequence[str]) -> Span | None:
    """The first accepted answer that stands in the sentence as whole words."""
    folded = re.sub(r"[“”\"]", " ", sentence.replace("’", "'").replace("‘", "'")).casefold()
    if len(folded) != len(sentence):
        return None
    for answer in accepted:
        for form in _forms(answer):
            if match := re.search(rf"(?<!\w){re.escape(form)}(?!\w)", folded):
                return match.span()
    return None


def _read_passages(
    item: GoldItem, retriever: Retriever, relevant: set[str], before: timedelta | None = None
) -> Iterator[Reading]:
    question = resolve_question(build_question(item.question, asked_at=item.asked_at))
    filters, asked_at = question.filters, question.asked_at
    if before is not None:
        asked_at -= before
        filters = replace(filters, window=replace(filters.window, as_of=asked_at))
    for passage in retriever.retrieve(question.text, filters, _DEPTH, asked_at=asked_at):
        yield _read(passage, item.accepted, passage.article.article_id in relevant)


def _read(passage: Passage, accepted: Sequence[str], is_relevant: bool) -> Reading:
    start = passage.chunk.start
    spans = tuple((first - start, last - start) for first, last in passage.chunk.sentences)
    found = [find_answer(passage.text[slice(*span)], accepted) for span in spans]
    named: Label = "answers" if is_relevant else "unknown"
    return Reading(
        head=describe_article(passage.article),
        text=passage.text,
        sentences=spans,
        labels=tuple("other" if each is None else named for each in found),
        answers=tuple(
            None if each is None else (span[0] + each[0], span[0] + each[1])
            for span, each in zip(spans, found, strict=True)
        ),
    )


def _cut_page(row: dict[str, Any]) -> Iterator[Reading]:
    page, head = row["context"], f"{row['paragraphs'][0]['title']}. "
    places = list(zip(row["from"], row["end"], strict=True))
    for group in _group([span for _, span in split_sentences(page)]):
        base = group[0][0]
        labels: list[Label] = []
        answers: list[Span | None] = []
        for first, last in group:
            place = next((each for each in places if first <= each[0] < last), None)
            named = find_answer(page[first:last], row["targets"]) is not None
            labels.append("answers" if place else "unknown" if named else "other")
            answers.append(place and (place[0] - base, min(place[1], last) - base))
        spans = tuple((first - base, last - base) for first, last in group)
        yield Reading(head, page[base : group[-1][1]], spans, tuple(labels), tuple(answers))


def _group(spans: Sequence[Span]) -> Iterator[list[Span]]:
    group: list[Span] = []
    for span in spans:
        if group and span[1] - group[0][0] > _CHUNK_CHARACTERS:
            yield group
            group = []
        group.append(span)
    if group:
        yield group


def _forms(answer: str) -> Iterator[str]:
    """An answer as articles may write it: 4 and four, with and without its article."""
    plain = re.sub(r"[“”\"]", "", answer.replace("’", "'").replace("‘", "'")).strip(" .").casefold()
    yield plain
    for number, word in enumerate(_NUMERALS):
        for written, other in ((str(number), word), (word, str(number))):
            if plain == written or plain.startswith(f"{written} "):
                yield other + plain[len(written) :]
    bare = re.sub(r"^(?:the|an?) ", "", plain)
    if len(bare) > 3:
        yield bare


def _untokenise(sentence: str) -> str:
    quoted = sentence.replace("`` ", '"').replace(" ''", '"').replace(" '", "'")
    return re.sub(r" ([.,;:!?')\]])", r"\1", re.sub(r"([(\[]) ", r"\1", quoted))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{4,}", text.casefold()))


def _read_lines(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)
