"""Every way in which models write a marker, read as `[1][3]`, and what only frames it left out."""

from __future__ import annotations

import re

_MOST_IN_RANGE = 20
_NO_PASSAGE = 0

_WORD = (
    r"(?:passages?|sources?|articles?|documents?|docs?|citations?|cite|references?|refs?|see|no)"
)
_NUMBER = r"[#№^]?\d{1,6}(?::\d{1,3})?"
_AND = r"\s*(?:[,;&/–—-]|\band\b|\bto\b)\s*"


def _list_of(label: str) -> str:
    item = rf"(?:{label}[\s:=.#]*){{0,2}}{_NUMBER}"
    return rf"{item}(?:{_AND}{item})*"


_LIST = _list_of(_WORD)
_ESCAPED = re.compile(r"\\([\[\](){}_*#^~.])")
# In square brackets and braces any word may label the numbers: [cite: 2], [P2], [Quelle 2].
_LABELLED = _list_of(r"[^\W\d_]{1,12}")
_BRACKETED = re.compile(
    rf"(?:\\[a-z]+|\^)?[\[【［{{〔〖⟦]{{1,2}}\s*({_LABELLED})\s*(?:\^|†[^\]】］]*)?[\]】］}}〕〗⟧]{{1,2}}",
    re.I,
)
_LINKED = re.compile(r"(\[\d+\])\([^)\s]*\)")
_TAGGED = re.compile(rf"[ \t]*<(\w+)(?:\s[^<>]*)?>\s*[\[(]?({_LIST})[\])]?\s*</\1>", re.I)
# <cite id="2"/>, <source id="2"></source>
_ATTRIBUTED = re.compile(r"[ \t]*<\w+\s+[\w-]+\s*=\s*[\"']?(\d{1,6})[\"']?\s*(?:/>|>\s*</\w+>)")
# Gemini's begin of what a marker is of.
_BEGINNING = re.compile(r"\[[a-z]+_start\]\s*")
# "(1)" is a marker where it stands at a sentence's end; "(passage 1)" anywhere.
_NAMED_IN_PARENTHESES = re.compile(rf"\(\s*((?:{_WORD}[\s:=.#]*){{1,3}}{_LIST})\s*\)", re.I)
_LONE = r"\(\s*(#?\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*)\s*\)(?=\s*(?:[.!?…]|$|\[))"
_IN_PARENTHESES = re.compile(rf"(?<=[^\s\d])[ \t]*{_LONE}", re.M)
# Behind a number ("in 2029 (2).") only in a draft that has no brackets: "Article 5 (2) [1]."
_BEHIND_A_NUMBER = re.compile(rf"(?<=\d)[ \t]+{_LONE}", re.M)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# Behind a unit or a number it is a power: "40 km²", "per m³", "10⁹". At a sentence's end a number
# may have one ("in 2029²."), in a draft that has no brackets.
_SUPERSCRIPT = re.compile(
    r"(?P<power>\d(?:\s?[a-zµ]{1,2})?|\b[cdkm]?m)?(?P<digits>[⁰¹²³⁴-⁹]+(?:[,⁻]?[⁰¹²³⁴-⁹]+)*)"
)
_SUPERSCRIPT_BEHIND_A_NUMBER = re.compile(r"(?<=\d)(?P<digits>[⁰¹²³⁴-⁹]+)(?=[.!?…]|\Z)")
_BARE = re.compile(rf"\bpassages?\s+({_LIST})(?=,\s|\s+\w+\s+that\b|:)", re.I)
_BARE_LINE = re.compile(
    rf"(?:^|(?<=[.!?…]))\s*(?:(?:passages?|sources?|citations?|references?)[\s:]*)+({_LIST})\s*\.?$",
    re.I | re.M,
)
_BRACKETS = re.compile(r"\[\d")
_BETWEEN = re.compile(r"(?<=\])\s*(?:[,;&]|and)\s*(?=\[\d)")
_SPAN = re.compile(r"(\d+)(?::\d+)?(?:\s*(?:[–—-]|\bto\b)\s*(\d+))?", re.I)

