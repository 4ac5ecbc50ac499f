"""Markdown with front matter in YAML, TOML or JSON."""

from __future__ import annotations

import re
import tomllib
from datetime import datetime
from typing import Any

from ingest.charsets import decode_text
from ingest.cleaning import clean_characters, clean_name, join_paragraphs, web_url
from ingest.date_phrases import MODIFIED_KEYS, PUBLISHED_KEYS, read_stated
from ingest.documents import Document
from ingest.errors import UnreadableInput
from retrieval.schema import Article

_TOML = re.compile(r"\s*^\+{3,}[^\S\n]*\n(.*?)^\+{3,}[^\S\n]*$", re.M | re.S)


def extract_markdown(document: Document, now: datetime) -> Article:
    """Front matter gives the facts, the body its plain words. Raises UnreadableInput."""
    facts, content = _read_front_matter(decode_text(document))
    headings, paragraphs = _read_blocks(content)
    title = str(facts.get("title") or (headings[0] if headings else ""))
    if paragraphs and paragraphs[0] == title:
        paragraphs = paragraphs[1:]
    text = join_paragraphs(paragraphs)
    language = clean_name(facts.get("language") or facts.get("lang"))
    published_at = read_stated(facts, PUBLISHED_KEYS, language, now)
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
        language=language,
        modified_at=read_stated(facts, MODIFIED_KEYS, language, now),
    )


def _read_front_matter(text: str) -> tuple[dict[str, Any], str]:
    import frontmatter
    from yaml import YAMLError

    if toml := _TOML.match(text):
        try:
            return tomllib.loads(toml[1]), text[toml.end() :]
        except tomllib.TOMLDecodeError as error:
            raise UnreadableInput(
                "has front matter that is not valid TOML: quote values that are words"
            ) from error
    try:
        post = frontmatter.loads(text)
    except (YAMLError, ValueError) as error:
        raise UnreadableInput(
            "has front matter that is not valid YAML: quote values that hold a colon"
        ) from error
    return dict(post.metadata), post.content


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
