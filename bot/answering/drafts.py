"""Read a model's draft: its sentences, and the passages that each names, however it writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from bot.answering.facts import denies
from bot.answering.json_drafts import looks_like_json, read_json
from bot.answering.markers import drop_lead, read_markers
from bot.answering.prompt import DECLINED
from bot.answering.thoughts import without_thoughts, without_thoughts_so_far
from ingest.chunking import split_sentences

MOST_CHARACTERS = 8_000
# More than a refusal takes, with whatever frames it.
_MOST_OF_REFUSAL = 40
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


class _Seen(dict[int, int | None]):
    """For `str.translate`: looked up once a character, since a draft is read with every piece."""

    def __missing__(self, code: int) -> int | None:
        unseen = unicodedata.category(chr(code)) in _UNSEEN and chr(code) not in "\n\t"
        self[code] = None if unseen else code
        return self[code]


_SEEN = _Seen()

_REPEATED = re.compile(r"([.!?…])\1{3,}")
_MARKER = re.compile(r"\s*\[(\d{1,6})\]")
# "It rose. [1]" → "It rose [1]."
_MARKERS_BEHIND = re.compile(r"([.!?…]+[\"'”’»)]*)((?:[ \t]*\[\d{1,6}\])+)(?:[ \t]*\.)?")
_LONE_MARKERS = re.compile(r"\s*\n\s*((?:\[\d{1,6}\]\s*)+)\.?[ \t]*(?=\n|$)")
_SECTION_END = re.compile(_MARKERS_BEHIND.pattern + r"(?=\s*(?:[^\sa-z]|\Z))")

_HEADING = re.compile(
    r"\s*#{1,6}\s.*|\s*(?:\*\*|__)[^*_\n.!?\[]{1,60}(?:\*\*|__):?\s*|\s*[-=*_`~]{3,}\w*\s*"
)
_SOURCES = re.compile(
    r"\s*(?:\*\*|#+\s*)?(?:sources|references|citations|notes)\b:?(?:\*\*)?:?\s*", re.I
)
_BULLET = re.compile(r"\A\s*(?:>\s*)?(?:[-*•–]\s+|\d{1,2}[.)]\s+)?")
_LABEL = re.compile(
    r"\A(?:\*\*|__)?(?:(?:final|short)\s+)?(?:answer|response)\s*(?:\*\*|__)?:(?:\*\*|__)?\s*", re.I
)
# However it is cased and escaped: `NO\_ANSWER`, `no_answer`.
_REFUSAL = re.compile(r"\W*" + DECLINED.replace("_", r"[\W_]*_[\W_]*"), re.I)
_OF_PASSAGES = re.compile(r"\b(?:passages?|sources?|articles?|documents?)\b", re.I)
_EMPHASIS = re.compile(r"\*\*|__|`|(?<!\w)[*_]|[*_](?!\w)")


@dataclass(frozen=True, slots=True)
class Written:
    """One sentence of a draft: pieces of text, each with the numbers that follow it."""

    pieces: tuple[tuple[str, tuple[int, ...]], ...]
    # Numbers that stand behind a later sentence, and may be of this one too.
    served: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        return _close_up(" ".join(text for text, _ in self.pieces))

    @property
    def numbers(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(number for _, numbers in self.pieces for number in numbers))

    def citing(self, numbers: Sequence[int]) -> Written:
        return Written(((self.text, tuple(numbers)),))


def read_draft(draft: str) -> tuple[Written, ...]:
    """The sentences, each once; headings, lists of sources and thoughts are none."""
    text = read_markers("\n".join(_lines(read_visible(draft))))
    found: dict[str, Written] = {}
    for section, numbers in _split_sections(_LONE_MARKERS.sub(r" \1", text)):
        marked = _MARKERS_BEHIND.sub(r"\2\1", section)
        sentences = [_read_sentence(marked[slice(*span)]) for _, span in split_sentences(marked)]
        for written in _serve(sentences, numbers):
            if re.search(r"\w", written.text):
                found.setdefault(written.text.casefold(), written)
    return tuple(found.values())


def _split_sections(text: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Text up to where markers stand behind a sentence, and their numbers."""
    position = 0
    for found in _SECTION_END.finditer(text):
        yield text[position : found.end(1)], _read_numbers(found[2])
        position = found.end()
    yield text[position:], ()


