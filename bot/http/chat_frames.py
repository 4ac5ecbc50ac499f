"""What chat pages put around a question: attached files, and passages of documents.

Neither is read here: the archive answers. All of it is found in one pass, since documents are long.
"""

from __future__ import annotations

import re

_OPENING = re.compile(r"<(attached_files|context)>")
_CLOSING = re.compile(r"</(?:attached_files|context)>")
# `<user_query>…</user_query>`
_TAGGED = re.compile(r"\s*<(\w+)>(?P<inner>.*)</\1>\s*", re.S)


def find_question(text: str) -> str:
    """What follows the last frame; where nothing does, what stands around the frames."""
    rest = _CLOSING.split(text)[-1]
    question = rest if rest.strip() else drop_frames(text)
    tagged = _TAGGED.fullmatch(question)
    return tagged["inner"] if tagged else question


def drop_frames(text: str) -> str:
    kept: list[str] = []
    place = 0
    while opening := _OPENING.search(text, place):
        closing = f"</{opening[1]}>"
        end = text.find(closing, opening.end())
        if end < 0:
            break
        kept.append(text[place : opening.start()])
        place = end + len(closing)
    return "".join((*kept, text[place:]))
