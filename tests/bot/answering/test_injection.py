"""Attacks, in articles, in questions and through a model that obeys them, on the real pipeline."""

from __future__ import annotations

import io
import json
import re
import threading
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from rich.console import Console

from bot.answering.questions import EmptyQuestion, build_question
from bot.answering.schema import Answer
from bot.answering.wire import build_answer, read_answer
from bot.rendering import render_answer, render_passages
from bot.service import LocalService, build_local_service
from bot.settings import BotSettings
from bot.slack.blocks import build_messages
from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.archive import Archive
from retrieval.indexes import Indexes, hold_indexes
from retrieval.opening import Library, open_library
from tests.bot.answering.attacks import (
    ARTICLE_ATTACKS,
    DRAFTS,
    EVIL,
    HONEST,
    QUESTION_ATTACKS,
    ArticleAttack,
)
from tests.bot.answering.test_invariants import check_quotes, check_text, check_window
from tests.stores import make_settings

pytestmark = pytest.mark.integration

ASKED_AT = "2026-03-01"
LIMIT_S = 5.0
_LINK = re.compile(r"<(https?://[^|>\s]+)\|[^<>]*>")


@dataclass(frozen=True, slots=True)
class Newsroom:
    library: Library
    indexes: Indexes

    @property
    def archive(self) -> Archive:
        return self.library.archive

    def open_service(self, settings: BotSettings | None = None) -> LocalService:
        return build_local_service(self.library, self.indexes, settings or BotSettings())


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """Honest and hostile articles, taken in as a file is, with the real model."""
    folder = tmp_path_factory.mktemp("attacked")
    articles = [*HONEST, *map(_as_article, ARTICLE_ATTACKS)]
    lines = (json.dumps({"url": f"https://example.org/{i}"} | a) for i, a in enumerate(articles))
    corpus = folder / "corpus.jsonl"
    corpus.write_text("\n".join(lines), encoding="utf-8")
    settings = make_settings(folder / "home")
    with (
        open_library(settings) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        report = archive_articles([str(corpus)], library, IngestSettings(), lambda _: None)
        assert report.added == len(articles), report
        Indexer(library).catch_up(indexes)
        yield Newsroom(library, indexes)


@pytest.fixture(scope="module")
def service(newsroom: Newsroom) -> LocalService:
    return newsroom.open_service()


@pytest.mark.parametrize("attack", ARTICLE_ATTACKS, ids=lambda attack: attack.name)
def test_an_article_cannot_change_what_an_answer_is(
    newsroom: Newsroom, service: LocalService, attack: ArticleAttack
) -> None:
    question = build_question(attack.question, asked_at=ASKED_AT)
    answer = service.answer(question)
    check_answer(answer, newsroom.archive)
    check_shown(answer, service.search(question, None))
    # It was read, or nothing was tried.
    cited = {citation.url for citation in (*answer.citations, *_closest(answer))}
    assert attack.url in cited


@pytest.mark.parametrize("attack", ARTICLE_ATTACKS, ids=lambda attack: attack.name)
def test_an_article_cannot_give_itself_another_date(
    newsroom: Newsroom, service: LocalService, attack: ArticleAttack
) -> None:
    question = build_question(attack.question, asked_at=ASKED_AT, as_of="2025-03-03")
    answer = service.answer(question)
    check_answer(answer, newsroom.archive, as_of="2025-03-03")
    urls = {passage["url"] for passage in service.search(question, 50)["passages"]}
    assert attack.url not in urls
    stored = next(article for article in newsroom.archive if article.url == attack.url)
    assert stored.published_at == datetime(2025, 3, 4, tzinfo=UTC)


def test_repeating_a_question_does_not_silence_those_who_answer_it(
    service: LocalService,
) -> None:
    stuffed = next(attack for attack in ARTICLE_ATTACKS if attack.name == "stuffing")
    found = service.search(build_question(stuffed.question, asked_at=ASKED_AT), None)
    assert "Tamm leaves the harbour of Veldmark" in {p["title"] for p in found["passages"]}


@pytest.mark.parametrize("name", QUESTION_ATTACKS)
def test_a_question_cannot_change_what_an_answer_is(
    newsroom: Newsroom, service: LocalService, name: str
) -> None:
    text = QUESTION_ATTACKS[name]
    for as_of in (None, "2024-12-31"):
        question = build_question(text, asked_at=ASKED_AT, as_of=as_of)
        started = time.process_time()
        answer = service.answer(question)
        found = service.search(question, None)
        assert time.process_time() - started < 2 * LIMIT_S
        check_answer(answer, newsroom.archive, as_of=as_of)
        check_shown(answer, found)
        if as_of is not None:
            assert all(passage["published_at"] < "2025" for passage in found["passages"])


@pytest.mark.parametrize("text", ["", " \t\n\u3000\u200b "])
def test_a_question_of_nothing_that_can_be_seen_is_refused(
    service: LocalService, text: str
) -> None:
    with pytest.raises(EmptyQuestion, match="write one"):
        service.answer(build_question(text, asked_at=ASKED_AT))


def test_a_question_cannot_undo_the_as_of_that_its_caller_gave(service: LocalService) -> None:
    """Without it, the same words find the later article."""
    text = QUESTION_ATTACKS["later_in_words"]
    later = "Tamm leaves the harbour of Veldmark"
    free = service.search(build_question(text, asked_at=ASKED_AT), None)
    bound = service.search(build_question(text, asked_at=ASKED_AT, as_of="2024-12-31"), None)
    assert later in {passage["title"] for passage in free["passages"]}
    assert later not in {passage["title"] for passage in bound["passages"]}


@pytest.mark.parametrize("name", DRAFTS)
def test_a_model_that_obeys_an_attacker_is_held_to_the_articles(
    newsroom: Newsroom, name: str
) -> None:
    question = build_question("When did Veldmark open its second sea lock?", asked_at=ASKED_AT)
    with obedient_model(DRAFTS[name]) as settings:
        answer = newsroom.open_service(settings).answer(question)
    check_answer(answer, newsroom.archive)
    check_shown(answer, None)
    check_no_new_links(answer)
    assert "Mallory" not in answer.text
    assert "HACKED" not in answer.text
    assert build_answer(read_answer(build_answer(answer))) == build_answer(answer)


def test_a_supported_sentence_of_a_model_is_kept(newsroom: Newsroom) -> None:
    """The drafts above are refused for what they add, not because all are."""
    question = build_question("When did Veldmark open its second sea lock?", asked_at=ASKED_AT)
    with obedient_model("The port of Veldmark opened its second sea lock on Monday [{n}].") as own:
        answer = newsroom.open_service(own).answer(question)
    assert answer.mode == "generative"
    assert answer.citations[0].title == "Veldmark opens its second sea lock"


def check_answer(answer: Answer, archive: Archive, as_of: str | None = None) -> None:
    """The contract's invariants."""
    check_text(answer)
    check_quotes(answer, archive)
    check_window(answer, as_of, None, None)
    assert answer.answered == bool(answer.citations) == bool(answer.text)


def check_shown(answer: Answer, found: dict[str, Any] | None) -> None:
    """Nothing of an article or a question steers a terminal or is alive in Slack."""
    console = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=200)
    render_answer(answer, console)
    if found is not None:
        render_passages(found, console)
    assert isinstance(console.file, io.StringIO)
    check_plain(console.file.getvalue())
    for message in build_messages(answer):
        check_slack(message.blocks, answer)


