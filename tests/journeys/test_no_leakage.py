"""Every gold question, asked as of many dates: nothing that was published later shows through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pytest

from bot.answering.questions import build_question
from bot.answering.schema import Answer, Citation, Question
from bot.service import LocalService, build_local_service
from bot.settings import BotSettings
from eval.dataset import EXAMPLES, GOLD, GoldItem, load_gold
from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.archive import Archive
from retrieval.indexes import hold_indexes
from retrieval.opening import open_library
from retrieval.schema import Article
from tests.fakes import OverlapReader
from tests.stores import make_settings

pytestmark = pytest.mark.integration

# Days on which articles were published, days before and after them, and the ends.
DATES = (
    "2021-12-31",
    "2022-06-30",
    "2023-05-30",
    "2023-11-29",
    "2024-03-07",
    "2024-10-01",
    "2025-06-24",
    "2026-02-12",
)
_DAY_IN_WORDS = re.compile(r"\b\d{1,2} [A-Z][a-z]+ \d{4}\b")


@dataclass(frozen=True)
class Newsroom:
    """The sample articles behind the bot's own service."""

    service: LocalService
    archive: Archive

    @cached_property
    def articles(self) -> dict[str, Article]:
        return {article.article_id: article for article in self.archive}

    @cached_property
    def undated(self) -> frozenset[str]:
        return frozenset(i for i, article in self.articles.items() if not article.published_at)

    def names_by(self, moment: datetime, story_id: str) -> set[str]:
        """Who had carried a story by then."""
        return {
            article.source or article.title
            for article in self.articles.values()
            if article.story_id == story_id and _is_by(moment, article.published_at)
        }


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    settings = make_settings(tmp_path_factory.mktemp("examples"))
    with (
        open_library(settings) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        archive_articles([str(EXAMPLES)], library, IngestSettings(), lambda _: None)
        Indexer(library).catch_up(indexes)
        # What may be shown is decided before sentences are read; without the network it is quick.
        reader = OverlapReader()
        service = build_local_service(library, indexes, BotSettings(), reader=reader)
        yield Newsroom(service, library.archive)


@pytest.fixture(scope="module")
def items() -> tuple[GoldItem, ...]:
    return load_gold(GOLD).items


@pytest.mark.parametrize("as_of", DATES)
def test_nothing_later_than_as_of_is_shown(
    newsroom: Newsroom, items: tuple[GoldItem, ...], as_of: str
) -> None:
    last = datetime.fromisoformat(as_of).replace(tzinfo=UTC) + timedelta(days=1, seconds=-1)
    for item in items:
        question = build_question(item.question, asked_at=item.asked_at, as_of=as_of)
        check_answer(newsroom, newsroom.service.answer(question), last)
        check_passages(newsroom, question, last)


@pytest.mark.parametrize("bound", ["since", "until"])
def test_an_undated_article_never_shows_where_a_date_is_asked_for(
    newsroom: Newsroom, items: tuple[GoldItem, ...], bound: str
) -> None:
    assert newsroom.undated
    for item in items[::4]:
        question = build_question(
            item.question,
            since="2020-01-01" if bound == "since" else None,
            until="2030-01-01" if bound == "until" else None,
        )
        shown = {c.article_id for c in _shown(newsroom.service.answer(question))}
        found = {p["article_id"] for p in newsroom.service.search(question, 50)["passages"]}
        assert not newsroom.undated & (shown | found)


def test_as_of_in_words_hides_what_came_later_too(
    newsroom: Newsroom, items: tuple[GoldItem, ...]
) -> None:
    last = datetime(2024, 6, 30, 23, 59, 59, tzinfo=UTC)
    for item in items[::4]:
        text = f"{item.question.rstrip('?')} as of June 2024?"
        question = build_question(text, asked_at=item.asked_at)
        answer = newsroom.service.answer(question)
        assert answer.window.as_of is not None
        check_answer(newsroom, answer, min(last, answer.window.as_of))
        check_passages(newsroom, question, last)


def test_the_checks_above_see_answers_and_would_see_later_ones(
    newsroom: Newsroom, items: tuple[GoldItem, ...]
) -> None:
    """A thousand pairs; later articles and the undated one come up where no date forbids it."""
    assert len(items) * len(DATES) >= 1_000
    moments: list[datetime | None] = []
    for item in items[::4]:
        answer = newsroom.service.answer(build_question(item.question, asked_at=item.asked_at))
        moments += [citation.published_at for citation in _shown(answer)]
    assert sum(not _is_by(datetime(2025, 6, 24, tzinfo=UTC), moment) for moment in moments) > 10
    everything = build_question("What does Article 5 of the treaty say?")
    found = newsroom.service.search(everything, 50)["passages"]
    assert newsroom.undated & {passage["article_id"] for passage in found}


def check_answer(newsroom: Newsroom, answer: Answer, last: datetime) -> None:
    for citation in _shown(answer):
        article = newsroom.articles[citation.article_id]
        assert _is_by(last, article.published_at), (answer.question, citation)
        carried = newsroom.names_by(last, article.story_id)
        assert set(citation.also_reported_by) <= carried, (answer.question, citation)
    if answer.newest_evidence_at is not None:
        assert answer.newest_evidence_at <= last
    for day in _DAY_IN_WORDS.findall(" ".join(answer.notes)):
        named = datetime.strptime(day, "%d %B %Y").replace(tzinfo=UTC)
        assert named <= last, (answer.question, answer.notes)


def check_passages(newsroom: Newsroom, question: Question, last: datetime) -> None:
    found: list[dict[str, Any]] = newsroom.service.search(question, 50)["passages"]
    for passage in found:
        article = newsroom.articles[passage["article_id"]]
        assert _is_by(last, article.published_at), (question.text, passage)
        carried = newsroom.names_by(last, article.story_id)
        assert set(passage["also_reported_by"]) <= carried, (question.text, passage)


def _shown(answer: Answer) -> tuple[Citation, ...]:
    closest = answer.abstention.closest if answer.abstention else ()
    return (*answer.citations, *closest)


def _is_by(moment: datetime, published_at: datetime | None) -> bool:
    return published_at is not None and published_at <= moment
