"""Which files hold articles, as far as their names tell."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePath


def find_suffix(name: str, known: Collection[str]) -> str:
    """The longest known ending of a file's name, so that `.warc.gz` is one."""
    suffixes = PurePath(name.lower()).suffixes
    endings = ("".join(suffixes[-count:]) for count in (2, 1))
    return next((ending for ending in endings if ending in known), "")


def is_article_name(path: PurePath, known: Collection[str]) -> bool:
    """Hidden files are not meant to be seen; a README is about the folder, `__MACOSX` too."""
    return (
        find_suffix(path.name, known) != ""
        and not any(part.startswith(".") and part != ".." for part in path.parts)
        and "__MACOSX" not in path.parts
        and path.stem.lower() != "readme"
    )
