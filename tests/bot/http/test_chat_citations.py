"""Citations in chat pages: Open WebUI's rule over every gold question, and numbers by article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.http.chat_citations import annotate, number_articles
from bot.rendering import web_address
from bot.service import Service, build_local_service
from bot.serving import build_app
from bot.settings import BotSettings
from eval.dataset import EXAMPLES, GOLD, GoldItem, load_gold
from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.indexes import hold_indexes
from retrieval.opening import open_library
from tests.bot.factories import make_answer, make_citation
from tests.stores import make_settings

PAGE = "https://news.example/"
# Each within the time of one test.
PARTS = 6
_ADJACENT = re.compile(r"(?:\[\d+\])+")


def cite(marker: int, article_id: str, url: str | None = None) -> Any:
    return replace(make_citation(marker, url=url), article_id=article_id, title=article_id)


def test_quotes_of_one_article_share_its_number() -> None:
    citations = [cite(1, "a"), cite(2, "b"), cite(3, "a"), cite(4, "c"), cite(5, "b")]
    text = "One [1][2]. Two [2][3]. Three [3]. Four [1][3]. Five [4][5]."
    numbered = number_articles(make_answer(text, citations))
    assert numbered.text == "One [1][2]. Two [1][2]. Three [1]. Four [1]. Five [2][3]."
    assert [citation.marker for citation in numbered.citations] == [1, 2, 1, 3, 2]
    assert [citation.article_id for citation in numbered.citations] == ["a", "b", "a", "c", "b"]


def test_each_article_is_annotated_once_in_the_order_of_its_number() -> None:
    lead = "One [2]. Two [1][2]. Three [3]."
    citations = [cite(1, "a", "https://a.example/1"), cite(2, "b"), cite(3, "c", "javascript:x")]
    found = [each["url_citation"] for each in annotate(lead, make_answer(lead, citations), PAGE)]
    assert [each["url"] for each in found] == [
        "https://a.example/1",
        f"{PAGE}?article=b",
        f"{PAGE}?article=c",
    ]
    assert [lead[each["start_index"] : each["end_index"]] for each in found] == [
        "[1]",
        "[2]",
        "[3]",
    ]
    assert [each["title"] for each in found] == ["a", "b", "c"]


class Remembering:
    """Asks once: what is streamed is what was given whole."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._answers: dict[str, Answer] = {}

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        if question.text not in self._answers:
            self._answers[question.text] = self._service.answer(question, on_delta)
        return self._answers[question.text]

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        return self._service.search(question, top_k)


@pytest.fixture(scope="module")
def gold_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The sample articles behind the whole application."""
    settings = make_settings(tmp_path_factory.mktemp("examples"))
    with (
        open_library(settings) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        archive_articles([str(EXAMPLES)], library, IngestSettings(), lambda _: None)
        Indexer(library).catch_up(indexes)
        service = Remembering(build_local_service(library, indexes, BotSettings()))
        yield TestClient(build_app(library, service, BotSettings()))


@pytest.mark.integration
@pytest.mark.parametrize("part", range(PARTS))
def test_by_open_webui_s_rule_every_marker_names_the_article_of_its_quote(
    gold_client: TestClient, part: int
) -> None:
    answered = shared = without_address = 0
    for item in load_gold(GOLD).items[part::PARTS]:
        whole = gold_client.post("/v1/chat/completions", json=_ask(item)).json()
        message = whole["choices"][0]["message"]
        answer = whole["dateline"]
        if not answer["answered"]:
            assert message["annotations"] == []
            continue
        check_markers(message["content"], message["annotations"], answer)
        streamed = gold_client.post("/v1/chat/completions", json={**_ask(item), "stream": True})
        assert _read_stream(streamed.text) == (message["content"], message["annotations"])
        answered += 1
        articles = {citation["article_id"] for citation in answer["citations"]}
        shared += len(articles) < len(answer["citations"])
        without_address += any(citation["url"] is None for citation in answer["citations"])
    assert min(answered, shared, without_address) > 0


def check_markers(content: str, annotations: list[dict[str, Any]], answer: dict[str, Any]) -> None:
    """Distinct addresses in order, `[n]` the n-th; and what each annotation is over."""
    cited = [annotation["url_citation"] for annotation in annotations]
    named = list(dict.fromkeys(each["url"] for each in cited))
    assert len(named) == len(cited)
    for number, each in enumerate(cited, 1):
        assert content[each["start_index"] : each["end_index"]] == f"[{number}]"
    quotes = {citation["marker"]: citation for citation in answer["citations"]}
    lead = content.partition("\n\n")[0]
    by_article, by_quote = _ADJACENT.findall(lead), _ADJACENT.findall(answer["answer"])
    assert len(by_article) == len(by_quote)
    for markers, of_quotes in zip(by_article, by_quote, strict=True):
        expected = {_address(quotes[number]) for number in _read(of_quotes)}
        assert {named[number - 1] for number in _read(markers)} == expected
        assert len(_read(markers)) == len(expected)


def _read(markers: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", markers)]


def _address(citation: dict[str, Any]) -> str:
    page = f"http://testserver/?article={citation['article_id']}"
    return web_address(citation["url"]) or page


def _ask(item: GoldItem) -> dict[str, Any]:
    given = {"as_of": item.as_of, "since": item.since, "until": item.until}
    return {
        "model": "dateline",
        "messages": [{"role": "user", "content": item.question}],
        "asked_at": item.asked_at,
        "sources": list(item.sources),
        **given,
    }


def _read_stream(text: str) -> tuple[str, list[dict[str, Any]]]:
    events = [event.removeprefix("data: ") for event in text.split("\n\n")]
    sent = [json.loads(event) for event in events if event.startswith("{")]
    deltas = [chunk["choices"][0]["delta"] for chunk in sent]
    content = "".join(delta.get("content", "") for delta in deltas)
    return content, deltas[-1].get("annotations", [])
