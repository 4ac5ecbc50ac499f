"""The sentences that tell of a topic: for questions that ask what happened, not for one thing.

The reader judges answers to questions; for a bare topic its log-odds tell little. What tells is how
near a sentence is to the topic, and to the headline of its article, and whether it comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.answering.days import find_event_day
from bot.answering.names import find_unknown_names
from bot.answering.schema import Claim, Evidence
from bot.answering.sentences import FUNCTION_WORDS, is_sentence
from retrieval.retriever import Retriever
from retrieval.schema import Passage

# So many passages are looked through for a topic.
MOST_PASSAGES = 30
# The share of a topic's words, by weight, that a sentence and its headline must hold; of a topic
# that names nobody, and where the sentence says the same in other words.
_COVERAGE, _COVERAGE_WITHOUT_NAMES, _COVERAGE_IF_NEAR = 0.6, 0.75, 0.3
_NEAR, _LEAST_SIMILARITY = 0.42, 0.3
# And the share that the sentence itself must hold.
_OWN_COVERAGE = 0.25
# What the headline's words in a sentence add to its cosine, and that it is the first one.
_BY_HEADLINE, _BY_LEAD, _BY_SPEECH = 0.35, 0.1, -0.2
_LEAST_WORDS, _MOST_CHARACTERS = 6, 420
# Of two sentences that share so much of the shorter one's words, one is enough.
_SAME = 0.6
_LEANS = re.compile(
    r"[“\"]?(?:He|She|It|They|His|Her|Its|Their|Both|This|That|These|Those|But|And|However|Also|"
    r"In that|At that|On that|The other|The same|One of them|Instead|Then|There|Meanwhile|So|Such|"
    r"Here|We|I|You|Our|My|Earlier|Later)\b"
)
# Words of somebody's that only the sentences around give to anybody.
_SPEECH = re.compile(r"^[“\"‘']|[”\"]$|\b(?:he|she|they) (?:said|says|added|told|wrote)\b")
_CREDIT = re.compile(
    r"©|\b(?:photo(?:graph)?s?|image|picture|video)s?(?: credit)?\s*[:/]|Getty|\bvia AP\b|AFP\b|"
    r"^\W*(?:click|download|follow|join|listen|read|see|watch)\b|^[–—-]|\bclick here\b|"
    r"\bsubscribe\b|\bsign up\b|\bnewsletter\b|\bread more\b|\bsee also\b|https?:|www\.",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence that tells of the topic. `day` is that of the event where the sentence states
    one, else of the article."""

    evidence: Evidence
    day: date | None
    score: float

    @property
    def passage(self) -> Passage:
        return self.evidence.passage

    @property
    def story(self) -> str:
        return self.passage.article.story_id

    @property
    def published_on(self) -> date | None:
        return find_published_day(self.evidence)

    @property
    def claims(self) -> tuple[Claim, ...]:
        return (Claim(self.evidence.quote, (self.evidence,)),)