_MARKERS = r"((?:\[\d{1,6}\])+)"
_AT_THE_END = r"(?=\s*(?:[.!?…]|$))"
_BY = r"(?:in|to|by|per|from|of|on|at|with|see|passages?|sources?|articles?|documents?)"
# What is left over where the numbers are taken out, each with what takes its place.
_FRAMES = tuple(
    (re.compile(pattern, flags), rest)
    for pattern, flags, rest in (
        (rf"\b{_WORD}\s*[:=]\s*(?=\[\d)", re.I, ""),
        # ([2]), (see also [2]), (Quelle: [2])
        (rf"\(\s*(?:[^\W\d_A-Z][^\W\d_]*\.?\s+){{0,3}}(?:\w+\s*:\s*)?{_MARKERS}\s*\)", 0, r"\1"),
        # …, according to [2].
        (rf",\s*(?:[^\W\d_]+\s+){{0,3}}{_BY}\s*{_MARKERS}{_AT_THE_END}", re.M, r" \1"),
        (rf"\s*[–—:;,-]\s*{_MARKERS}{_AT_THE_END}", re.M, r" \1"),
    )
)
# At the head of a sentence: In [2], …; As stated in [2], …; [2] states that …; [2]: …
_LEAD = re.compile(
    rf"(?:(?:[^\W\d_]+\s+){{0,4}}{_BY}\s+)?{_MARKERS}\s*[,:–—-]\s*(?=\w)"
    rf"|(?:the\s+)?(?:{_WORD}\s+)?{_MARKERS}\s+[^\W\d_]+(?:\s+that\b|\s*:)\s*(?=\w)",
    re.I,
)


def read_markers(text: str) -> str:
    """The text with every marker as `[1]`, numbers that are none as `[0]`, and no frames."""
    text = _BEGINNING.sub("", _ESCAPED.sub(r"\1", read_tagged(text)))
    text = _BRACKETED.sub(_rewrite, text)
    text = _LINKED.sub(r"\1", text)
    text = _NAMED_IN_PARENTHESES.sub(_rewrite, text)
    if _BRACKETS.search(text) is None:
        text = _BEHIND_A_NUMBER.sub(lambda found: " " + _rewrite(found), text)
        text = _SUPERSCRIPT_BEHIND_A_NUMBER.sub(_rewrite_digits, text)
    text = _IN_PARENTHESES.sub(lambda found: " " + _rewrite(found), text)
    text = _SUPERSCRIPT.sub(_rewrite_superscript, text)
    text = _BARE_LINE.sub(_rewrite, _BARE.sub(_rewrite, text))
    text = _BETWEEN.sub("", text)
    for pattern, rest in _FRAMES:
        text = pattern.sub(rest, text)
    return text


def read_tagged(text: str) -> str:
    """Markers that are in tags: `<sup>2</sup>`."""
    tagged = _TAGGED.sub(lambda found: " " + _numbers(found[2]), text)
    return _ATTRIBUTED.sub(lambda found: " " + _numbers(found[1]), tagged)


def drop_lead(sentence: str) -> str:
    """`As stated in [2], ships came.` → `[2] Ships came.`"""
    found = _LEAD.match(sentence)
    if found is None:
        return sentence
    rest = sentence[found.end() :]
    return f"{found[1] or found[2]} {rest[0].upper()}{rest[1:]}"


def _rewrite(found: re.Match[str]) -> str:
    return _numbers(found[1])


def _rewrite_superscript(found: re.Match[str]) -> str:
    return found.group() if found["power"] else _rewrite_digits(found)


def _rewrite_digits(found: re.Match[str]) -> str:
    return " " + _numbers(found["digits"].translate(_SUPERSCRIPTS))


def _numbers(listed: str) -> str:
    numbers: list[int] = []
    for span in _SPAN.finditer(listed):
        first, last = int(span[1]), int(span[2] or span[1])
        fits = first <= last < first + _MOST_IN_RANGE
        numbers += range(first, last + 1) if fits else [_NO_PASSAGE]
    return "".join(f"[{number}]" for number in numbers)
