"""From bytes to articles: one file a format, one line in this table."""

from __future__ import annotations

from ingest.documents import Format
from ingest.extraction.docx import extract_docx
from ingest.extraction.eml import extract_eml
from ingest.extraction.html import extract_html
from ingest.extraction.json_file import split_json
from ingest.extraction.jsonl import JSON_ARTICLE, extract_json_article, split_lines
from ingest.extraction.markdown import extract_markdown
from ingest.extraction.newsml import NEWSML_ITEM, extract_newsml, split_newsml
from ingest.extraction.nitf import NITF_TEXT, extract_nitf
from ingest.extraction.pdf import extract_pdf
from ingest.extraction.plain import extract_plain
from ingest.extraction.warc import split_warc
from ingest.extraction.xml import split_xml
from ingest.extraction.zip_archive import split_zip

# By a file's suffix; a key without a dot is a part of a document.
FORMATS: dict[str, Format] = {
    ".txt": Format(extract=extract_plain),
    ".md": Format(extract=extract_markdown),
    ".markdown": Format(extract=extract_markdown),
    ".html": Format(extract=extract_html),
    ".htm": Format(extract=extract_html),
    ".pdf": Format(extract=extract_pdf),
    ".docx": Format(extract=extract_docx),
    ".eml": Format(extract=extract_eml),
    ".json": Format(split=split_json),
    ".jsonl": Format(split=split_lines),
    ".xml": Format(split=split_xml),
    ".rss": Format(split=split_xml),
    ".atom": Format(split=split_xml),
    ".newsml": Format(split=split_newsml),
    ".nitf": Format(split=split_newsml),
    ".warc": Format(split=split_warc),
    ".warc.gz": Format(split=split_warc),
    ".zip": Format(split=split_zip),
    JSON_ARTICLE: Format(extract=extract_json_article),
    NEWSML_ITEM: Format(extract=extract_newsml),
    NITF_TEXT: Format(extract=extract_nitf),
}

# What a server calls them.
CONTENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "message/rfc822": ".eml",
    "application/json": ".json",
    "application/feed+json": ".json",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/xml": ".xml",
    "text/xml": ".xml",
    "application/rss+xml": ".xml",
    "application/atom+xml": ".xml",
    "application/rdf+xml": ".xml",
    "application/vnd.iptc.g2.newsitem+xml": ".newsml",
    "application/vnd.iptc.g2.newsmessage+xml": ".newsml",
    "application/nitf+xml": ".nitf",
    "application/warc": ".warc",
    "application/zip": ".zip",
}


def unknown_format() -> str:
    return f"has an unknown format: use {list_formats()}"


def list_formats() -> str:
    return ", ".join(key for key in FORMATS if key.startswith("."))
