"""What the archive holds, its newest stories, and questions that it answers: a front page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from bot.suggesting import Suggester
from bot.web.histogram import build_bars, draw_bars
from ingest.chunking import split_sentences
from retrieval.archive import Archive
from retrieval.carriers import Carrier
from retrieval.schema import Article, Filters
from retrieval.wire import build_published

_MOST_STORIES = 8
_LEAST_WORDS, _MOST_CHARACTERS = 7, 240


class HeldPublisher(BaseModel):
    source: str
    articles: int


class HeldDays(BaseModel):
    """`since` and `until` are both included."""

    since: str
    until: str
    articles: int


class NewStory(BaseModel):
    """A story as its newest carrier tells it; `sources` are all that carry it, first one first."""

    article_id: str
    title: str
    lead: str
    source: str | None
    published_at: str | None
    carriers: int
    sources: list[str]


class HeldArticles(BaseModel):
    """`drawing` is an SVG of `days`."""

    articles: int
    undated: int
    oldest: str | None
    newest: str | None
    publishers: list[HeldPublisher]
    days: list[HeldDays]
    drawing: str
    stories: list[NewStory]


class SuggestedQuestions(BaseModel):
    """`complete` when no more will come while the archive stays as it is."""

    questions: list[str]
    complete: bool


def add_holdings_routes(app: FastAPI, archive: Archive, suggester: Suggester | None) -> None:
    survey = _Survey(archive)

    @app.get("/holdings", response_model=HeldArticles)
    def get_holdings() -> dict[str, Any]:
        """Say what the archive holds: how much, of when and whom, and its newest stories."""
        return survey.read()

    @app.get("/suggestions", response_model=SuggestedQuestions)
    def get_suggestions() -> dict[str, Any]:
        """Give questions that the archive answers. They are looked for when first asked for."""
        if suggester is None:
            return {"questions": [], "complete": True}
        found = suggester.suggest()
        return {"questions": list(found.questions), "complete": found.complete}


class _Survey:
    """Read once a revision."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: tuple[int, dict[str, Any]] | None = None

    def read(self) -> dict[str, Any]:
        revision, known = self._archive.latest_revision(), self._known
        if known is None or known[0] != revision:
            self._known = known = revision, _survey(self._archive)
        return known[1]


def _survey(archive: Archive) -> dict[str, Any]:
    held, bars = archive.survey(), build_bars(archive.count_by_day())
    return {
        "articles": held.articles,
        "undated": held.undated,
        "oldest": build_published(held.oldest),
        "newest": build_published(held.newest),
        "publishers": [
            {"source": source, "articles": count}
            for source, count in archive.count_by_source().items()
        ],
        "days": [
            {"since": str(bar.since), "until": str(bar.until), "articles": bar.articles}
            for bar in bars
        ],
        "drawing": draw_bars(bars),
        "stories": _list_stories(archive),
    }


def _list_stories(archive: Archive) -> list[dict[str, Any]]:
    newest = archive.carriers.newest(Filters(), _MOST_STORIES)
    ids = [carrier.article_id for carrier in newest]
    carriers, whole = archive.carriers.of_stories(ids, Filters()), archive.get_many(ids)
    sizes = Counter(carrier.story_id for carrier in carriers)
    return [
        {
            "article_id": story.article_id,
            "title": story.title,
            "lead": _find_lead(whole[story.article_id]) if story.article_id in whole else "",
            "source": story.source,
            "published_at": build_published(story.published_at),
            "carriers": sizes[story.story_id],
            "sources": name_carriers(carriers, story.story_id),
        }
        for story in newest
    ]


def name_carriers(carriers: Sequence[Carrier], story_id: str) -> list[str]:
    """Who carries a story, each once."""
    return list(dict.fromkeys(each.name for each in carriers if each.story_id == story_id))


def _find_lead(article: Article) -> str:
    """The first whole sentence that is no headline; shortened, where it is long."""
    for _, (start, end) in split_sentences(article.text):
        sentence = " ".join(article.text[start:end].split())
        if (
            len(sentence.split()) >= _LEAST_WORDS
            and sentence[-1] in '.!?”"'
            and (sentence.rstrip(".") != article.title)
        ):
            if len(sentence) <= _MOST_CHARACTERS:
                return sentence
            return f"{sentence[:_MOST_CHARACTERS].rpartition(' ')[0]} …"
    return ""
