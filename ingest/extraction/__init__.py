"""From bytes to articles: one file a format, one line in this table."""

from __future__ import annotations

from ingest.documents import Format
from ingest.extraction.html import extract_html
from ingest.extraction.jsonl import JSON_ARTICLE, extract_json_article, split_lines
from ingest.extraction.markdown import extract_markdown
from ingest.extraction.plain import extract_plain

# By a file's suffix; a key without a dot is a part of a document.
FORMATS: dict[str, Format] = {
    ".txt": Format(extract=extract_plain),
    ".md": Format(extract=extract_markdown),
    ".markdown": Format(extract=extract_markdown),
    ".html": Format(extract=extract_html),
    ".htm": Format(extract=extract_html),
    ".jsonl": Format(split=split_lines),
    JSON_ARTICLE: Format(extract=extract_json_article),
}

# What a server calls them.
CONTENT_TYPES = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}


def list_formats() -> str:
    return ", ".join(key for key in FORMATS if key.startswith("."))
