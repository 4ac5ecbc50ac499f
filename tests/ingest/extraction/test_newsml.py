"""NewsML-G2 and NITF, as agencies send them and as nobody should."""

from __future__ import annotations

import re
import textwrap
import time
from datetime import UTC, datetime

import pytest

from ingest.documents import Document
from ingest.errors import UnreadableInput
from ingest.extraction import FORMATS
from ingest.extraction.newsml import split_newsml
from ingest.settings import IngestSettings
from retrieval.schema import Article
from tests.ingest.extraction.samples import (
    BODY,
    HEADLINE,
    INJECTED,
    PARAGRAPHS,
    documents,
    split,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
GUID = "urn:newsml:agency.example:accord"
NITF_BODY = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
NITF = (
    '<nitf xmlns="http://iptc.org/std/NITF/2006-10-18/"><body><body.head><hedline>'
    f"<hl1>{HEADLINE}</hl1></hedline></body.head><body.content>{NITF_BODY}"
    "<media><p>A caption.</p></media><table><p>A cell.</p></table></body.content></body></nitf>"
)
XHTML = f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{NITF_BODY}</body></html>'
VENDOR = (
    f"<wire xmlns='http://vendor.example/'><head><dest>ALL</dest>{'<id>VN 1</id>' * 99}</head>"
    f"<story>{NITF_BODY}</story></wire>"
)
META = (
    '<itemClass qcode="ninat:text"/><provider qcode="nprov:MW"><name>Meridian Wire</name>'
    "</provider><versionCreated>2026-02-13T08:00:00Z</versionCreated>"
    "<firstCreated>2026-02-12T18:30:00+01:00</firstCreated>"
    '<pubStatus qcode="stat:usable"/>'
)
CONTENT_META = f"<by>Ann Ekholm</by><language tag='en'/><headline>\n {HEADLINE}\n</headline>"


def item(
    content: str = f"<inlineXML contenttype='application/nitf+xml'>{NITF}</inlineXML>",
    meta: str = META,
    content_meta: str = CONTENT_META,
    guid: str = GUID,
    version: int = 1,
) -> str:
    return (
        f'<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="{guid}" '
        f'version="{version}" xml:lang="en-GB"><itemMeta>{meta}</itemMeta>'
        f"<contentMeta>{content_meta}</contentMeta><contentSet>{content}</contentSet></newsItem>"
    )


def message(*items: str) -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><newsMessage '
        'xmlns="http://iptc.org/std/nar/2006-10-01/"><header/><itemSet>'
        f"{''.join(items)}</itemSet></newsMessage>"
    )


def parts(content: str | bytes) -> list[Document]:
    raw = content if isinstance(content, bytes) else content.encode()
    return documents(split(split_newsml, raw, "wire.xml"))


def extract(content: str | bytes) -> Article:
    (document,) = parts(content)
    read = FORMATS[document.format].extract
    assert read is not None
    return read(document, NOW)


@pytest.mark.parametrize(
    "content",
    [
        f"<inlineXML>{NITF}</inlineXML>",
        f"<inlineXML>{XHTML}</inlineXML>",
        f"<inlineData contenttype='text/plain'>{BODY}</inlineData>",
        f"<inlineData contenttype='text/html'><![CDATA[{NITF_BODY}]]></inlineData>",
        f"<inlineData>A summary.</inlineData><inlineXML>{NITF}</inlineXML>",
        f"<inlineXML>{XHTML}</inlineXML><inlineXML>{VENDOR}</inlineXML>",
        f"<inlineXML>{VENDOR}</inlineXML>",
        f"<inlineData contenttype='text/plain'>{BODY}</inlineData><inlineData contenttype="
        f'\'application/json\'>{{"words": "{BODY * 3}"}}</inlineData>',
    ],
    ids=["NITF", "XHTML", "plain", "HTML", "several", "a vendor's too", "a vendor's", "JSON too"],
)
def test_an_item_is_an_article_whatever_its_content_comes_in(content: str) -> None:
    assert extract(message(item(content))) == Article(
        title=HEADLINE,
        text=BODY,
        path=GUID,
        source="Meridian Wire",
        published_at=datetime(2026, 2, 12, 17, 30, tzinfo=UTC),
        date_provenance="structured",
        authors=("Ann Ekholm",),
        language="en",
        modified_at=datetime(2026, 2, 13, 8, tzinfo=UTC),
    )


def test_an_item_may_stand_alone() -> None:
    assert extract(item()).title == HEADLINE


def test_items_of_a_message_are_parts_with_identities_of_their_own() -> None:
    first, second = parts(message(item(guid="urn:a"), item(guid="urn:b")))
    assert (first.name, first.path) == ("in/wire.xml#urn:a", "wire.xml#urn:a")
    assert second.path == "wire.xml#urn:b"


def test_an_item_is_known_by_its_guid_and_its_edition_by_its_version() -> None:
    article = extract(item(version=12))
    assert (article.path, article.edition.version) == (GUID, 12)


def test_pictures_and_packages_are_passed_over() -> None:
    picture = item(meta='<itemClass qcode="ninat:picture"/>', guid="urn:p")
    package = '<packageItem guid="urn:q"><groupSet/></packageItem>'
    assert extract(message(picture, item(), package)).title == HEADLINE
    with pytest.raises(UnreadableInput, match="holds no text"):
        parts(message(picture, package))


def test_an_address_of_the_web_is_the_identity() -> None:
    article = extract(item(guid="https://agency.example/accord"))
    assert (article.url, article.path) == ("https://agency.example/accord", None)


