"""OpenTelemetry spans of requests, and of a question's stages; never what was asked or answered."""

from __future__ import annotations

import time
from typing import Any

from fastapi.telemetry import TelemetryConfig
from opentelemetry.context import Context
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from bot.answering.llm import OnDelta, ignore_delta
from bot.answering.schema import Answer, Question
from bot.service import Service
from retrieval.errors import SettingsError

# FastAPI traces wherever any library has set OpenTelemetry up, addresses and errors included.
UNTRACED: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "auto_configure": False,
}
_PROBED = frozenset({"/healthz", "/readyz", "/metrics"})
_MS = 1_000_000


class Tracing:
    """Spans through a provider of its own, so that nothing else's spans go out with them."""

    def __init__(self, processor: SpanProcessor) -> None:
        resource = Resource.create({SERVICE_NAME: "dateline"})
        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
        self.provider = TracerProvider(resource=resource.merge(OTELResourceDetector().detect()))
        self.provider.add_span_processor(_WithoutQuery())
        self.provider.add_span_processor(processor)
        self.tracer = self.provider.get_tracer("dateline")
        self.telemetry: TelemetryConfig = {
            **UNTRACED,
            "tracing": True,
            "tracer_provider": self.provider,
            "operation_spans": False,
            "exclude": lambda scope: scope["path"] in _PROBED,
        }


def export_spans() -> Tracing:
    """To where OpenTelemetry's own variables say. Raises SettingsError."""
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ImportError:
        raise SettingsError(
            "bot.traces needs more packages: pip install 'dateline[otel]'"
        ) from None
    return Tracing(BatchSpanProcessor(OTLPSpanExporter()))


class TracedService:
    """The service, with a span for each question and for each of its stages."""

    def __init__(self, service: Service, tracing: Tracing) -> None:
        self._service = service
        self._tracer = tracing.tracer

    def answer(self, question: Question, on_delta: OnDelta = ignore_delta) -> Answer:
        # An error's message may quote what was asked; the log has it where it may be told.
        with self._tracer.start_as_current_span(
            "ask", record_exception=False, set_status_on_exception=False
        ) as span:
            answer = self._service.answer(question, on_delta)
            span.set_attribute("dateline.mode", answer.mode)
            span.set_attribute("dateline.answered", answer.abstention is None)
            self._add_stages(answer.timings_ms)
        return answer

    def search(self, question: Question, top_k: int | None) -> dict[str, Any]:
        found = self._service.search(question, top_k)
        self._add_stages(found["timings_ms"])
        return found

    def _add_stages(self, timings_ms: dict[str, float]) -> None:
        """Stages follow one another, and the last has ended just now."""
        ended = time.time_ns()
        for stage, elapsed_ms in reversed(timings_ms.items()):
            started = ended - round(elapsed_ms * _MS)
            self._tracer.start_span(stage, start_time=started).end(ended)
            ended = started


class _WithoutQuery(SpanProcessor):
    """FastAPI notes the whole query, and that of `GET /search` has the question in it."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        del parent_context
        if "url.query" in (span.attributes or {}):
            span.set_attribute("url.query", "REDACTED")
