"""Spans: what is in them, and what is not."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fastapi.testclient import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot.http.tracing import Tracing, export_spans
from bot.serving import build_app
from bot.settings import BotSettings
from retrieval.errors import SettingsError
from tests.bot.factories import Shelf, open_shelf
from tests.bot.http.servers import ASKED
from tests.factories import make_article


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    with open_shelf(tmp_path_factory.mktemp("tracing"), make_article()) as opened:
        yield opened


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def client(shelf: Shelf, exporter: InMemorySpanExporter) -> TestClient:
    return connect(shelf, Tracing(SimpleSpanProcessor(exporter)))


def connect(shelf: Shelf, tracing: Tracing) -> TestClient:
    app = build_app(shelf.library, shelf.service, BotSettings(), tracing=tracing)
    return TestClient(app)


def read_tree(exporter: InMemorySpanExporter) -> dict[str, str | None]:
    """The name of each span, and of the one that it is in."""
    spans = exporter.get_finished_spans()
    names = {span.context.span_id: span.name for span in spans if span.context}
    return {span.name: names[span.parent.span_id] if span.parent else None for span in spans}


def length_ms(span: ReadableSpan) -> float:
    assert span.start_time is not None
    assert span.end_time is not None
    return (span.end_time - span.start_time) / 1_000_000


@pytest.mark.parametrize("stream", [False, True])
def test_a_question_is_a_span_of_its_request_and_its_stages_are_spans_of_it(
    client: TestClient, exporter: InMemorySpanExporter, stream: bool
) -> None:
    answered = client.post("/ask", json={"question": ASKED, "stream": stream})
    assert read_tree(exporter) == {
        "POST /ask": None,
        "ask": "POST /ask",
        "retrieve": "ask",
        "answer": "ask",
    }
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert spans["ask"].attributes == {"dateline.mode": "extractive", "dateline.answered": True}
    assert spans["retrieve"].end_time == spans["answer"].start_time
    if not stream:
        for stage, elapsed_ms in answered.json()["timings_ms"].items():
            assert length_ms(spans[stage]) == pytest.approx(elapsed_ms, abs=0.001)
    assert {span.resource.attributes["service.name"] for span in spans.values()} == {"dateline"}


def test_a_caller_s_trace_goes_on_here(client: TestClient, exporter: InMemorySpanExporter) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    client.get("/search", params={"q": "talks"}, headers=headers)
    found = {(span.name, f"{span.context.trace_id:032x}") for span in exporter.get_finished_spans()}
    assert found == {("GET /search", trace), ("retrieve", trace)}


def test_no_span_holds_what_was_asked_answered_or_went_wrong(
    shelf: Shelf, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "the marmalade of Antwerp"
    client = connect(shelf, Tracing(SimpleSpanProcessor(exporter)))
    client.get("/search", params={"q": secret})
    client.post("/ask", json={"question": f"Who chaired the talks on {secret}?"})
    client.post("/ask", json={"question": secret, "asked_at": secret})

    def fail(*_: object) -> None:
        raise RuntimeError(secret)

    monkeypatch.setattr(shelf.library.archive, "count", fail)
    failing = client.post("/ask", json={"question": "Who is the king of the marmalades?"})
    assert failing.status_code == 500
    spans = exporter.get_finished_spans()
    assert len(spans) > 5
    told = "\n".join(span.to_json() for span in spans)
    for word in ("marmalade", "Antwerp", "Rutte"):
        assert word not in told


def test_probes_leave_no_spans(client: TestClient, exporter: InMemorySpanExporter) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        client.get(path)
    assert exporter.get_finished_spans() == ()


def test_without_traces_there_are_none_even_where_another_library_has_set_them_up(
    shelf: Shelf, exporter: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = TracerProvider()
    elsewhere.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("opentelemetry.trace.get_tracer_provider", lambda: elsewhere)
    client = TestClient(build_app(shelf.library, shelf.service, BotSettings()))
    client.post("/ask", json={"question": ASKED})
    assert exporter.get_finished_spans() == ()


class _Collector(HTTPServer):
    """Takes in what an exporter sends, at any address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.received: list[tuple[str, ExportTraceServiceRequest]] = []


class _Handler(BaseHTTPRequestHandler):
    server: _Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.received.append((self.path, ExportTraceServiceRequest.FromString(body)))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def collector() -> Iterator[_Collector]:
    with _Collector() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.02,))
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def test_spans_go_where_opentelemetry_s_own_variables_say(
    shelf: Shelf, collector: _Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint = f"http://127.0.0.1:{collector.server_port}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "newsroom")
    tracing = export_spans()
    connect(shelf, tracing).post("/ask", json={"question": ASKED})
    tracing.provider.shutdown()
    ((path, request),) = collector.received
    assert path == "/v1/traces"
    (resource,) = request.resource_spans
    named = {each.key: each.value.string_value for each in resource.resource.attributes}
    assert named["service.name"] == "newsroom"
    names = {span.name for scope in resource.scope_spans for span in scope.spans}
    assert names == {"POST /ask", "ask", "retrieve", "answer"}


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(SettingsError, match=r"pip install 'dateline\[otel\]'"):
        export_spans()