@pytest.mark.parametrize(
    ("meta", "source"),
    [
        ('<provider qcode="nprov:MW"/>', "MW"),
        ('<provider uri="https://cv.iptc.org/MW" literal="Meridian"/>', "Meridian"),
        ("", None),
    ],
)
def test_the_provider_is_the_source_by_whatever_name(meta: str, source: str | None) -> None:
    assert extract(item(meta=meta)).source == source


@pytest.mark.parametrize(
    ("provider", "source"),
    [
        ('<provider literal="Harbour Wire"/>', "Harbour Wire"),
        ('<provider qcode="nprov:HW"><name>Harbour Wire</name></provider>', "Harbour Wire"),
        ('<provider qcode="nprov:HW"/>', "HW"),
        ('<provider uri="http://cv.iptc.org/newscodes/newsprovider/HW"/>', "HW"),
        ('<provider qcode="nprov:4711"/>', "HW–"),
        ("", "HW–"),
    ],
)
def test_the_credit_line_is_the_source_only_where_no_provider_is_named(
    provider: str, source: str
) -> None:
    credit = "<creditline>HW–</creditline>"
    assert extract(item(meta=provider, content_meta=credit)).source == source


def test_plain_text_of_a_fixed_width_is_joined() -> None:
    wrapped = "\n".join(
        textwrap.fill(paragraph, 60, initial_indent="   ") for paragraph in PARAGRAPHS
    )
    for content in (wrapped, f"<p>\n{wrapped}\n</p>"):
        plain = f"<inlineData contenttype='text/plain'><![CDATA[{content}]]></inlineData>"
        assert extract(item(plain)).text == BODY


def test_a_byline_is_an_author_by_name() -> None:
    assert extract(item(content_meta="<by>By Ann Ekholm</by>")).authors == ("Ann Ekholm",)


def test_nitf_without_paragraphs_is_read_as_plain_text() -> None:
    pre = NITF.replace(NITF_BODY, f"<pre>{BODY}</pre>")
    bare = re.sub("<body.content>.*</body.content>", f"<body.content>{BODY}</body.content>", NITF)
    assert [extract(nitf).text for nitf in (pre, bare)] == [BODY, BODY]


def test_without_first_creation_the_content_s_own_counts() -> None:
    meta = "<versionCreated>2026-02-13T08:00:00Z</versionCreated>"
    created = "<contentCreated>2026-02-12T08:00:00Z</contentCreated>"
    assert extract(item(meta=meta, content_meta=created)).published_at == datetime(
        2026, 2, 12, 8, tzinfo=UTC
    )
    assert extract(item(meta=meta)).published_at == datetime(2026, 2, 13, 8, tzinfo=UTC)
    assert extract(item(meta="")).published_at is None


@pytest.mark.parametrize(
    ("meta", "problem"),
    [
        ('<pubStatus qcode="stat:canceled"/>', "is canceled"),
        ('<pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/withheld"/>', "is withheld"),
        ("<embargoed>2026-12-01T00:00:00Z</embargoed>", "is embargoed until"),
    ],
)
def test_what_is_not_to_be_used_is_refused(meta: str, problem: str) -> None:
    with pytest.raises(UnreadableInput, match=problem):
        extract(item(meta=META.replace('<pubStatus qcode="stat:usable"/>', meta)))


def test_an_item_without_text_is_refused() -> None:
    with pytest.raises(UnreadableInput, match="no article text"):
        extract(item(content="<remoteContent href='https://agency.example/a.html'/>"))


def test_text_that_readers_do_not_see_is_left_out() -> None:
    hidden = XHTML.replace("<body>", f"<body><p style='display:none'>{INJECTED}</p>")
    assert extract(item(f"<inlineXML>{hidden}</inlineXML>")).text == BODY


def test_nitf_alone_is_an_article() -> None:
    head = (
        "<head><docdata management-status='usable'><date.issue norm='20260212T183000+0100'/>"
        "<doc.copyright holder='Meridian Wire'/></docdata></head>"
    )
    byline = "<byline>By <person>Ann Ekholm</person></byline></body.head>"
    nitf = NITF.replace("<body>", f"{head}<body>", 1).replace("</body.head>", byline)
    assert extract(f"<!DOCTYPE nitf SYSTEM 'nitf-3-6.dtd'>{nitf}") == Article(
        title=HEADLINE,
        text=BODY,
        path="wire.xml",
        source="Meridian Wire",
        published_at=datetime(2026, 2, 12, 17, 30, tzinfo=UTC),
        date_provenance="structured",
        authors=("Ann Ekholm",),
    )
    with pytest.raises(UnreadableInput, match="is withheld"):
        extract(nitf.replace("usable", "withheld"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"words",
        b"\x00\x01",
        message(item()).encode()[:-20],
        b"<newsItem>" * 100_000,
        b"<newsItem " + b"a" * 20_000_000,
        b"<rss/>",
    ],
)
def test_what_is_no_newsml_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"is not well-formed XML|is neither|is too large"):
        parts(content)


def test_entities_are_neither_expanded_nor_fetched() -> None:
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(12))
    declared = f'<!DOCTYPE newsItem [<!ENTITY e0 "haha">{bomb}<!ENTITY f SYSTEM "/etc/hosts">]>'
    started = time.monotonic()
    for entity in ("&e12;", "&f;"):
        try:
            article = extract(declared + item(f"<inlineXML><p>{entity} {BODY}</p></inlineXML>"))
        except UnreadableInput:
            continue
        assert "haha" not in article.text
        assert "localhost" not in article.text
    assert time.monotonic() - started < 5


def test_a_message_larger_than_one_article_is_refused() -> None:
    small = IngestSettings(max_article_bytes=1_000)
    with pytest.raises(UnreadableInput, match="too large"):
        split(split_newsml, message(item()).encode(), settings=small)
