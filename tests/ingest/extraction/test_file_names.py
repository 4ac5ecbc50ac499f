"""Names of files, and what they tell."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from ingest.extraction.file_names import find_suffix, is_article_name

KNOWN = (".txt", ".html", ".warc", ".warc.gz")


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.txt", ".txt"),
        ("A.HTML", ".html"),
        ("crawl.warc.gz", ".warc.gz"),
        ("a.b.txt", ".txt"),
        ("a.gz", ""),
        ("txt", ""),
        (".txt", ""),
        ("", ""),
    ],
)
def test_a_suffix_is_the_longest_that_is_known(name: str, suffix: str) -> None:
    assert find_suffix(name, KNOWN) == suffix


@pytest.mark.parametrize("path", ["a.txt", "in/a.txt", "../a.txt", "readme/a.txt", "a.rtf", "a"])
def test_a_file_that_is_shown_may_be_an_article(path: str) -> None:
    assert is_article_name(PurePosixPath(path))


@pytest.mark.parametrize(
    "path",
    [
        "a.png",
        "page_files/a.css",
        "b.js",
        "c.woff2",
        ".a.txt",
        ".git/a.txt",
        "README.txt",
        "in/readme.html",
        "__MACOSX/a.txt",
        "",
    ],
)
def test_what_is_hidden_or_about_the_folder_is_none(path: str) -> None:
    assert not is_article_name(PurePosixPath(path))
