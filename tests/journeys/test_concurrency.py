"""Several processes in one home at once: nothing is lost, nothing is stale, answers never fail."""

from __future__ import annotations

import json
import random
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.homes import find_differences, read_home
from retrieval.schema import Article
from tests.journeys.conftest import CommandLine, serving
from tests.stores import make_settings

pytestmark = pytest.mark.integration

PLACES = [
    first + last
    for first in ("Kes", "Tor", "Mal", "Bri", "Wen", "Al", "Fos", "Gar")
    for last in ("trel", "by", "ham", "ton", "wick", "mouth", "ley", "dale")
]
WORDS = """
    council engineers harbour lanterns ferry granite orchard traffic winter market railway timber
    painters school voters budget signal library mayor pavement coal glass river tower parade
    bicycle doctors cinema copper museum storm chapel village farmers wool cattle
    """.split()  # noqa: SIM905 - a word list is read as one
UPDATED, REMOVED = 3, 5


def test_two_ingests_of_the_same_articles_end_where_one_does(tmp_path: Path) -> None:
    """The two begin with different files, which tell of the same, and meet in each other's."""
    wire = str(write_articles(tmp_path / "wire.jsonl", range(60)))
    courier = str(write_articles(tmp_path / "courier.jsonl", range(40), outlet="courier"))
    alone, together = CommandLine(tmp_path / "alone"), CommandLine(tmp_path / "together")
    assert alone.run("ingest", wire, courier).returncode == 0

    at_once = [
        together.start("ingest", *paths, "--json") for paths in ((wire, courier), (courier, wire))
    ]
    said = [process.communicate(timeout=110) for process in at_once]
    assert [process.returncode for process in at_once] == [0, 0], said
    reports = [json.loads(stdout) for stdout, _ in said]
    counts = {key: sum(r[key] for r in reports) for key in ("added", "duplicates", "unchanged")}
    assert counts == {"added": 60, "duplicates": 40, "unchanged": 100}

    words = ("bridge", "Kestrel", "courier", "lanterns")
    expected, home = (read_home(make_settings(each.home), words) for each in (alone, together))
    assert find_differences(expected, home) == ()


def test_server_answers_without_a_fault_while_others_write(
    command_line: CommandLine, tmp_path: Path
) -> None:
    def ingest(name: str, numbers: Sequence[int], cost: int | None = None) -> list[str]:
        return ["ingest", str(write_articles(tmp_path / name, numbers, cost=cost))]

    with serving(command_line) as url, asking(url) as record:
        client = httpx.Client(base_url=url, timeout=60, trust_env=False)
        assert command_line.run(*ingest("first.jsonl", range(40))).returncode == 0
        assert "103 crowns" in ask(client, UPDATED)["answer"]

        update = command_line.start(*ingest("second.jsonl", [UPDATED], cost=977))
        record.watch(update, UPDATED, lambda: "977" in read_text(client, UPDATED))
        assert "977 crowns" in ask(client, UPDATED)["answer"]

        removal = command_line.start("articles", "remove", article_id(REMOVED))
        record.watch(removal, REMOVED, lambda: not read_text(client, REMOVED))

        assert command_line.run(*ingest("third.jsonl", range(40, 60))).returncode == 0
        assert "159 crowns" in ask(client, 59)["answer"]
        texts = {article_id(number): read_text(client, number) for number in range(60)}
        client.close()

    assert len(record.replies) > 40
    assert [reply for reply in record.replies if reply.status != 200] == []
    assert list(record.find_false(texts)) == []
    home = read_home(make_settings(command_line.home))
    assert home.faults == ()
    assert home.removed == {article_id(REMOVED)}
    assert {key: article.text for key, article in home.articles.items()} == {
        article_id(number): tell(number, 977 if number == UPDATED else 100 + number)
        for number in range(60)
        if number != REMOVED
    }


@dataclass(frozen=True)
class Piece:
    """Words that a reply gave as an article's."""

    article_id: str
    start: int
    end: int
    text: str

    def is_of(self, text: str) -> bool:
        return bool(self.text) and text[self.start : self.end] == self.text