def _serve(sentences: Sequence[Written], numbers: tuple[int, ...]) -> Iterator[Written]:
    """Markers behind several sentences are the last one's, and of those without before it."""
    if not numbers or not sentences:
        yield from sentences
        return
    unmarked = list(takewhile(lambda each: not each.numbers, sentences[-2::-1]))
    for written in sentences[: len(sentences) - 1 - len(unmarked)]:
        yield written
    for written in reversed(unmarked):
        yield replace(written, served=numbers)
    *before, (text, own) = sentences[-1].pieces
    yield Written((*before, (text, (*own, *numbers))))


def read_lines(draft: str) -> tuple[str, ...]:
    """Its lines of text, without thoughts, bullets, labels and emphasis."""
    return tuple(filter(None, _lines(read_visible(draft))))


def declines(draft: str) -> bool:
    """Whether a line of it says that there is no answer, and nothing else."""
    text = read_visible(draft)
    lines = (*text.split("\n"), *_lines(text))
    return any(_letters(line) == _letters(DECLINED) for line in lines)


def names_refusal(draft: str) -> bool:
    """Whether it has the word for a refusal anywhere."""
    return _REFUSAL.search(read_visible(draft)) is not None


def refuses(written: Written) -> bool:
    """Whether a sentence says what the passages do not say."""
    return denies(written.text) and _OF_PASSAGES.search(written.text) is not None


def shown_so_far(draft: str) -> str:
    """What may be shown of a draft that is being written: longer with every piece, no thoughts,
    no JSON, nothing of a refusal."""
    clean = _without_unseen(without_thoughts_so_far(draft).lstrip())
    begun = _letters(DECLINED).startswith(_letters(clean[:_MOST_OF_REFUSAL]))
    return "" if begun or _REFUSAL.match(clean) or looks_like_json(clean) else clean


def _letters(text: str) -> str:
    return "".join(filter(str.isalpha, text)).casefold()


def read_visible(draft: str) -> str:
    """What of it is for people: no thoughts, nothing that cannot be seen, no JSON."""
    return read_json(_without_unseen(without_thoughts(draft)))[:MOST_CHARACTERS]


def _without_unseen(text: str) -> str:
    """No control, direction or zero-width characters, no halves of characters."""
    return text.replace("\r\n", "\n").translate(_SEEN)


def _lines(text: str) -> Iterator[str]:
    """Lines of sentences, without bullets, labels and emphasis."""
    for long in text.split("\n"):
        line = _REPEATED.sub(r"\1\1\1", re.sub(r"\s+", " ", long))
        if _SOURCES.fullmatch(line):
            return
        if _HEADING.fullmatch(line):
            continue
        yield _EMPHASIS.sub("", _LABEL.sub("", _BULLET.sub("", line, count=1), count=1)).strip()


def _read_sentence(sentence: str) -> Written:
    """`A [1] and B [2][3].` → ("A", 1), ("and B.", 2 and 3)."""
    parts = re.split(r"((?:\s*\[\d{1,6}\])+)", drop_lead(sentence))
    texts, groups = parts[0::2], [*parts[1::2], ""]
    pieces = [
        (text.strip(), _read_numbers(group)) for text, group in zip(texts, groups, strict=True)
    ]
    return Written(tuple(_join_bare_ends(pieces)))


def _read_numbers(markers: str) -> tuple[int, ...]:
    return tuple(int(number) for number in _MARKER.findall(markers))


def _join_bare_ends(
    pieces: list[tuple[str, tuple[int, ...]]],
) -> list[tuple[str, tuple[int, ...]]]:
    """A piece without words goes to its neighbour: the full stop, a marker in front."""
    joined: list[tuple[str, tuple[int, ...]]] = []
    for text, numbers in pieces:
        if joined and not re.search(r"\w", text):
            before, earlier = joined.pop()
            joined.append((f"{before}{text}", (*earlier, *numbers)))
        elif joined and not re.search(r"\w", joined[-1][0]):
            before, earlier = joined.pop()
            joined.append((f"{before} {text}".strip(), (*earlier, *numbers)))
        elif joined and not numbers:
            before, earlier = joined.pop()
            joined.append((f"{before} {text}", earlier))
        else:
            joined.append((text, numbers))
    return joined


def _close_up(text: str) -> str:
    return re.sub(r"\s+(?=[.,;:!?…])", "", re.sub(r"\s+", " ", text)).strip()
