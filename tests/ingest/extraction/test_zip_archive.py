"""Zip archives, honest and made to burst."""

from __future__ import annotations

import stat
from zipfile import ZIP_BZIP2, ZIP_STORED, ZipInfo

import pytest

from ingest.documents import Document, Failure, Link
from ingest.errors import UnreadableInput
from ingest.extraction.zip_archive import split_zip
from ingest.settings import IngestSettings
from tests.ingest.extraction.samples import (
    build_zip,
    declare_size,
    documents,
    failures,
    split,
)

SMALL = IngestSettings(max_article_bytes=1_000, max_container_bytes=3_000)


def read(
    content: bytes, path: str = "news.zip", settings: IngestSettings | None = None
) -> list[Document | Link | Failure]:
    return split(split_zip, content, path, settings)


def test_a_zip_is_read_as_the_folder_it_was_packed_from() -> None:
    (document,) = read(build_zip({"world/": b"", "world/a.html": b"<p>Words.</p>"}))
    assert document == Document(
        "in/news.zip/world/a.html", "world/a.html", ".html", b"<p>Words.</p>"
    )


def test_the_files_of_a_zip_in_a_folder_stand_where_they_would_be_unpacked() -> None:
    (document,) = documents(read(build_zip({"a.txt": "Words."}), "2026/feb/news.zip"))
    assert document.path == "2026/feb/a.txt"


@pytest.mark.parametrize(
    "name",
    [
        ".a.txt",
        ".git/a.txt",
        "__MACOSX/a.txt",
        "in/__MACOSX/._a.txt",
        "README.md",
        "b.png",
        "c.css",
    ],
)
def test_other_files_are_passed_over(name: str) -> None:
    parts = read(build_zip({"a.txt": "Words.", name: "Words."}))
    assert [document.path for document in documents(parts)] == ["a.txt"]
    assert len(parts) == 1
    with pytest.raises(UnreadableInput, match=r"holds no articles: put \.txt"):
        read(build_zip({name: "Words."}))


def test_containers_in_a_zip_are_documents_of_their_own_format() -> None:
    inner = build_zip({"a.txt": "Words."})
    parts = documents(read(build_zip({"in/inner.ZIP": inner, "crawl.warc.gz": b"x"})))
    assert [(part.path, part.format) for part in parts] == [
        ("in/inner.ZIP", ".zip"),
        ("crawl.warc.gz", ".warc.gz"),
    ]
    assert parts[0].content == inner


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../a.txt", "leads out"),
        ("in/../../a.txt", "leads out"),
        ("/etc/a.txt", "leads out"),
        ("C:\\a.txt", "leads out"),
        ("..\\a.txt", "leads out"),
        ("a\nb.txt", "cannot be shown"),
        ("a\u202eb.txt", "cannot be shown"),
    ],
)
def test_a_name_that_is_a_trick_is_refused_alone(name: str, problem: str) -> None:
    parts = read(build_zip({name: "Words.", "b.txt": "Words."}))
    (failure,) = failures(parts)
    assert problem in failure.error
    assert [document.path for document in documents(parts)] == ["b.txt"]


def test_a_name_with_the_separators_of_windows_is_a_path() -> None:
    (document,) = documents(read(build_zip({"in\\a.txt": "Words."})))
    assert document.path == "in/a.txt"


def test_a_name_in_utf_8_that_is_not_marked_as_such_is_read_so() -> None:
    marked = build_zip({"Zürich.txt": "Words."})
    assert [d.path for d in documents(read(marked))] == ["Zürich.txt"]
    unmarked = marked.replace(b"\x00\x08\x08\x00", b"\x00\x00\x08\x00")
    assert unmarked != marked
    assert [d.path for d in documents(read(unmarked))] == ["Zürich.txt"]


def test_a_file_that_is_there_twice_is_taken_once() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        content = build_zip({ZipInfo("a.txt"): "First.", ZipInfo("a.txt"): "Second."})
    parts = read(content)
    assert [document.content for document in documents(parts)] == [b"First."]
    assert "more than once" in failures(parts)[0].error