@dataclass(frozen=True)
class Reply:
    asked_at_s: float
    status: int
    pieces: tuple[Piece, ...]
    problem: str | None = None


@dataclass
class Record:
    """What was replied, and until when the articles that were changed had their first text."""

    replies: list[Reply] = field(default_factory=list)
    gone_at_s: dict[str, float] = field(default_factory=dict)

    def watch(
        self, process: subprocess.Popen[str], number: int, is_changed: Callable[[], bool]
    ) -> None:
        while not is_changed():
            assert process.poll() is None
            time.sleep(0.02)
        self.gone_at_s[article_id(number)] = time.monotonic()
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == 0, stderr

    def find_false(self, texts: dict[str, str]) -> Iterator[tuple[Reply, Piece]]:
        """Pieces that are not in the article, or no longer were when the question came."""
        first = {article_id(number): tell(number, 100 + number) for number in (UPDATED, REMOVED)}
        for reply in self.replies:
            for piece in reply.pieces:
                if piece.is_of(texts[piece.article_id]):
                    continue
                was_true = piece.is_of(first.get(piece.article_id, ""))
                if not was_true or reply.asked_at_s > self.gone_at_s[piece.article_id]:
                    yield reply, piece


@contextmanager
def asking(url: str) -> Iterator[Record]:
    """Two clients ask and search without a pause."""
    record, stopped = Record(), threading.Event()

    def keep_asking(path: str) -> None:
        with httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
            for turn in count():
                if stopped.is_set():
                    return
                number = (UPDATED, REMOVED, turn % 60)[turn % 3]
                record.replies.append(send(client, path, build_question(number)))

    with ThreadPoolExecutor(2) as clients:
        running = [clients.submit(keep_asking, path) for path in ("/ask", "/search")]
        try:
            yield record
        finally:
            stopped.set()
    for each in running:
        each.result()


def send(client: httpx.Client, path: str, question: str) -> Reply:
    asked_at_s = time.monotonic()
    if path == "/search":
        response = client.get(path, params={"q": question})
        given = response.json()
        pieces = read_pieces(given.get("passages", ()), "text")
        return Reply(asked_at_s, response.status_code, pieces, given.get("detail"))
    response = client.post(path, json={"question": question})
    answer = response.json()
    cited = [*answer.get("citations", ()), *(answer.get("abstention") or {}).get("closest", ())]
    pieces = read_pieces(cited, "quote")
    return Reply(asked_at_s, response.status_code, pieces, answer.get("detail"))


def read_pieces(given: Sequence[dict[str, Any]], words: str) -> tuple[Piece, ...]:
    return tuple(
        Piece(each["article_id"], each["start"], each["end"], each[words]) for each in given
    )


def ask(client: httpx.Client, number: int) -> dict[str, Any]:
    answer: dict[str, Any] = client.post("/ask", json={"question": build_question(number)}).json()
    return answer


def read_text(client: httpx.Client, number: int) -> str:
    """Of an article as it is now; nothing if it is not there."""
    response = client.get(f"/articles/{article_id(number)}")
    return str(response.json()["text"]) if response.status_code == 200 else ""


def build_question(number: int) -> str:
    return f"Which article says “The {PLACES[number]} bridge cost”?"


def write_articles(
    path: Path, numbers: Sequence[int], outlet: str = "wire", cost: int | None = None
) -> Path:
    """An article a number, about the bridge of a place; outlets carry it word by word."""
    lines = [
        {
            "url": address(number, outlet),
            "title": f"{PLACES[number]} opens its bridge",
            "text": tell(number, cost or 100 + number),
            "source": f"The {outlet.title()}",
            "published_at": "2025-03-04",
        }
        for number in numbers
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def article_id(number: int) -> str:
    return Article(title="", text="", url=address(number, "wire")).article_id


def address(number: int, outlet: str) -> str:
    return f"https://{outlet}.example/{number}"


def tell(number: int, cost: int) -> str:
    chance = random.Random(number)
    sentences = [
        f"The {' '.join(chance.choices(WORDS, k=9))} of {PLACES[number]} were there."
        for _ in range(9)
    ]
    return f"The {PLACES[number]} bridge cost {cost} crowns.\n\n{' '.join(sentences)}"
