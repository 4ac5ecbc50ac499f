"""A draft as it is written, over a real server on loopback, and the model's server behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from bot.http.app import create_app
from bot.service import build_local_service
from tests.bot.answering.test_wire import ANSWER_KEYS
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import serve, wait_until
from tests.factories import make_article
from tests.llm_server import KEY, ScriptedServer, run_server, settings_for

DRAFT = "Mark Rutte chaired the talks [1]. Penguins chaired them too [1]."
Event = tuple[str, dict[str, Any]]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("streaming"), make_article()) as opened:
        yield opened


@pytest.fixture
def model() -> Iterator[ScriptedServer]:
    with run_server() as running:
        running.say(DRAFT)
        yield running


@contextmanager
def ask(shelf: Shelf, model: ScriptedServer, timeout_s: float = 60.0) -> Iterator[httpx.Response]:
    settings = settings_for(model.url, timeout_s)
    service = build_local_service(shelf.library, shelf.indexes, settings)
    body = {"question": "Who chaired the talks?", "stream": True}
    with (
        serve(create_app(service, shelf.library.archive, {})) as url,
        httpx.stream("POST", f"{url}/ask", json=body, timeout=120, trust_env=False) as response,
    ):
        yield response


def read_events(lines: Iterator[str]) -> Iterator[Event]:
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def read_all(shelf: Shelf, model: ScriptedServer, timeout_s: float = 60.0) -> list[Event]:
    with ask(shelf, model, timeout_s) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["x-accel-buffering"] == "no"
        events = list(read_events(response.iter_lines()))
    assert KEY not in json.dumps(events)
    assert [name in ("answer", "error") for name, _ in events].index(True) == len(events) - 1
    return events


def test_the_draft_is_shown_as_it_comes_and_ends_in_the_verified_answer(
    shelf: Shelf, model: ScriptedServer
) -> None:
    events = read_all(shelf, model)
    assert [content["stage"] for name, content in events if name == "status"] == [
        "retrieving",
        "reading",
        "drafting",
    ]
    deltas = [content["text"] for name, content in events if name == "delta"]
    assert "".join(deltas) == DRAFT
    assert len(deltas) > 5
    name, answer = events[-1]
    assert (name, set(answer)) == ("answer", ANSWER_KEYS)
    assert answer["answer"] == "Mark Rutte chaired the talks [1]."
    assert answer["mode"] == "generative"
    assert any("left out" in note for note in answer["notes"])


def test_thoughts_and_refusals_are_not_shown(shelf: Shelf, model: ScriptedServer) -> None:
    model.say("<think>Rutte, I guess.\nYes.</think>NO_ANSWER")
    events = read_all(shelf, model)
    assert [name for name, _ in events] == ["status", "status", "status", "answer"]
    assert events[-1][1]["abstention"]["reason"] == "model_declined"


def test_a_model_that_dies_half_way_leaves_an_answer_of_quotes(
    shelf: Shelf, model: ScriptedServer
) -> None:
    model.resets_after = 3
    events = read_all(shelf, model)
    answer = events[-1][1]
    assert answer["mode"] == "extractive"
    assert answer["answer"].startswith("Mark Rutte chaired the talks [1].")
    assert any("quotes" in note for note in answer["notes"])


def test_a_model_that_drips_is_cut_off_and_quotes_answer(
    shelf: Shelf, model: ScriptedServer
) -> None:
    model.never_ends, model.pause_between_pieces_s = True, 0.2
    answer = read_all(shelf, model, timeout_s=2.0)[-1][1]
    assert answer["mode"] == "extractive"
    assert any("took longer" in note for note in answer["notes"])
    assert model.client_left.wait(20.0)


@pytest.mark.parametrize("speaks", [True, False], ids=["while it speaks", "while it is silent"])
def test_a_client_that_goes_away_stops_the_model(
    shelf: Shelf, model: ScriptedServer, speaks: bool
) -> None:
    model.never_ends = True
    model.pause_s, model.pause_between_pieces_s = (0.0 if speaks else 3.0), 0.05
    with ask(shelf, model) as response:
        for name, content in read_events(response.iter_lines()):
            if name == "delta" or (not speaks and content.get("stage") == "drafting"):
                # Leaving the loop closes the connection.
                wait_until(lambda: bool(model.requests))
                break
    assert model.client_left.wait(20.0)