class TopicReader:
    def __init__(self, retriever: Retriever) -> None:
        self._retriever = retriever

    def find(self, topic: str, passages: Sequence[Passage]) -> list[Told]:
        """Every sentence that bears on the topic, the most telling first, each said once."""
        asked = self.stem(topic)
        if not asked:
            return []
        names = set(self._retriever.analyze(" ".join(find_unknown_names(topic, ""))))
        told = [each for passage in passages for each in self._read(topic, asked, names, passage)]
        return self.drop_repeated(sorted(told, key=lambda each: -each.score))

    def drop_repeated(self, told: Sequence[Told]) -> list[Told]:
        """Without those that say what one before says."""
        kept: list[tuple[Told, set[str]]] = []
        for each in told:
            stems = self.stem(each.evidence.quote)
            if not any(measure_overlap(stems, other) >= _SAME for _, other in kept):
                kept.append((each, stems))
        return [each for each, _ in kept]

    def _read(
        self, topic: str, asked: set[str], names: set[str], passage: Passage
    ) -> Iterator[Told]:
        article, chunk = passage.article, passage.chunk
        headline = self.stem(article.title)
        for (start, end), similarity in zip(
            chunk.sentences, passage.sentence_similarities, strict=True
        ):
            text = article.text[start:end]
            if similarity < _LEAST_SIMILARITY or not tells(text, article.text):
                continue
            said = self.stem(text)
            if not self._bears_on(asked, names, said, headline, similarity):
                continue
            if any(find_unknown_names(topic, f"{article.title} {text}")):
                continue
            score = similarity + _BY_HEADLINE * self.share(headline, said)
            score += _BY_LEAD if is_lead(article.text, start) else 0.0
            score += _BY_SPEECH if _SPEECH.search(text) else 0.0
            evidence = Evidence(passage, start, end, score)
            day = find_event_day(text, article.published_at) or find_published_day(evidence)
            yield Told(evidence, day, score)

    def _bears_on(
        self,
        asked: set[str],
        names: set[str],
        said: set[str],
        headline: set[str],
        similarity: float,
    ) -> bool:
        """Whether sentence and headline hold enough of what is asked about, and the sentence its
        rarest name or a good share."""
        rarest = max(names, key=self._retriever.weight, default=None)
        if rarest not in said and self.share(asked, said) < _OWN_COVERAGE:
            return False
        least = _COVERAGE if names else _COVERAGE_WITHOUT_NAMES
        return self.share(asked, said | headline) >= (
            _COVERAGE_IF_NEAR if similarity >= _NEAR else least
        )

    def stem(self, text: str) -> set[str]:
        """The stems of its telling words."""
        return set(self._retriever.analyze(_without_function_words(text)))

    def share(self, wanted: set[str], held: set[str]) -> float:
        """By weight, of what is wanted."""
        return self._weigh(wanted & held) / max(self._weigh(wanted), 1e-9)

    def _weigh(self, stems: set[str]) -> float:
        return sum(self._retriever.weight(stem) for stem in stems)


def tells(text: str, article: str) -> bool:
    """Whether it is a sentence that can stand alone: no caption, heading, credit or question, and
    nothing that leans on the one before."""
    return (
        is_sentence(text)
        and not text.rstrip("\"'”’").endswith("?")
        and len(text.split()) >= _LEAST_WORDS
        and len(text) <= _MOST_CHARACTERS
        and text.count("\n") == 0
        and not _LEANS.match(text)
        and not _CREDIT.search(text)
        # A caption stands below its picture and again in the page's list of pictures.
        and article.count(text) == 1
    )


def is_lead(article: str, start: int) -> bool:
    """Whether no whole sentence stands before, but for headings, bylines and captions."""
    return not any(is_sentence(line.strip()) for line in article[:start].split("\n"))


def choose_stories(told: Sequence[Told], most: int, *, least: int) -> list[Told]:
    """The most telling sentence of each story; of too few stories further ones, too."""
    chosen: dict[str, Told] = {}
    for each in told:
        chosen.setdefault(each.story, each)
    first = list(chosen.values())[:most]
    further = [each for each in told if each not in first]
    return [*first, *further[: max(least - len(first), 0)]]


def choose_days(told: Sequence[Told], most: int) -> list[Told]:
    """The most telling sentence of each day that a story tells of."""
    chosen: dict[tuple[str, date | None], Told] = {}
    for each in told:
        chosen.setdefault((each.story, each.day), each)
    return list(chosen.values())[:most]


def keep_near_best(told: Sequence[Told], share: float) -> list[Told]:
    """Those whose score is not far below the best one's."""
    best = max((each.score for each in told), default=0.0)
    return [each for each in told if each.score >= share * best]


def find_published_day(evidence: Evidence) -> date | None:
    moment = evidence.passage.article.published_at
    return None if moment is None else moment.date()


def measure_overlap(one: set[str], other: set[str]) -> float:
    """The share of the smaller one's stems that both have."""
    return len(one & other) / max(min(len(one), len(other)), 1)


def _without_function_words(text: str) -> str:
    words = re.findall(r"[\w’'-]+", text)
    return " ".join(word for word in words if word.casefold() not in FUNCTION_WORDS)
