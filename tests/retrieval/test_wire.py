"""Articles as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from retrieval.wire import build_article, build_listing, build_moment
from tests.factories import make_article


def test_moments_are_written_in_utc_to_the_second() -> None:
    warsaw = timezone(timedelta(hours=1))
    assert build_moment(datetime(2026, 2, 12, 18, 30, tzinfo=warsaw)) == "2026-02-12T17:30:00Z"
    assert build_moment(datetime(2026, 2, 12, 0, 0, 1, 999, tzinfo=UTC)) == "2026-02-12T00:00:01Z"
    assert build_moment(None) is None


def test_an_article_is_written_with_every_field() -> None:
    article = replace(
        make_article(path="a.txt", authors=("Ann",)),
        revision=3,
        story_id="s",
        language="en",
        modified_at=datetime(2025, 6, 26, tzinfo=UTC),
    )
    assert json.loads(json.dumps(build_article(article))) == {
        "article_id": article.article_id,
        "revision": 3,
        "story_id": "s",
        "title": article.title,
        "text": article.text,
        "url": article.url,
        "path": "a.txt",
        "source": article.source,
        "published_at": "2025-06-25T16:00:00Z",
        "date_provenance": "structured",
        "authors": ["Ann"],
        "language": "en",
        "modified_at": "2025-06-26T00:00:00Z",
    }


def test_a_listing_is_an_article_without_its_text() -> None:
    article = make_article()
    assert build_article(article) == {**build_listing(article), "text": article.text}
    assert "text" not in build_listing(article)
