"""An e-mail, as newsletters and press releases come: its own words, not what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.errors import HeaderParseError, MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parseaddr

from ingest.charsets import decode
from ingest.cleaning import clean_characters, clean_name, count_words, join_paragraphs
from ingest.date_phrases import DateReader
from ingest.dating import parse_loose
from ingest.documents import Document
from ingest.errors import UnreadableInput
from ingest.extraction.markup import read_paragraphs
from ingest.extraction.plain import extract_plain
from retrieval.schema import Article

# The standard library's parser takes its time for every line once a level.
_MOST_LEVELS = 12
_LEVEL = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.I | re.M)
_LONGEST_HEADER = 2_000
_LONGEST_ADDRESS = 400
_FORWARD = re.compile(r"(?:fwd?|wg|tr|vs|rv|enc|vb|doorst)\s*:\s*", re.I)
_ANSWER = re.compile(r"(?:re|aw|sv|ref)\s*:\s*|\[[^\]]{1,40}\]\s*", re.I)
_ANSWERED = re.compile(
    r"^(?:-{3,} ?[\w ]{0,30}(?:message|nachricht)[\w ]{0,10}-*|_{20,}(?=\n+from:)|"
    r"on [^\n]{10,200}(?:\n[^\n]{0,100})?wrote:|am [^\n]{10,200}schrieb[^\n]{0,100}:)$",
    re.I | re.M,
)
_ANSWERED_MARKUP = (
    "//blockquote[@type='cite']|//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]|"
    "//*[@id='divRplyFwdMsg']|//*[@id='divRplyFwdMsg']/following::*|"
    "//*[contains(@class, 'gmail_signature') or contains(@class, 'moz-signature')]"
)
# Lines of a header, as programs put them above what they pass on, in any language.
_HEADER_BLOCK = re.compile(r"(?:^[^\W\d][\w -]{1,24}\s?: [^\n]*\n+){3,}", re.M)
_NAMES_SENDER = re.compile(r"@|^(?:from|von|de|da|van|fra|från|od)\s?:", re.I | re.M)
_PASSED_ON = re.compile(
    r"^\W*.{0,30}(?:forward|weitergeleitet|transféré|réexpédi|reenviado|reencaminhad|inoltrato|"
    r"doorgestuur|videresend|vidarebefordra|przekaz).{0,40}\W*$",
    re.I | re.M,
)
_QUOTED = re.compile(r"^>+ ?", re.M)
_QUOTED_LINE = re.compile(r"^>.*$\n?", re.M)
_LAST_QUOTED = re.compile(r"(?<=\n)(?:>[^\n]*\n*)+\Z")
_SIGNATURE = re.compile(r"^-- ?$\n", re.M)
_MOST_SIGNATURE_WORDS = 60
_PROSE_WORDS = 12
_SENTENCE_END = re.compile(r"[.!?…]$")
_AT_THE_EDGE = re.compile(
    r"^(?:.{0,60}\b(?:unsubscribe|abmelden|abbestellen|désabonner|désinscrire|darse de baja|"
    r"disiscriv\w+|afmelden|avprenumerera|opt out)\b.{0,60}|"
    r".{0,40}\b(?:view|read|open|see|trouble|ansehen|anzeigen|afficher|ver|voir|lesen)\b.{0,40}"
    r"\b(?:browser|navigateur|navegador|webversion|web version|online)\b.{0,20}|"
    r"(?:view|open|read) .{0,30}(?:browser|online).{0,20})$",
    re.I,
)


def extract_eml(document: Document, now: datetime) -> Article:
    """The subject is the title, the text as the reader sees it. Raises UnreadableInput."""
    message = _parse(document.content)
    title, is_forward, is_answer = _read_subject(message)
    body, is_forward = _read_body(message, is_forward, is_answer, document, now)
    article = replace(body, title=title or body.title, source=_read_list(message))
    # Who passes a message on did not write it, and when is not when it was published.
    if is_forward:
        return article
    author = _decode_words(parseaddr(_header(message, "From")[:_LONGEST_ADDRESS])[0])
    sent_at = _read_date(message, now)
    if author:
        article = replace(article, authors=(author,))
    if sent_at:
        article = replace(article, published_at=sent_at, date_provenance="structured")
    return article


def _parse(content: bytes) -> Message:
    if not content.strip():
        raise UnreadableInput("is empty")
    if len(_LEVEL.findall(content)) > _MOST_LEVELS:
        raise UnreadableInput("holds too many messages in one: save each to its own file")
    try:
        message = message_from_bytes(content)
    except (MessageError, RecursionError, ValueError) as error:
        raise UnreadableInput("is not an e-mail that can be read: save it again") from error
    if not (_header(message, "From") or _header(message, "Subject")):
        raise UnreadableInput("is not an e-mail: it names neither sender nor subject")
    return message


def _header(message: Message, name: str) -> str:
    """As it is written; RFC 6532 allows plain UTF-8."""
    for key, value in message.raw_items():
        if key.lower() == name.lower():
            written = str(value)[:_LONGEST_HEADER].encode("utf-8", "surrogateescape")
            return _decode(written, None)
    return ""


def _decode_words(written: str) -> str | None:
    """`=?utf-8?q?Z=C3=BCrich?=` on one line as it is meant."""
    try:
        pieces = decode_header(written)
    except (HeaderParseError, ValueError):
        return clean_name(written)
    return clean_name("".join(p if isinstance(p, str) else _decode(p, c) for p, c in pieces))


def _decode(content: bytes, charset: str | None) -> str:
    try:
        return decode(content, (charset,))
    except UnreadableInput:
        return ""


def _read_subject(message: Message) -> tuple[str | None, bool, bool]:
    """Without what mail programs put before it, and whether those say `forwarded`, `answer`."""
    subject = _decode_words(_header(message, "Subject")) or ""
    is_forward, is_answer = False, bool(_header(message, "In-Reply-To"))
    while mark := _FORWARD.match(subject) or _ANSWER.match(subject):
        is_forward = is_forward or mark.re is _FORWARD
        is_answer = is_answer or (mark.re is _ANSWER and not mark[0].startswith("["))
        subject = subject[mark.end() :]
    return subject or None, is_forward, is_answer


def _read_list(message: Message) -> str | None:
    """The publication, where the message names one: a sender's address is none."""
    name, _ = parseaddr(_header(message, "List-Id")[:_LONGEST_ADDRESS])
    return _decode_words(name) or _decode_words(_header(message, "Organization"))