def test_a_link_is_refused() -> None:
    link = ZipInfo("a.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    (failure,) = failures(read(build_zip({link: "/etc/passwd"})))
    assert "is a link" in failure.error


def test_an_encrypted_file_is_refused() -> None:
    content = bytearray(build_zip({"a.txt": "Words."}))
    content[content.index(b"PK\x03\x04") + 6] |= 1
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (failure,) = failures(read(bytes(content)))
    assert "is encrypted" in failure.error


def test_a_method_that_unpacks_without_bound_is_refused() -> None:
    (failure,) = failures(read(build_zip({"a.txt": "Words."}, ZIP_BZIP2)))
    assert "uses an unknown compression method" in failure.error


def test_a_bomb_is_refused_before_it_bursts() -> None:
    bomb = build_zip({"a.txt": bytes(9_000_000), "b.txt": "Words."})
    parts = read(bomb)
    assert "zip bomb" in failures(parts)[0].error
    assert [document.path for document in documents(parts)] == ["b.txt"]


def test_a_file_that_is_larger_than_it_says_is_refused() -> None:
    lying = declare_size(build_zip({"a.txt": b"x" * 100_000}), 10)
    (failure,) = failures(read(lying))
    assert "is damaged" in failure.error


def test_one_file_may_be_as_large_as_one_article() -> None:
    parts = read(build_zip({"a.txt": b"x" * 1_000, "b.txt": b"x" * 1_001}), settings=SMALL)
    assert [document.path for document in documents(parts)] == ["a.txt"]
    assert "more than 1,000 bytes" in failures(parts)[0].error


def test_all_files_together_may_be_as_large_as_one_container() -> None:
    files = {f"{number}.txt": b"x" * 1_000 for number in range(4)}
    with pytest.raises(UnreadableInput, match=r"more than 3,000 bytes.*ingest.max_container_bytes"):
        read(build_zip(files), settings=SMALL)
    assert len(read(build_zip({**dict(list(files.items())[:3])}), settings=SMALL)) == 3


def test_files_that_overlap_are_a_bomb() -> None:
    content = build_zip({"a.txt": b"x" * 500, "b.txt": b"y" * 500}, ZIP_STORED)
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    overlapping = bytearray(content)
    overlapping[second + 42 : second + 46] = bytes(4)
    with pytest.raises(UnreadableInput, match="overlap"):
        read(bytes(overlapping))


def test_a_directory_of_any_size_is_not_read() -> None:
    content = build_zip({"a.txt": "Words."})
    end = content.index(b"PK\x05\x06")
    padded = content[:end] + bytes(20_000_000) + content[end:]
    start = len(content[: content.index(b"PK\x01\x02")])
    size = (len(content[:end]) - start + 20_000_000).to_bytes(4, "little")
    padded = padded[: -22 + 12] + size + padded[-22 + 16 :]
    with pytest.raises(UnreadableInput, match="too many files"):
        read(padded)


@pytest.mark.parametrize(
    "content",
    [b"", b"no zip", b"PK\x05\x06" + bytes(10), build_zip({"a.txt": "Words."})[:60]],
    ids=["nothing", "text", "an end alone", "cut off"],
)
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableInput, match="is not a zip file"):
        read(content)


def test_a_file_with_a_byte_changed_is_refused_alone() -> None:
    content = build_zip({"a.txt": "Words.", "b.txt": "Words."}, ZIP_STORED)
    parts = read(content.replace(b"Words.", b"Wards.", 1))
    assert "is damaged" in failures(parts)[0].error
    assert [document.path for document in documents(parts)] == ["b.txt"]


def test_a_file_without_a_name_is_passed_over() -> None:
    packed = build_zip({"a.txt": "Words.", "nameless": "Words."})
    # The last mention is the directory's; a name ends at its first zero byte.
    found = packed.rfind(b"nameless")
    broken = packed[:found] + b"\0" + packed[found + 1 :]
    assert [part.path for part in documents(split(split_zip, broken))] == ["a.txt"]
