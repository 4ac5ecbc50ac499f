"""From bytes to articles: one file a format, one line in this table."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from ingest.extraction.html import extract_html
from ingest.extraction.jsonl import extract_jsonl_line
from ingest.extraction.markdown import extract_markdown
from ingest.extraction.plain import extract_plain
from retrieval.schema import Article

Extractor = Callable[[str, str, datetime], Article]

# suffix → (text, path below what was named, now) → Article. Raises UnreadableInput.
EXTRACTORS: dict[str, Extractor] = {
    ".txt": extract_plain,
    ".md": extract_markdown,
    ".markdown": extract_markdown,
    ".html": extract_html,
    ".htm": extract_html,
    ".jsonl": extract_jsonl_line,
}
