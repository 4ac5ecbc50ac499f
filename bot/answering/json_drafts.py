"""Drafts that are JSON, whatever their keys are called, read as prose with markers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from bot.answering.prompt import DECLINED

_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)(?:\n\s*```|\Z)", re.I | re.S)
_BEGINNING = re.compile(r"\s*(?:```(?:json)?\s*)?(?:\{\s*\"|\[\s*[{\"])", re.I)
# What may become such a beginning with the next piece.
_BEGUN = re.compile(r"\s*(?:`{1,3}(?:j(?:s(?:on?)?)?)?\s*)?[\[{]?\s*\Z", re.I)
_TEXT = re.compile(
    r"(?:answer|final|response|reply|solution|output|result|text|sentence|statement|claim|content)"
    r"s?\Z",
    re.I,
)
_THOUGHT = re.compile(r"(?:think|thought|reason|analysis|rationale|scratchpad|plan)", re.I)
_PASSAGE = re.compile(
    r"(?:passage|source|article|document|doc|citation|cite|cited|reference|ref|evidence|support|"
    r"id|index|number)s?\Z",
    re.I,
)
_NUMBER = re.compile(r"[\W_]*(?:[^\W\d_]+[\W_]*)?(\d{1,6})[\W_]*")
# What a draft that was cut off may lack at its end.
_ENDS = ("", "}", "]}", '"}', '"]}', "}]}", '"}]}', "]", '"]', "}]", '"}]')


def looks_like_json(draft: str) -> bool:
    """Whether a draft, as far as it is written, begins as JSON does or may."""
    return bool(_BEGINNING.match(draft) or _BEGUN.match(draft))


def read_json(draft: str) -> str:
    """The sentences of a draft that is JSON, each with the numbers beside it as markers; the word
    for a refusal where it has none. Any other draft as it is."""
    fenced = _FENCED.search(draft)
    text = fenced[1] if fenced and _BEGINNING.match(fenced[1]) else draft
    if not _BEGINNING.match(text):
        return draft
    found = _parse(text)
    if found is None:
        return draft
    return "\n".join(_read(found)) or DECLINED


def _parse(text: str) -> object | None:
    begins = re.search(r"[\[{]", text)
    written = text[begins.start() :].rstrip("` \n") if begins else ""
    for end in _ENDS:
        try:
            found: object = json.JSONDecoder(strict=False).raw_decode(written + end)[0]
        except (ValueError, RecursionError):
            continue
        return found
    return None


def _read(value: object) -> Iterator[str]:
    """Lines of sentences."""
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif isinstance(value, list):
        for each in value:
            yield from _read(each)
    elif isinstance(value, dict):
        yield from _read_object(value)


def _read_object(fields: dict[str, object]) -> Iterator[str]:
    """What its keys call the text; failing that, all but what they call thoughts. Numbers of
    passages beside it stand behind it, where it has none of its own."""
    told = {key: value for key, value in fields.items() if not _THOUGHT.search(key)}
    named = [value for key, value in told.items() if _TEXT.search(key)]
    lines = [line for value in named or told.values() for line in _read(value)]
    if lines and not re.search(r"[\[(【]\d", lines[-1]):
        numbers = dict.fromkeys(_find_numbers(told))
        lines[-1] += "".join(f"[{number}]" for number in numbers)
    yield from lines


def _find_numbers(value: object, *, is_named: bool = False) -> Iterator[int]:
    """`[1, 2]`, and what a key says is of a passage: `2`, `"[2]"`."""
    if isinstance(value, dict):
        for key, each in value.items():
            if not _TEXT.search(key):
                yield from _find_numbers(each, is_named=bool(_PASSAGE.search(key)))
    elif isinstance(value, list):
        for each in value:
            yield from _find_numbers(each, is_named=True)
    elif isinstance(value, int) and not isinstance(value, bool) and is_named:
        yield value
    elif isinstance(value, str) and is_named and (found := _NUMBER.fullmatch(value)):
        yield int(found[1])
