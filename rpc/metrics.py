"""The metrics that every server has, and the port that shows them."""

import threading
from collections.abc import Callable
from functools import cache
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

_LATENCY_BUCKETS = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
    60,
    300,
)


class CallMetrics:
    """Counts and times the calls of one server."""

    def __init__(self, registry: CollectorRegistry, service: str) -> None:
        self._calls = Counter(
            f"{service}_calls", "Calls by method and status code.", ["method", "code"], registry=registry
        )
        self._seconds = Histogram(
            f"{service}_call_seconds",
            "Time to answer by method.",
            ["method"],
            registry=registry,
            buckets=_LATENCY_BUCKETS,
        )
        self._errors = Counter(
            f"{service}_errors", "Errors by method and reason.", ["method", "reason"], registry=registry
        )
        self.running = Gauge(f"{service}_calls_running", "Calls being answered now.", registry=registry)
        self._calls_of: Callable[[str, str], Counter] = cache(self._calls.labels)  # finding a child takes longer than
        self._seconds_of: Callable[[str], Histogram] = cache(self._seconds.labels)  # counting in it

    def observe(self, method: str, code: str, seconds: float) -> None:
        """Record the end of a call."""
        self._calls_of(method, code).inc()
        self._seconds_of(method).observe(seconds)

    def error(self, method: str, reason: str) -> None:
        """Record an error's reason."""
        self._errors.labels(method, reason).inc()


class MetricsServer:
    """The HTTP port of a registry's metrics."""

    def __init__(self, registry: CollectorRegistry, listen: str) -> None:
        host, _, port = listen.rpartition(":")
        self._server: WSGIServer
        self._thread: threading.Thread
        self._server, self._thread = start_http_server(int(port), host, registry)

    @property
    def address(self) -> str:
        """Where it listens, as host:port."""
        host, port = self._server.server_address[:2]
        return f"{host!s}:{port}"

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
