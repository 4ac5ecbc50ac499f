"""Words that a question quotes, and where a text holds them: word for word, whatever the marks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from retrieval.schema import Span

# Of fewer words a name is made, or a turn of phrase; an unmarked sentence needs more.
_FEWEST_WORDS = 4
_FEWEST_UNMARKED = 8
_MOST_CHANGED = 2
_MARKS = '"“”„‟«»‹›「」『』'
_OUTERMOST = re.compile(rf"[{_MARKS}](?P<words>.+)[{_MARKS}]", re.S)
_PAIRED = re.compile(r"“[^”]+”|\"[^\"]+\"|«[^»]+»|»[^«]+«|„[^“”]+[“”]|‹[^›]+›|「[^」]+」")
_SINGLE = re.compile(r"(?<!\w)[‘'‚](?P<words>.+)[’'‘](?!\w)", re.S)
_REPORTS = (
    r"\b(?:says?|said|sa(?:id|ying)|writes?|wrote|written|stat(?:es?|ed)|report(?:s|ed)?|"
    r"claim(?:s|ed)?|t(?:ells?|old)|quot(?:es?|ed)|words?|sentences?|passages?|statements?|"
    r"appear(?:s|ed)?|published|printed|mention(?:s|ed)?|contains?|reads?)\b"
)
_REPORTED = re.compile(rf"{_REPORTS}(?: that\b)?:?\s+(?P<words>.+)", re.S | re.I)
# What is spoken of is a topic: 'What was said about "Build Back Better Plan"?'
_TOPIC = re.compile(r"\b(?:about|of|on|over|for|in|after|by|to)\s*$", re.I)
_WORD = re.compile(r"[^\W_]+")
_BLANK = "\N{OBJECT REPLACEMENT CHARACTER}"


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words that may stand in an article; `marked` ones were set apart as somebody's words."""

    words: str
    marked: bool


def find_quotations(question: str) -> tuple[tuple[Quotation, ...], ...]:
    """What may be quoted, in the order in which to look it up: if one group is found anywhere, the
    others need not be. Marks inside marks belong to the words, so the outermost come first."""
    outermost = [*_OUTERMOST.finditer(question), *_SINGLE.finditer(question)]
    groups = [[each["words"]] for each in outermost]
    groups.append([each.group()[1:-1] for each in _PAIRED.finditer(question)])
    marked = [
        tuple(Quotation(words, True) for words in group if _count(words) >= _FEWEST_WORDS)
        for group in groups
    ]
    plain = [each["words"] for each in [_REPORTED.search(question)] if each is not None]
    unmarked = [
        (Quotation(words, False),)
        for words in (*plain, question)
        if _count(words) >= _FEWEST_UNMARKED
    ]
    return tuple(dict.fromkeys(group for group in (*marked, *unmarked) if group))


def asks_who_said(question: str) -> bool:
    """Whether the question is about marked words themselves: "Which article says …?"."""
    found = _OUTERMOST.search(question) or _SINGLE.search(question)
    if found is None or _count(found["words"]) < _FEWEST_WORDS:
        return False
    before, after = question[: found.start()], question[found.end() :]
    asked = f"{before} {after}"
    return (
        re.search(_REPORTS, asked, re.I) is not None
        and _TOPIC.search(before) is None
        and _count(asked) <= 2 * _FEWEST_WORDS
    )


def find_words(words: str, text: str) -> Span | None:
    """Where the text holds these words, one after the other."""
    found = re.search(
        r"(?<!\w)" + r"[\W_]+".join(map(re.escape, _WORD.findall(words))) + r"(?!\w)", text, re.I
    )
    return None if found is None else found.span()


def holds_nearly(words: str, text: str) -> bool:
    """Whether the text holds these words in this order, but for two at most; eight or more."""
    wanted, held = (_WORD.findall(each.casefold()) for each in (words, text))
    least = len(wanted) - _MOST_CHANGED
    if len(wanted) < _FEWEST_UNMARKED or len(held) < least:
        return False
    *blocks, _ = SequenceMatcher(None, wanted, held, autojunk=False).get_matching_blocks()
    if sum(block.size for block in blocks) < least:
        return False
    return blocks[-1].b + blocks[-1].size - blocks[0].b <= len(wanted) + _MOST_CHANGED


def find_marked(question: str) -> tuple[Span, ...]:
    """Where words stand in quotation marks, however few."""
    found = (*_PAIRED.finditer(question), *_SINGLE.finditer(question))
    return tuple(each.span() for each in found)


def blank_quotations(question: str) -> str:
    """The question at its length with somebody else's words made unreadable: their time words are
    not the asker's."""

    def blank(found: re.Match[str]) -> str:
        words = found.group()
        return words if _count(words) < _FEWEST_WORDS else _BLANK * len(words)

    return _PAIRED.sub(blank, question)


def _count(words: str) -> int:
    return sum(_WORD.search(each) is not None for each in words.split())