def _read_date(message: Message, now: datetime) -> datetime | None:
    stated = _header(message, "Date")
    read = parse_loose(stated, now), *DateReader(None, (), now).read_line(stated)
    return next(filter(None, read), None)


def _read_body(
    message: Message, is_forward: bool, is_answer: bool, document: Document, now: datetime
) -> tuple[Article, bool]:
    """The marked-up form is what readers see; the plain one counts where that has no text."""
    problem = UnreadableInput("has no text: only attachments, or nothing at all")
    for kind in ("text/html", "text/plain"):
        part = next((part for part in _walk(message) if part.get_content_type() == kind), None)
        if part is None:
            continue
        payload = part.get_payload(decode=True)
        text = _decode(payload, part.get_content_charset()) if isinstance(payload, bytes) else ""
        if kind == "text/html":
            without = "" if is_forward else _ANSWERED_MARKUP
            text = "\n\n".join(read_paragraphs(text, without=without))
        words, passes_on = _find_own_words(clean_characters(text), is_forward, is_answer)
        try:
            join_paragraphs([words])
            own = replace(document, content=words.encode(), charset=None)
            article = extract_plain(own, now)
            left_out = (*_find_left_out(text, words), *article.left_out)
            return replace(article, left_out=left_out), passes_on
        except UnreadableInput as unreadable:
            problem = unreadable
    raise problem


def _walk(message: Message) -> Iterator[Message]:
    """The parts of this message that are shown, not those of messages attached to it."""
    if message.is_multipart():
        if message.get_content_maintype() == "multipart":
            for part in message.get_payload():
                if isinstance(part, Message):
                    yield from _walk(part)
    elif message.get_content_disposition() != "attachment" and message.get_filename() is None:
        yield message


def _find_own_words(text: str, is_forward: bool, is_answer: bool) -> tuple[str, bool]:
    """What the message itself says, or passes on; and whether it passes it on."""
    unquoted = _QUOTED.sub("", text)
    if is_forward or _PASSED_ON.search(unquoted):
        header = next(filter(_is_header, _HEADER_BLOCK.finditer(f"{unquoted}\n")), None)
        pieces = _ANSWERED.split(unquoted, maxsplit=1)
        above, passed_on = pieces[0], pieces[-1]
        if header:
            above, passed_on = unquoted[: header.start()], unquoted[header.end() :]
        if is_forward or count_words(passed_on) > count_words(above):
            return _tidy(passed_on if passed_on.strip() else unquoted), True
    pieces = _ANSWERED.split(text, maxsplit=1)
    own = pieces[0].strip() or pieces[-1]
    # What is marked is answered; without a sign of that, and followed by more, it is quoted.
    own = _QUOTED_LINE.sub("", own) if is_answer or len(pieces) > 1 else _LAST_QUOTED.sub("", own)
    own = _QUOTED.sub("", own)
    return _tidy(own), False


def _find_left_out(text: str, words: str) -> Iterator[str]:
    kept = {_QUOTED.sub("", line) for line in words.split("\n")}
    for line in clean_characters(text).split("\n"):
        if _QUOTED.sub("", line).strip(" -") and _QUOTED.sub("", line) not in kept:
            yield line


def _is_header(block: re.Match[str]) -> bool:
    return _NAMES_SENDER.search(block[0]) is not None


def _tidy(text: str) -> str:
    """Without signature, and without what is said of the mail itself above and below its text."""
    text = _drop_signature(text)
    lines = text.split("\n")
    prose = [number for number, line in enumerate(lines) if _is_prose(line)]
    first, last = (prose[0], prose[-1]) if prose else (len(lines), -1)
    return "\n".join(
        line
        for number, line in enumerate(lines)
        if first < number < last or not _AT_THE_EDGE.match(line)
    ).strip()


def _drop_signature(text: str) -> str:
    """What stands below the last `--`, where it is short and is no text: news letters part their
    items by such lines, too."""
    *above, signature = _SIGNATURE.split(text)
    if (
        above
        and count_words(signature) <= _MOST_SIGNATURE_WORDS
        and not any(map(_is_prose, signature.split("\n")))
    ):
        text = text[: text.rindex(signature)] if signature else text
    return _SIGNATURE.sub("\n", text if text.endswith("\n") else f"{text}\n")


def _is_prose(line: str) -> bool:
    return count_words(line) >= _PROSE_WORDS and _SENTENCE_END.search(line) is not None