def check_plain(printed: str) -> None:
    steering = {c for c in printed if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    assert steering <= {"\n"}


def check_slack(blocks: list[dict[str, Any]], answer: Answer) -> None:
    """All markup is ours: links to articles' own addresses."""
    texts = [text for block in blocks for text in _texts_of(block)]
    assert texts
    urls = {citation.url for citation in (*answer.citations, *_closest(answer))}
    for text in texts:
        # Else Slack makes links of addresses and mentions of names that stand in articles.
        assert text["verbatim"] is True
        assert set(_LINK.findall(text["text"])) <= urls
        unlinked = _LINK.sub("", text["text"])
        assert "<" not in unlinked
        assert ">" not in unlinked
        # A joiner, and isolates around right-to-left names, are ours.
        check_plain(re.sub("[\u2060\u2068\u2069]", "", text["text"]))


def check_no_new_links(answer: Answer) -> None:
    """What is a link or markup in the answer stands in a quote."""
    quotes = " ".join(citation.quote for citation in answer.citations)
    alive = re.findall(rf"https?://|www\.|{re.escape(EVIL)}|\]\(|!\[|<[!@a-z/]", answer.text)
    assert all(part in quotes for part in alive)
    check_plain(answer.text)


@contextmanager
def obedient_model(draft: str) -> Iterator[BotSettings]:
    """A model on loopback that writes the draft, whatever it is told; {n} in it is the number of
    the passage about the lock."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _build_handler(draft))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield BotSettings(
            llm="compatible/obedient",
            llm_base_url=f"http://127.0.0.1:{server.server_port}/v1",
            llm_timeout_s=20.0,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _build_handler(draft: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            prompt = asked["messages"][-1]["content"]
            written = draft.replace("{n}", _find_number(prompt))
            streamed = bool(asked.get("stream"))
            content = _build_reply(written, streamed=streamed)
            self.send_response(200)
            kind = "text/event-stream" if streamed else "application/json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    return Handler


def _find_number(prompt: str) -> str:
    """The number in front of the honest passage, however passages are laid out."""
    before = prompt[: prompt.index("Veldmark opens its second sea lock")]
    return str(re.findall(r"passage\D{0,12}(\d+)", before, re.I)[-1])


def _build_reply(text: str, *, streamed: bool) -> bytes:
    kind = "chat.completion.chunk" if streamed else "chat.completion"
    whole: dict[str, Any] = {"id": "c1", "object": kind, "created": 1, "model": "obedient"}
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "delta" if streamed else "message": message}
    body = json.dumps(whole | {"choices": [choice]})
    return f"data: {body}\n\ndata: [DONE]\n\n".encode() if streamed else body.encode()


def _as_article(attack: ArticleAttack) -> dict[str, str]:
    fields = ("title", "text", "source", "published_at", "url")
    return {name: getattr(attack, name) for name in fields}


def _closest(answer: Answer) -> tuple[Any, ...]:
    return answer.abstention.closest if answer.abstention else ()


def _texts_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that Slack reads as markup."""
    found = (block.get("text"), *block.get("elements", ()))
    return [each for each in found if each and each["type"] == "mrkdwn"]
