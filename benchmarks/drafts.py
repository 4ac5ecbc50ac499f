"""What of a strong model's replies reaches the reader: true sentences should, false ones not.

    python -m benchmarks.drafts ../shared/data/drafts/examples.jsonl [--style parentheses | all]

`examples/` is taken in and served with a model of OpenAI's shape on loopback, which gives a true
reply and a careless one to each question, as they were written to Dateline's own prompts and
labelled sentence by sentence. Markers are renumbered to the passages of the prompt that is sent.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import httpx
import typer
from rich.console import Console
from rich.table import Table

from ingest.chunking import split_sentences

_ROOT = Path(__file__).parents[1]
_DATELINE = [sys.executable, str(_ROOT / "dateline.py")]
_MARKER = re.compile(r"\s*\[(\d+)\]")
_MARKERS = re.compile(r"(?:\[\d+\])+")
_NO_SUCH_PASSAGE = 99


def _with_markers(form: Callable[[Sequence[str]], str]) -> Callable[[str], str]:
    return lambda reply: _MARKERS.sub(lambda m: form(re.findall(r"\d+", m[0])), reply)


def _in_superscript(numbers: Sequence[str]) -> str:
    return " ".join(numbers).translate(str.maketrans("0123456789 ", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺")).replace("⁺", "")


def _as_json(reply: str) -> str:
    sentences = [reply[slice(*span)] for _, span in split_sentences(reply)]
    return json.dumps({"answer": " ".join(sentences)}, ensure_ascii=False)


STYLES: Mapping[str, Callable[[str], str]] = {
    "as written": lambda reply: reply,
    "parentheses": _with_markers(lambda numbers: f"({', '.join(numbers)})"),
    "comma": _with_markers(lambda numbers: f"[{', '.join(numbers)}]"),
    "lenticular": _with_markers(lambda numbers: "".join(f"【{n}】" for n in numbers)),
    "footnotes": _with_markers(lambda numbers: "".join(f"[^{n}]" for n in numbers)),
    "words": _with_markers(lambda numbers: f"(passages {' and '.join(numbers)})"),
    "labels": _with_markers(lambda numbers: "".join(f"[Passage {n}]" for n in numbers)),
    "superscript": _with_markers(_in_superscript),
    "tags": _with_markers(lambda numbers: "".join(f"<cite>{n}</cite>" for n in numbers)),
    "behind the full stop": lambda reply: re.sub(r"((?:\s*\[\d+\])+)([.!?])", r"\2\1", reply),
    "<think>": lambda reply: f"<think>Perhaps 40,000 [1]. No.</think>\n\n{reply}",
    "[THINK]": lambda reply: f"[THINK]Perhaps 40,000 [1]. No.[/THINK]{reply}",
    "channels": lambda reply: (
        "<|channel|>analysis<|message|>Perhaps 40,000 [1]. No.<|end|><|start|>assistant"
        f"<|channel|>final<|message|>{reply}<|return|>"
    ),
    "◁think▷": lambda reply: f"◁think▷Perhaps 40,000 [1]. No.◁/think▷{reply}",
    "<analysis>": lambda reply: f"<analysis>Perhaps 40,000 [1]. No.</analysis>\n{reply}",
    "end mark": lambda reply: f"{reply}<|im_end|>",
    "label": lambda reply: f"**Answer:** {reply}",
    "JSON": _as_json,
}


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply to one question; `kind` is that of a careless one's error."""

    text: str
    are_true: tuple[bool, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Asked:
    question: str
    asked_at: str
    is_answerable: bool
    passages: Mapping[int, str]
    true: Reply
    careless: Reply


class Model(ThreadingHTTPServer):
    """Gives the reply that was chosen for the question that it is asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: Asked | None = None
        self.reply = ""
        self.style = STYLES["as written"]

    def answer(self, prompt: str) -> str:
        assert self.asked is not None
        shown = {
            each["text"]: each["passage"]
            for line in prompt.splitlines()
            if line.startswith('{"passage"')
            for each in [json.loads(line)]
        }
        passages = self.asked.passages

        def renumber(marker: re.Match[str]) -> str:
            text = passages.get(int(marker[1]), "")
            number = next((n for each, n in shown.items() if _overlap(each, text)), None)
            return f" [{number or _NO_SUCH_PASSAGE}]"

        renumbered = re.sub(r"\] \[", "][", _MARKER.sub(renumber, self.reply))
        return self.style(renumbered)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Model

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = self.server.answer(body["messages"][-1]["content"])
        frame = {"id": "c1", "created": 1, "model": "scripted"}
        if body.get("stream"):
            delta = {"role": "assistant", "content": text}
            chunk = {**frame, "object": "chat.completion.chunk"}
            choices = [
                {"index": 0, "delta": delta, "finish_reason": None},
                {"index": 0, "delta": {}, "finish_reason": "stop"},
            ]
            events = [json.dumps({**chunk, "choices": [each]}) for each in choices]
            content = "".join(f"data: {each}\n\n" for each in (*events, "[DONE]")).encode()
            kind = "text/event-stream"
        else:
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            content = json.dumps(
                {**frame, "object": "chat.completion", "choices": [choice]}
            ).encode()
            kind = "application/json"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def read_asked(path: Path) -> list[Asked]:
    with path.open(encoding="utf-8") as lines:
        return [_read_row(json.loads(line)) for line in lines]


def _read_row(row: Mapping[str, Any]) -> Asked:
    return Asked(
        row["q"],
        row["asked_at"],
        row["answerable"],
        {each["passage"]: each["text"] for each in row["passages"]},
        Reply(row["draft"], tuple(row["sentences"]), ""),
        Reply(row["careless"], tuple(row["careless_sentences"]), row["kind"]),
    )


@contextmanager
def serving(home: Path, model: Model) -> Iterator[httpx.Client]:
    environment = {
        **os.environ,
        "DATELINE_HOME": str(home),
        "DATELINE_BOT__LLM": "compatible/scripted",
        "DATELINE_BOT__LLM_BASE_URL": f"http://127.0.0.1:{model.server_port}/v1",
    }
    ingest = [*_DATELINE, "ingest", str(_ROOT / "examples")]
    subprocess.run(ingest, env=environment, check=True, stdout=subprocess.DEVNULL)
    command = [*_DATELINE, "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            address = server.stdout.readline().split()[3]
            with httpx.Client(base_url=address, timeout=60) as client:
                yield client
        finally:
            server.terminate()


def measure(
    client: httpx.Client, model: Model, asked: Sequence[Asked]
) -> Iterator[tuple[str, int, int]]:
    """Each figure's name, how many, and of how many."""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for each in asked:
        for reply in (each.true, each.careless):
            model.asked, model.reply = each, reply.text
            body = {"question": each.question, "asked_at": each.asked_at}
            answer = client.post("/ask", json=body).raise_for_status().json()
            told = _normalise(answer["answer"]) if answer["mode"] == "generative" else ""
            sentences = split_reply(reply.text)
            if reply is each.true:
                name = "answerable answered" if each.is_answerable else "told to decline, declined"
                counts[name][answer["answered"] is each.is_answerable] += 1
            if not reply.are_true:
                continue
            if len(sentences) != len(reply.are_true):
                raise ValueError(f"{each.question}: {len(sentences)} sentences of {reply.text!r}")
            for sentence, is_true in zip(sentences, reply.are_true, strict=True):
                shown = _normalise(sentence) in told
                counts["true sentences shown" if is_true else "false sentences shown"][shown] += 1
                if not is_true:
                    counts[f"false, {reply.kind}"][shown] += 1
            counts["quotes that are exact"].update(_are_exact(client, answer))
    for name in sorted(counts, key=lambda name: (name.startswith("false, "), name)):
        yield name, counts[name][True], counts[name].total()


def split_reply(text: str) -> list[str]:
    return [text[slice(*span)] for _, span in split_sentences(text)]


def _are_exact(client: httpx.Client, answer: Mapping[str, Any]) -> Iterator[bool]:
    for each in answer["citations"]:
        article = client.get(f"/articles/{each['article_id']}").raise_for_status().json()
        yield article["text"][each["start"] : each["end"]] == each["quote"]


def _normalise(text: str) -> str:
    return " ".join(re.findall(r"\w+", re.sub(r"\[\d+\]", " ", text).casefold()))


def _overlap(one: str, other: str) -> bool:
    """Whether two pieces are of the same article: chunks are not cut everywhere alike."""
    first, second = (set(each.split("\n\n")) for each in (one, other))
    return bool(other) and len(first & second) * 2 >= min(len(first), len(second))


def main(
    drafts: Annotated[Path, typer.Argument(exists=True, help="The labelled replies, as JSONL.")],
    style: Annotated[
        list[str], typer.Option(help=f"How the model writes: {', '.join(STYLES)}; or all.")
    ] = ["as written"],  # noqa: B006 - typer's way to state a list
) -> None:
    """Print what of the replies reaches the reader."""
    asked = read_asked(drafts)
    with TemporaryDirectory() as folder, Model() as model:
        threading.Thread(target=model.serve_forever, daemon=True).start()
        with serving(Path(folder) / "home", model) as client:
            for name in STYLES if style == ["all"] else style:
                model.style = STYLES[name]
                table = Table("Of the replies", "", "of", "", title=name)
                for what, count, total in measure(client, model, asked):
                    table.add_row(what, str(count), str(total), f"{count / max(total, 1):.2f}")
                Console().print(table)
        model.shutdown()


if __name__ == "__main__":
    typer.run(main)
