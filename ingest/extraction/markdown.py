"""Markdown with YAML front matter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ingest.charsets import decode_text
from ingest.cleaning import clean_characters, clean_name, join_paragraphs, web_url
from ingest.dating import parse_structured
from ingest.documents import Document
from ingest.errors import UnreadableInput
from retrieval.schema import Article


def extract_markdown(document: Document, now: datetime) -> Article:
    """Front matter gives the facts, the body its plain words. Raises UnreadableInput."""
    import frontmatter
    from yaml import YAMLError

    try:
        post = frontmatter.loads(decode_text(document))
    except (YAMLError, ValueError) as error:
        raise UnreadableInput(
            "has front matter that is not valid YAML: quote values that hold a colon"
        ) from error
    facts: dict[str, Any] = dict(post.metadata)
    headings, paragraphs = _read_blocks(post.content)
    title = str(facts.get("title") or (headings[0] if headings else ""))
    if paragraphs and paragraphs[0] == title:
        paragraphs = paragraphs[1:]
    text = join_paragraphs(paragraphs)
    published_at = parse_structured(facts.get("published_at") or facts.get("date"), now)
    url = web_url(facts.get("url"))
    return Article(
        title=clean_characters(title) or text.split("\n", 1)[0],
        text=text,
        url=url,
        path=None if url else document.path,
        source=clean_name(facts.get("source")),
        published_at=published_at,
        date_provenance="unknown" if published_at is None else "structured",
        authors=_read_names(facts.get("authors") or facts.get("author")),
        language=clean_name(facts.get("language")),
    )


def _read_blocks(content: str) -> tuple[list[str], list[str]]:
    """The headings, and all blocks (headings among them) as plain text."""
    from markdown_it import MarkdownIt

    headings: list[str] = []
    blocks: list[str] = []
    in_heading = False
    for token in MarkdownIt("commonmark").parse(content):
        in_heading = token.type == "heading_open" or (in_heading and token.type == "inline")
        if token.type == "inline":
            pieces = (
                " " if child.type in ("softbreak", "hardbreak") else child.content
                for child in token.children or ()
                if child.type != "html_inline"
            )
            block = clean_characters("".join(pieces))
            blocks.append(block)
            if in_heading:
                headings.append(block)
    return headings, blocks


def _read_names(value: object) -> tuple[str, ...]:
    names = value if isinstance(value, list) else [value]
    return tuple(name for each in names if (name := clean_name(each)))
