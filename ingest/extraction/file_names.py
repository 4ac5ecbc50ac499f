"""Which files hold articles, as far as their names tell."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Collection
from pathlib import PurePath

_WITHOUT_WORDS = re.compile(r"(?:image|audio|video|font)/|text/(?:css|javascript)|.*/javascript")
_FONTS = (".woff", ".woff2", ".ttf", ".otf", ".eot", ".ico", ".map")


def find_suffix(name: str, known: Collection[str]) -> str:
    """The longest known ending of a file's name, so that `.warc.gz` is one."""
    suffixes = PurePath(name.lower()).suffixes
    endings = ("".join(suffixes[-count:]) for count in (2, 1))
    return next((ending for ending in endings if ending in known), "")


def is_article_name(path: PurePath) -> bool:
    """Hidden files are not meant to be seen; a README is about the folder, `__MACOSX` too; and
    what a saved page is drawn with holds no words."""
    kind = mimetypes.guess_type(path.name)[0] or ""
    return (
        path.name != ""
        and not any(part.startswith(".") and part != ".." for part in path.parts)
        and "__MACOSX" not in path.parts
        and path.stem.lower() != "readme"
        and not _WITHOUT_WORDS.match(kind)
        and path.suffix.lower() not in _FONTS
    )
