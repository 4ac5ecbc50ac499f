"""A model's opinion, by llama-index's evaluators, over a real connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.answering.llm import LLMError
from eval.judge import Judge
from tests.bot.factories import make_answer
from tests.eval.factories import make_item
from tests.llm_server import KEY, ScriptedServer, connect, run_server

ITEM = make_item().model_copy(update={"answer": "Mark Rutte chaired them."})


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with run_server() as running:
        yield running


def build_judge(url: str) -> Judge:
    return Judge(connect(url))


def test_the_opinion_is_a_yes_and_a_mark_of_five(server: ScriptedServer) -> None:
    server.say("4.0\nYES, it says so.")
    scores = build_judge(server.url).score(ITEM, make_answer())
    assert scores == {"judged_faithfulness": 1.0, "judged_correctness": 0.8}
    prompts = str(server.requests)
    assert "Mark Rutte chaired them." in prompts


def test_what_was_declined_or_has_no_reference_is_not_judged(server: ScriptedServer) -> None:
    assert build_judge(server.url).score(make_item(), make_answer()) == {}
    assert server.requests == []


def test_a_judge_that_fails_is_an_error_without_its_key(server: ScriptedServer) -> None:
    server.status = 500
    with pytest.raises(LLMError, match=r"check bot\.llm") as caught:
        build_judge(server.url).score(ITEM, make_answer())
    assert KEY not in str(caught.value)
