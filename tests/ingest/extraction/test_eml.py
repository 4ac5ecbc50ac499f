"""E-mails: newsletters, press releases, and what is made to look like one."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from ingest.errors import UnreadableInput
from ingest.extraction.eml import extract_eml
from retrieval.schema import Article
from tests.factories import make_document
from tests.ingest.extraction.samples import BODY, HEADLINE, INJECTED, PARAGRAPHS

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HEADERS = {
    "From": "Bo Lund <bo@example.org>",
    "Subject": HEADLINE,
    "Date": "Thu, 12 Feb 2026 18:30:00 +0100",
}
MARKUP = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)


def build(plain: str = BODY, markup: str = "", **headers: str) -> bytes:
    message = EmailMessage()
    for name, value in (HEADERS | {k.replace("_", "-"): v for k, v in headers.items()}).items():
        message[name] = value
    message.set_content(plain)
    if markup:
        message.add_alternative(markup, subtype="html")
    return message.as_bytes()


def extract(content: bytes) -> Article:
    return extract_eml(make_document(content, "in/release.eml"), NOW)


def test_subject_sender_and_date_are_the_article_s() -> None:
    assert extract(build()) == Article(
        title=HEADLINE,
        text=BODY,
        path="in/release.eml",
        published_at=datetime(2026, 2, 12, 17, 30, tzinfo=UTC),
        date_provenance="structured",
        authors=("Bo Lund",),
    )


def test_a_list_or_an_organisation_is_the_source() -> None:
    assert extract(build(List_Id="Harbour Briefing <b.example.org>")).source == "Harbour Briefing"
    assert extract(build(Organization="Harbour Gazette")).source == "Harbour Gazette"
    assert extract(build(List_Id="<b.example.org>")).source is None


@pytest.mark.parametrize("date", ["", "soon", "Thu, 32 Feb 2026", "12 Feb 2099 18:30:00 +0100"])
def test_a_date_that_cannot_be_is_none(date: str) -> None:
    raw = build().replace(b"Thu, 12 Feb 2026 18:30:00 +0100", date.encode())
    assert extract(raw).published_at is None


def test_the_marked_up_form_is_what_readers_see() -> None:
    article = extract(build(plain=f"{INJECTED} {BODY}", markup=MARKUP))
    assert article.text == BODY


def test_the_plain_form_counts_where_the_other_has_no_text() -> None:
    assert extract(build(markup="<img src='https://example.org/a.png'>")).text == BODY


def test_a_newsletter_set_in_tables_is_read() -> None:
    cells = "".join(f"<tr><td>{paragraph}</td></tr>" for paragraph in PARAGRAPHS)
    assert extract(build(markup=f"<table><tbody>{cells}</tbody></table>")).text == BODY


@pytest.mark.parametrize(
    "hidden",
    [
        f"<p style='display:none'>{INJECTED}</p>",
        f"<div style='font-size:0'>{INJECTED}</div>",
        f"<!-- {INJECTED} -->",
        f"<script>{INJECTED}</script>",
        f"<title>{INJECTED}</title>",
    ],
)
def test_text_that_readers_do_not_see_is_left_out(hidden: str) -> None:
    assert extract(build(markup=hidden + MARKUP)).text == BODY


@pytest.mark.parametrize(
    "tail",
    [
        "-- \nBo Lund, Press Office",
        "> What did they sign?\n> Tell us.",
        "On Wed, 11 Feb 2026 at 09:00, Ann Ekholm <ann@example.org> wrote:\nWhat did they sign?",
        "-----Original Message-----\nFrom: Ann Ekholm\nWhat did they sign?",
        "To leave this list, unsubscribe here.",
        "View this message in your browser",
    ],
)
def test_signatures_answers_and_furniture_are_left_out(tail: str) -> None:
    assert extract(build(plain=f"{BODY}\n\n{tail}")).text == BODY


def test_an_answered_message_is_left_out_of_marked_up_text() -> None:
    quoted = "<blockquote type='cite'><p>What did they sign, and when?</p></blockquote>"
    gmail = "<div class='gmail_quote'>On Wednesday Ann wrote more.</div>"
    assert extract(build(markup=MARKUP + quoted + gmail)).text == BODY


def test_a_forwarded_message_is_read_but_not_dated_by_the_forwarding() -> None:
    forwarded = (
        "---------- Forwarded message ---------\nFrom: Press <press@example.org>\n"
        f"Date: Wed, 11 Feb 2026\nSubject: Accord\n\n{BODY}"
    )
    article = extract(build(plain=f"See below.\n\n{forwarded}", Subject=f"Fwd: {HEADLINE}"))
    assert article == Article(title=HEADLINE, text=BODY, path="in/release.eml")


@pytest.mark.parametrize("prefix", ["Re: ", "AW: Re: ", "[Press] ", "RE:[Press]"])
def test_what_mail_programs_put_before_a_subject_is_left_out(prefix: str) -> None:
    assert extract(build(Subject=prefix + HEADLINE)).title == HEADLINE


@pytest.mark.parametrize(
    ("header", "title"),
    [
        ("=?utf-8?q?Z=C3=BCrich_signs?=", "Zürich signs"),
        ("=?iso-8859-1?q?Z=FCrich?= signs", "Zürich signs"),
        ("=?utf-8?b?WsO8cmljaCBzaWducw==?=", "Zürich signs"),
        ("Zürich signs", "Zürich signs"),
        ("=?no-such?q?Z=C3=BCrich_signs?=", "Zürich signs"),
        ("=?utf-8?b?WsO8cmlja?=", "=?utf-8?b?WsO8cmlja?="),
    ],
)
def test_a_subject_is_read_however_it_is_encoded(header: str, title: str) -> None:
    raw = f"From: a@example.org\nSubject: {header}\n\n{BODY}".encode()
    assert extract(raw).title == title


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "no-such", "idna", "punycode", ""])
def test_a_body_is_read_whatever_it_says_of_its_charset(charset: str) -> None:
    raw = f"From: a\nSubject: A\nContent-Type: text/plain; charset={charset}\n\nIn Zürich. {BODY}"
    assert extract(raw.encode()).text.startswith("In Zürich.")


def test_attachments_are_left_alone() -> None:
    message = EmailMessage()
    for name, value in HEADERS.items():
        message[name] = value
    message.set_content(BODY)
    message.add_attachment(INJECTED, filename="a.txt")
    message.add_attachment(build(plain=INJECTED), maintype="message", subtype="rfc822")
    assert extract(message.as_bytes()).text == BODY


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "is empty"),
        (b"Some words.\n\nMore words.", "is not an e-mail"),
        (b"\x00\x01\x02", "is not an e-mail"),
        (b"From: a\nSubject: b\n\n", "is empty|no article text"),
        (b"From: a\nSubject: b\nContent-Type: image/png\n\nabc", "has no text"),
        (b"From: a\nSubject: b\nContent-Type: multipart/mixed\n\nabc", "has no text|no article"),
        (build(plain="Too short."), "no article text"),
        (b"From: a\n" + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 100, "too many"),
    ],
)
def test_what_holds_no_message_is_refused(raw: bytes, problem: str) -> None:
    with pytest.raises(UnreadableInput, match=problem):
        extract(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: " + b"(" * 100_000 + b"\nSubject: a\n\n" + BODY.encode(),
        b"From: a\nSubject: " + b"=?utf-8?q?" * 50_000 + b"\n\n" + BODY.encode(),
        b"From: a\n" + b"X: y\n" * 200_000 + b"\n" + BODY.encode(),
        b"From: a\nSubject: b\n\n" + b"On " * 300_000 + BODY.encode(),
        b"From: a\nSubject: b\n\n" + b"_" * 300_000 + b"\n" + BODY.encode(),
    ],
    ids=["comments", "encoded words", "headers", "quotation", "rule"],
)
def test_a_message_made_to_hurt_is_soon_done_with(raw: bytes) -> None:
    started = time.monotonic()
    assert extract(raw).text
    assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "stated",
    [
        "Thu, 12 Feb 2026 00:30:00 +01:00",
        "Do, 12 Feb 2026 00:30:00 +0100",
        "12 February 2026 00:30 CET",
        "jeu. 12 févr. 2026 00:30 +0100",
    ],
)
def test_a_date_is_read_as_mail_programs_write_it_with_its_zone(stated: str) -> None:
    content = b"From: a@example.org\nSubject: Accord\nDate: " + stated.encode() + b"\n\n"
    article = extract(content + BODY.encode())
    assert article.published_at == datetime(2026, 2, 11, 23, 30, tzinfo=UTC)
    assert article.published_at.day == 12
