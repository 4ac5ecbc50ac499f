"""What agencies and crawls send, to the archive: versions, kills and embargoes in any order."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace

import pytest

from ingest.documents import Upload
from ingest.pipeline import IngestReport, archive_articles
from ingest.settings import IngestSettings
from retrieval.errors import ArticleWithdrawn
from retrieval.opening import Library
from tests.web_server import Page, WebServer

NINE = "Nine people were hurt when the ferry hit the pier of Osby on Sunday, the police said then."
FOURTEEN = NINE.replace("Nine", "Fourteen")
WORDS = {1: NINE, 2: FOURTEEN}
URN = "urn:newsml:hw.example:20260301:2"
HELD = "2031-03-03T10:00:00Z"


def newsml(version: int, status: str = "usable", more: str = "", guid: str = URN) -> str:
    moment = f"2026-03-01T{9 + version:02}:00:00Z"
    return (
        f'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" version="{version}">'
        '<itemMeta><itemClass qcode="ninat:text"/><provider literal="Harbour Wire"/>'
        f"<versionCreated>{moment}</versionCreated><firstCreated>2026-03-01T10:00:00Z"
        f'</firstCreated>{more}<pubStatus qcode="stat:{status}"/></itemMeta><contentMeta><headline>'
        "Ferry hits Osby pier</headline></contentMeta><contentSet><inlineXML><html><body>"
        f"<p>{WORDS.get(version, NINE)}</p></body></html></inlineXML></contentSet></newsItem>"
    )


def ninjs(version: int, status: str = "usable", **more: object) -> str:
    item = {
        "uri": "https://wire.example/n/5",
        "type": "text",
        "pubstatus": status,
        "version": str(version),
        "versioncreated": f"2026-03-01T{9 + version:02}:00:00Z",
        "headline": "Ferry hits Osby pier",
        "body_xhtml": f"<p>{WORDS.get(version, NINE)}</p>",
    }
    return json.dumps({name: value for name, value in (item | more).items() if value is not None})


def unnumbered(version: int) -> str:
    item = json.loads(ninjs(version))
    return json.dumps({name: value for name, value in item.items() if name != "version"})


def superdesk(version: int, status: str = "usable", **more: object) -> str:
    return ninjs(version, status, uri=None, guid=URN, **more)


def nitf(version: int, status: str = "usable", more: str = "", doc_id: str = "20260301-2") -> str:
    moment = f"20260301T{9 + version:02}0000Z"
    return (
        f'<nitf><head><docdata management-status="{status}" {more}>'
        f'<doc-id regsrc="HW" id-string="{doc_id}"/><du-key version="{version}"/>'
        f'<date.issue norm="{moment}"/></docdata></head><body><body.head><hedline><hl1>Ferry hits '
        f"Osby pier</hl1></hedline></body.head><body.content><p>{WORDS.get(version, NINE)}</p>"
        "</body.content></body></nitf>"
    )


def jsonl(version: int, **more: object) -> str:
    line = {
        "title": "Ferry hits Ingby pier",
        "url": "https://wire.example/f",
        "published_at": "2026-03-01T10:00:00Z",
        "modified_at": f"2026-03-01T{9 + version:02}:00:00Z",
        "text": WORDS[version],
    }
    return json.dumps({name: value for name, value in (line | more).items() if value is not None})


def warc(version: int) -> str:
    page = f"<html><title>Ferry</title><article><h1>Ferry</h1><p>{WORDS[version]}</p></article>"
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{page}"
    return (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://news.example/osby\r\n"
        f"WARC-Date: 2026-03-0{version}T10:00:00Z\r\nContent-Length: {len(block)}\r\n\r\n"
        f"{block}\r\n\r\n"
    )


FORMS = [
    pytest.param(newsml, ".xml", id="NewsML-G2"),
    pytest.param(ninjs, ".json", id="ninjs"),
    pytest.param(superdesk, ".json", id="ninjs with a guid"),
    pytest.param(nitf, ".nitf", id="NITF"),
]
WIRE = pytest.mark.parametrize(("write", "suffix"), FORMS)
ORDERS = pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["as made", "the later first"])


def ingest(library: Library, *inputs: str) -> IngestReport:
    settings = IngestSettings(allowed_private_hosts=("127.0.0.1",), fetch_delay_s=0)
    return archive_articles(inputs, library, settings)


def take_in(library: Library, folder: Path, contents: Sequence[str], suffix: str) -> IngestReport:
    """Files by names of their own, in this order."""
    written = []
    for content in contents:
        written.append(folder / f"{len(list(folder.iterdir()))}{suffix}")
        written[-1].write_text(content, encoding="utf-8", newline="")
    return ingest(library, *map(str, written))


def texts(library: Library) -> list[str]:
    return [article.text for article in library.archive]


@WIRE
@ORDERS
def test_a_story_that_was_killed_never_answers(
    library: Library, tmp_path: Path, write: object, suffix: str, order: tuple[int, int]
) -> None:
    assert callable(write)
    contents = write(1), write(2, "canceled")
    report = take_in(library, tmp_path, [contents[place] for place in order], suffix)
    assert (report.failed, texts(library)) == ([], [])
    assert report.withdrawn == (1 if order == (0, 1) else 2)
    assert take_in(library, tmp_path, contents, suffix).added == 0
    assert texts(library) == []


@WIRE
def test_a_story_that_was_withheld_comes_back_with_its_next_version(
    library: Library, tmp_path: Path, write: object, suffix: str
) -> None:
    assert callable(write)
    take_in(library, tmp_path, [write(1), write(2, "withheld")], suffix)
    assert take_in(library, tmp_path, [write(3)], suffix) == IngestReport(added=1)


def test_that_a_story_was_withdrawn_is_kept_as_a_fact(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path, [newsml(1), newsml(2, "canceled")], ".xml")
    ((article_id, notice),) = library.archive.list_withdrawn().items()
    assert (notice.identity, notice.publisher) == (URN, "Harbour Wire")
    said = "was withdrawn by Harbour Wire on 1 March 2026"
    with pytest.raises(ArticleWithdrawn, match=said):
        library.archive.get(article_id)
    with pytest.raises(ArticleWithdrawn, match=said):
        library.archive.remove(article_id)
    take_in(library, tmp_path, [newsml(3)], ".xml")
    assert library.archive.list_withdrawn() == {}
    assert library.archive.get(article_id).text == NINE


def test_who_withdrew_a_story_is_known_from_the_story_itself(
    library: Library, tmp_path: Path
) -> None:
    bare = json.dumps({"uri": "https://wire.example/n/5", "pubstatus": "canceled"})
    take_in(library, tmp_path, [ninjs(1, provider="Harbour Wire"), bare], ".json")
    (notice,) = library.archive.list_withdrawn().values()
    assert (notice.publisher, notice.identity) == ("Harbour Wire", "https://wire.example/n/5")
    assert notice.created_at is not None


def test_a_kill_of_an_older_version_leaves_the_newer_one(library: Library, tmp_path: Path) -> None:
    report = take_in(library, tmp_path, [newsml(2), newsml(1, "canceled")], ".xml")
    assert (report.added, report.withdrawn, texts(library)) == (1, 0, [FOURTEEN])


def test_a_kill_of_the_same_version_stops_it(library: Library, tmp_path: Path) -> None:
    take_in(library, tmp_path, [newsml(1), newsml(1, "canceled"), newsml(1)], ".xml")
    assert texts(library) == []


def test_a_kill_that_says_nothing_of_its_version_stops_the_item(
    library: Library, tmp_path: Path
) -> None:
    bare = json.dumps({"uri": "https://wire.example/n/5", "pubstatus": "canceled"})
    assert take_in(library, tmp_path, [ninjs(1), bare, ninjs(1)], ".json").withdrawn == 2
    assert texts(library) == []


def test_an_item_of_nitf_can_withdraw_another(library: Library, tmp_path: Path) -> None:
    more = 'management-doc-idref="20260301-2" management-idref-status="canceled"'
    notice = nitf(2, more=more, doc_id="20260301-9")
    report = take_in(library, tmp_path, [nitf(1), notice, nitf(1)], ".nitf")
    assert (report.failed, report.withdrawn, texts(library)) == ([], 2, [])


def test_a_line_of_ours_can_be_withdrawn(library: Library, tmp_path: Path) -> None:
    lines = [jsonl(1), jsonl(2, pubstatus="canceled"), jsonl(1)]
    report = take_in(library, tmp_path, ["\n".join(lines)], ".jsonl")
    assert (report.failed, report.withdrawn, texts(library)) == ([], 2, [])


def test_what_was_said_of_a_killed_story_is_in_a_backup(library: Library, tmp_path: Path) -> None:
    from retrieval.backup import write_backup

    take_in(library, tmp_path, [newsml(2, "canceled")], ".xml")
    assert write_backup(library.database, tmp_path / "backup.gz")["editions"] == 1


@WIRE
@ORDERS
def test_of_two_versions_the_later_answers_alone(
    library: Library, tmp_path: Path, write: object, suffix: str, order: tuple[int, int]
) -> None:
    assert callable(write)
    contents = write(1), write(2)
    report = take_in(library, tmp_path, [contents[place] for place in order], suffix)
    assert (report.added, report.failed, texts(library)) == (1, [], [FOURTEEN])


def test_versions_count_as_numbers(library: Library, tmp_path: Path) -> None:
    same = "2026-03-01T10:00:00Z"
    contents = [
        superdesk(10, versioncreated=same, body_xhtml=f"<p>{FOURTEEN}</p>"),
        superdesk(9, versioncreated=same),
    ]
    take_in(library, tmp_path, contents, ".json")
    assert texts(library) == [FOURTEEN]


@ORDERS
@pytest.mark.parametrize(
    ("contents", "suffix"),
    [
        ((jsonl(1), jsonl(2)), ".jsonl"),
        ((jsonl(1, modified_at=None), jsonl(2)), ".jsonl"),
        ((warc(1), warc(2)), ".warc"),
        ((unnumbered(1), unnumbered(2)), ".json"),
    ],
    ids=["modified", "not modified yet", "captured", "wire without versions"],
)
def test_an_older_text_never_replaces_a_newer_one(
    library: Library,
    tmp_path: Path,
    contents: tuple[str, str],
    suffix: str,
    order: tuple[int, int],
) -> None:
    given = [contents[place] for place in order]
    report = take_in(library, tmp_path, given, suffix)
    assert (report.failed, texts(library)) == ([], [FOURTEEN])
    # All in one file, as most wires and crawls are.
    if suffix != ".json":
        joined = "\n".join(given) if suffix == ".jsonl" else "".join(given)
        take_in(library, tmp_path, [joined], suffix)
        assert texts(library) == [FOURTEEN]


def test_a_text_captured_again_unchanged_is_newer_than_what_lies_between(
    library: Library, tmp_path: Path
) -> None:
    again = warc(1).replace("2026-03-01", "2026-03-03")
    take_in(library, tmp_path, [warc(1), again, warc(2)], ".warc")
    assert texts(library) == [NINE]


def test_a_text_without_any_moment_is_taken_as_it_comes(library: Library, tmp_path: Path) -> None:
    bare = [jsonl(v, modified_at=None, published_at=None) for v in (2, 1)]
    assert take_in(library, tmp_path, bare, ".jsonl") == IngestReport(added=1, updated=1)


EMBARGOED = [
    pytest.param(ninjs(1, embargoed=HELD), ".json", id="ninjs"),
    pytest.param(superdesk(1, embargoed=HELD), ".json", id="ninjs with a guid"),
    pytest.param(f"[{ninjs(1, embargoed=HELD)}]", ".json", id="an array of ninjs"),
    pytest.param(f"{ninjs(1, embargoed=HELD)}\n" * 2, ".jsonl", id="lines of ninjs"),
    pytest.param(jsonl(1, embargoed=HELD), ".json", id="ours"),
    pytest.param(newsml(1, more=f"<embargoed>{HELD}</embargoed>"), ".xml", id="NewsML-G2"),
    pytest.param(newsml(1, more="<embargoed/>"), ".xml", id="NewsML-G2 without an end"),
    pytest.param(nitf(1, "embargoed"), ".nitf", id="NITF by its status"),
    pytest.param(
        nitf(1).replace("<date.issue", '<date.release norm="20310303T100000Z"/><date.issue'),
        ".nitf",
        id="NITF by its release",
    ),
]


@pytest.mark.parametrize(("content", "suffix"), EMBARGOED)
def test_an_embargo_holds_however_the_item_comes(
    library: Library,
    web: WebServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    suffix: str,
) -> None:
    kind = "application/json" if "json" in suffix else "application/xml"
    web.pages = {
        "/typed": Page(content.encode(), headers={"Content-Type": kind}),
        "/page": Page(content.encode(), headers={"Content-Type": "text/html"}),
        "/text": Page(content.encode(), headers={"Content-Type": "text/plain"}),
    }
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content.encode())))
    addresses = [web.address(path, host="127.0.0.1") for path in web.pages]
    report = ingest(library, "-", *addresses)
    report.failed += take_in(library, tmp_path, [content], suffix).failed
    assert len(report.failed) >= 5
    assert all("is embargoed until" in failure.error for failure in report.failed)
    assert texts(library) == []


NAMES = ["html", "txt", "md", "json", "jsonl", "xml", "rss", "nitf"]


@pytest.mark.parametrize(("content", "suffix"), EMBARGOED)
@pytest.mark.parametrize("name", NAMES)
def test_an_embargo_holds_whatever_the_file_is_called(
    library: Library, tmp_path: Path, content: str, suffix: str, name: str
) -> None:
    del suffix
    (tmp_path / f"item.{name}").write_text(content, encoding="utf-8")
    with (tmp_path / f"item.{name}").open("rb") as file:
        settings = IngestSettings()
        sent = archive_articles([Upload(f"item.{name}", file)], library, settings)
    report = ingest(library, str(tmp_path / f"item.{name}"))
    for failure in (*report.failed, *sent.failed):
        assert "is embargoed until" in failure.error
    assert report.failed
    assert sent.failed
    assert texts(library) == []


def test_a_kill_in_one_format_stops_the_item_that_came_in_another(
    library: Library, tmp_path: Path
) -> None:
    take_in(library, tmp_path, [newsml(1)], ".xml")
    take_in(library, tmp_path, [nitf(2, "canceled", doc_id=URN)], ".xml")
    assert texts(library) == []
    take_in(library, tmp_path, [superdesk(3)], ".json")
    assert len(texts(library)) == 1
    ours = json.loads(jsonl(2, url=None)) | {"guid": URN, "version": "4"}
    take_in(library, tmp_path, [json.dumps(ours)], ".json")
    assert texts(library) == [FOURTEEN]
    kill = json.dumps({"guid": URN, "pubstatus": "canceled", "version": "5"})
    assert take_in(library, tmp_path, [kill], ".json").withdrawn == 1
    assert texts(library) == []


def test_a_notice_of_ours_may_say_no_more_than_what_it_withdraws(
    library: Library, tmp_path: Path
) -> None:
    notice = json.dumps({"url": "https://wire.example/f", "pubstatus": "withdrawn", "text": ""})
    report = take_in(library, tmp_path, [jsonl(1), notice, jsonl(1)], ".jsonl")
    assert (report.failed, report.withdrawn, texts(library)) == ([], 2, [])


@pytest.mark.parametrize("name", ["item.html", "item.txt", "item.md"])
def test_json_by_the_name_of_another_format_is_json(
    library: Library, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_text(ninjs(1, embargoed=HELD), encoding="utf-16")
    report = ingest(library, str(tmp_path / name))
    assert "is embargoed until" in report.failed[0].error


def test_an_embargo_on_a_new_version_holds_the_old_one_too(
    library: Library, tmp_path: Path
) -> None:
    report = take_in(library, tmp_path, [ninjs(1), ninjs(2, embargoed=HELD), ninjs(1)], ".json")
    assert (len(report.failed), texts(library)) == (1, [])
    released = ninjs(2, embargoed="2026-03-02T10:00:00Z")
    assert take_in(library, tmp_path, [released], ".json") == IngestReport(added=1)
