"""Traces by OpenTelemetry, where an endpoint is configured: a span a call, and a span a stage of a computation.

A call's span is known to those it calls by the header `traceparent` (W3C Trace Context), which `rpc.context` hands on
beside the request id. OpenTelemetry's own current context is not used: it must be left where it was entered, and a
stream that is cut is ended elsewhere.
"""

import time
from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, TracerProvider, set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from rpc import context as call_context

_EXPORT_SECONDS = 2.0
"""How long one export may take; a collector that is away costs its spans, never an answer or a stop."""

_TRACES = "/v1/traces"

_FAULTS = {"INTERNAL", "UNKNOWN", "UNAVAILABLE", "DATA_LOSS", "UNIMPLEMENTED", "DEADLINE_EXCEEDED", "aborted"}
"""Endings that are a server's fault, as the conventions for gRPC and HTTP have it."""

_propagator = TraceContextTextMapPropagator()


class CallSpan:
    """The span of one call, open until it is ended."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def end(self, name: str, code: str) -> None:
        """End it with its status code, gRPC's or HTTP's, under the name that is known by now."""
        self._span.update_name(name)
        self._span.set_attribute("rpc.response.status_code", code)
        if code in _FAULTS or code.startswith("5"):
            self._span.set_status(Status(StatusCode.ERROR))
        self._span.end()


class Tracer:
    """Makes the spans of one process."""

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("assaycache")

    def begin(self, name: str, headers: Mapping[str, object]) -> CallSpan:
        """Begin the span of a call, within its caller's if that is told; what is called from here on is within it."""
        span = self._tracer.start_span(
            name,
            _context_of(headers.get(call_context.TRACE_KEY)),
            SpanKind.SERVER,
            {"assaycache.request_id": call_context.request_id.get()},
        )
        told: dict[str, str] = {}
        _propagator.inject(told, set_span_in_context(span))
        call_context.trace.set(told.get(call_context.TRACE_KEY, ""))
        return CallSpan(span)

    def stage(self, name: str, seconds: float) -> None:
        """Add a span that has just ended, within that of the call."""
        ended_ns = time.time_ns()
        span = self._tracer.start_span(
            name, _context_of(call_context.trace.get()), start_time=ended_ns - int(seconds * 1e9)
        )
        span.end(ended_ns)


class ExportingTracer(Tracer):
    """A tracer that sends its spans to a collector."""

    def __init__(self, service: str, endpoint: str) -> None:
        """Raise ValueError where the extra that sends them is not installed."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import SERVICE_NAME, Resource
            from opentelemetry.sdk.trace import TracerProvider as Provider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise ValueError(
                "OTEL_EXPORTER_OTLP_ENDPOINT is set, and the extra that sends traces is not installed:"
                " pip install 'assaycache[traces]'"
            ) from error
        exporter = OTLPSpanExporter(endpoint.rstrip("/") + _TRACES, timeout=_EXPORT_SECONDS)
        self._provider = Provider(resource=Resource.create({SERVICE_NAME: f"assaycache-{service}"}))
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        super().__init__(self._provider)

    def stop(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


def _context_of(traceparent: object) -> Context:
    """Return the context that a header tells; an empty one begins a trace."""
    if not isinstance(traceparent, str):
        return Context()
    return _propagator.extract({call_context.TRACE_KEY: traceparent}, Context())
