"""IPTC ninjs, in the shapes of its three versions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ingest.errors import NotForUse, UnreadableInput
from ingest.extraction.ninjs import extract_ninjs, is_ninjs
from retrieval.schema import Article, Edition
from tests.ingest.extraction.samples import BODY, HEADLINE, INJECTED, PARAGRAPHS

NOW = datetime(2026, 3, 1, tzinfo=UTC)
MARKUP = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
FIRST: dict[str, object] = {
    "uri": "urn:newsml:agency.example:accord",
    "type": "text",
    "pubstatus": "usable",
    "firstcreated": "2026-02-12T18:30:00+01:00",
    "versioncreated": "2026-02-13T08:00:00Z",
    "language": "en",
    "headline": HEADLINE,
    "byline": "By Ann Ekholm",
    "copyrightholder": "Meridian Wire",
    "body_html": MARKUP,
    "body_text": BODY,
}
SECOND: dict[str, object] = {
    **{key: FIRST[key] for key in ("uri", "type", "pubstatus", "language", "copyrightholder")},
    "firstcreated": FIRST["firstcreated"],
    "versioncreated": FIRST["versioncreated"],
    "headlines": [{"role": "short", "value": "Accord"}, {"role": "main", "value": HEADLINE}],
    "by": "By Ann Ekholm",
    "bodies": [
        {"role": "main", "contenttype": "text/plain", "value": " ".join(PARAGRAPHS)},
        {"role": "richtext", "contenttype": "text/html", "value": MARKUP},
    ],
}
THIRD: dict[str, object] = {
    **{key: SECOND[key] for key in ("uri", "type", "language", "headlines", "by", "bodies")},
    "pubStatus": "usable",
    "firstCreated": FIRST["firstcreated"],
    "versionCreated": FIRST["versioncreated"],
    "provider": {"name": "Meridian Wire"},
}


def extract(item: dict[str, object]) -> Article:
    return extract_ninjs(item, "in/item.json", NOW)


@pytest.mark.parametrize("item", [FIRST, SECOND, THIRD], ids=["1.x", "2.x", "3.x"])
def test_every_version_gives_the_same_article(item: dict[str, object]) -> None:
    assert extract(item) == Article(
        title=HEADLINE,
        text=BODY,
        path="urn:newsml:agency.example:accord",
        source="Meridian Wire",
        published_at=datetime(2026, 2, 12, 17, 30, tzinfo=UTC),
        date_provenance="structured",
        authors=("Ann Ekholm",),
        language="en",
        modified_at=datetime(2026, 2, 13, 8, tzinfo=UTC),
    )


def test_an_item_is_known_by_its_id_and_its_edition_by_its_version() -> None:
    named = {key: value for key, value in FIRST.items() if key != "uri"}
    article = extract(named | {"guid": "urn:a", "version": "10"})
    assert (article.path, article.edition) == (
        "urn:a",
        Edition(version=10, created_at=datetime(2026, 2, 13, 8, tzinfo=UTC)),
    )
    assert extract(named).path == "in/item.json"


@pytest.mark.parametrize("version", ["1.2", "", None, 1.5, "9" * 30, ["1"]])
def test_a_version_that_is_not_a_number_is_none(version: object) -> None:
    assert extract(FIRST | {"version": version}).edition.version is None


def test_an_address_of_the_web_is_the_identity() -> None:
    article = extract(FIRST | {"uri": "https://agency.example/items/accord"})
    assert (article.url, article.path) == ("https://agency.example/items/accord", None)


def test_an_only_version_is_published_and_not_modified() -> None:
    article = extract({k: v for k, v in FIRST.items() if k != "firstcreated"})
    assert article.published_at == datetime(2026, 2, 13, 8, tzinfo=UTC)
    assert article.modified_at is None


@pytest.mark.parametrize("moment", ["soon", "2099-01-01T00:00:00Z", 5, None, ["2026"]])
def test_a_moment_that_cannot_be_is_none(moment: object) -> None:
    article = extract(FIRST | {"firstcreated": moment, "versioncreated": moment})
    assert article.published_at is None
    assert article.date_provenance == "unknown"


def test_an_article_held_back_is_published_when_it_is_released() -> None:
    article = extract(FIRST | {"embargoed": "2026-02-12T20:00:00Z"})
    assert article.published_at == datetime(2026, 2, 12, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"pubstatus": "canceled"}, "is canceled by its publisher"),
        ({"pubstatus": "withheld"}, "is withheld by its publisher"),
        ({"embargoed": "2026-03-01T00:00:01Z"}, "is embargoed until 2026-03-01"),
        ({"embargoed": "2026-12-01T00:00:00Z"}, "is embargoed until 2026-12-01"),
        ({"embargoed": "Monday noon"}, "is embargoed until Monday noon"),
        ({"type": "picture"}, "of type 'picture'"),
        ({"body_html": "", "body_text": None}, "no article text"),
        ({"body_html": 5, "body_text": [BODY]}, "no article text"),
    ],
)
def test_what_is_not_to_be_used_is_refused(change: dict[str, object], problem: str) -> None:
    with pytest.raises(UnreadableInput, match=problem):
        extract(FIRST | change)


def test_text_that_readers_do_not_see_is_left_out() -> None:
    hidden = f"<p style='display:none'>{INJECTED}</p><p hidden>{INJECTED}</p>"
    assert extract(FIRST | {"body_html": hidden + MARKUP}).text == BODY


METADATA = "".join(f"<DEST>ALL{n}</DEST><DOCID>a0f2d045-1058</DOCID>" for n in range(99))
VENDOR = f"<VNITF><HEAD>{METADATA}</HEAD><BODY>{MARKUP.upper()}</BODY></VNITF>"
HTML5 = {"role": "html5", "contenttype": "text/html", "value": f"<article>{MARKUP}</article>"}


@pytest.mark.parametrize(
    "other",
    [
        {"role": "vendornitf", "contenttype": "application/xml", "value": VENDOR},
        {"role": "vendor", "value": f"<?xml version='1.0'?>{VENDOR}"},
        {"contentType": "application/json", "value": f'{{"words": "{BODY} {BODY}"}}'},
        {"contenttype": "text/rtf", "value": "{\\rtf1 " + BODY * 2},
        {"contenttype": "text/html", "value": "<p>A summary.</p>"},
        {"contenttype": "text/plain", "value": BODY.upper()},
    ],
)
def test_the_body_is_the_form_made_for_readers(other: dict[str, object]) -> None:
    for bodies in ([HTML5, other], [other, HTML5]):
        assert extract(SECOND | {"bodies": bodies}).text == BODY


def test_the_whole_text_is_read_where_only_a_summary_is_marked_up() -> None:
    assert extract(FIRST | {"body_html": "<p>In short: an accord.</p>"}).text == BODY


def test_a_vendor_s_own_xml_is_read_where_there_is_nothing_else() -> None:
    xml = {"contenttype": "application/xml", "value": VENDOR}
    assert extract(SECOND | {"bodies": [xml]}).text == BODY.upper()


def test_nitf_is_read_as_such() -> None:
    body = f"<body><body.content>{MARKUP}</body.content></body>"
    nitf = f"<nitf><head><title>Not this</title></head>{body}</nitf>"
    xml = {"contenttype": "application/nitf+xml", "value": nitf}
    assert extract(SECOND | {"bodies": [xml]}).text == BODY


@pytest.mark.parametrize("item", [{"guid": "urn:a"}, {"_id": "urn:a"}, {"id": "urn:a"}])
def test_an_item_s_id_has_several_names(item: dict[str, object]) -> None:
    nameless = {key: value for key, value in FIRST.items() if key != "uri"}
    assert is_ninjs(nameless)
    assert extract(nameless | item).path == "urn:a"
    assert extract(nameless | {"id": "7"}).path == "in/item.json"


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        ({"pubstatus": "Canceled"}, "withdrawn"),
        ({"pubstatus": "withhold"}, "withdrawn"),
        ({"pubstatus": "stat:killed"}, "withdrawn"),
        ({"pubstatus": "retracted"}, "withdrawn"),
        ({"state": "killed"}, "withdrawn"),
        ({"embargo": "2031-01-01T00:00:00+0000"}, "embargoed"),
        ({"pubstatus": "embargoed"}, "embargoed"),
    ],
)
def test_a_status_is_read_in_any_of_its_forms(change: dict[str, object], standing: str) -> None:
    with pytest.raises(NotForUse) as raised:
        extract(FIRST | change)
    assert raised.value.edition.standing == standing


def test_a_status_that_is_not_one_for_use_is_refused_and_takes_nothing_back() -> None:
    with pytest.raises(UnreadableInput, match="the status 'draft'") as raised:
        extract(FIRST | {"pubstatus": "draft"})
    assert not isinstance(raised.value, NotForUse)


def test_an_item_without_headline_is_named_by_its_first_paragraph() -> None:
    assert extract(FIRST | {"headline": None}).title == PARAGRAPHS[0]


def test_values_of_the_wrong_kind_do_no_harm() -> None:
    wrong: dict[str, object] = {key: {"a": [1]} for key in FIRST}
    listed = {"headlines": "a", "bodies": [1, {"value": 5}], "body_text": BODY}
    article = extract(wrong | listed)
    assert (article.title, article.text) == (PARAGRAPHS[0], BODY)
