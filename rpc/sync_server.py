"""The synchronous gRPC server: what stands around every call, and the life of the process."""

import functools
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from rpc import context as call_context
from rpc.access import Access
from rpc.binding import OPTIONS, bind
from rpc.discovery import describe
from rpc.errors import AssayError
from rpc.gates import Gates, overloaded
from rpc.metrics import CallMetrics
from rpc.settings import ServerSettings
from rpc.status import code_of, opaque, text_of, trailers_of
from rpc.tracing import CallSpan, Tracer

Servicer = TypeVar("Servicer")
Request = TypeVar("Request")
Response = TypeVar("Response")


class CallGuard:
    """What a servicer's calls share; a servicer with `@answered` methods has one as its attribute `guard`."""

    def __init__(
        self,
        metrics: CallMetrics,
        gates: Gates,
        max_deadline_seconds: float,
        access: Access | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """Without `access` everybody may call everything; without `tracer` nothing is traced."""
        self.metrics = metrics
        self.tracer = tracer
        self.access = access or Access()
        self.max_deadline_seconds = max_deadline_seconds
        self._gates = gates
        self._lock = threading.Lock()

    def enter(self, method: str) -> None:
        """Pass the method's gate.

        Raises:
            ResourceExhausted: if there is no room.
        """
        gate = self._gates.of(method)
        with self._lock:
            if gate.enter():
                return
        raise overloaded(gate)

    def leave(self, method: str) -> None:
        """Leave the method's gate."""
        with self._lock:
            self._gates.of(method).leave()


class _Call:
    """One call between its begin and its end; a context manager."""

    def __init__(self, guard: CallGuard, method: str, context: Any) -> None:
        self._guard = guard
        self._method = method
        self._context = context
        self._code = "OK"
        self._entered = False
        self._span: CallSpan | None = None
        self._started = time.perf_counter()

    def __enter__(self) -> None:
        metadata = self._context.invocation_metadata() or ()
        headers = dict(metadata)
        call_context.request_id.set(call_context.accepted_request_id(headers.get(call_context.REQUEST_ID_KEY)))
        if self._guard.tracer is not None:
            self._span = self._guard.tracer.begin(self._method, headers)
        seconds = self._guard.max_deadline_seconds
        offered = self._context.time_remaining()
        call_context.deadline.set(time.monotonic() + (seconds if offered is None else min(seconds, offered)))
        self._guard.metrics.running.inc()
        try:
            self._guard.access.admit(self._method, metadata)
            self._guard.enter(self._method)
        except AssayError as error:
            try:
                self._abort(error)
            finally:
                self._observe()
        self._entered = True

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            if isinstance(error, GeneratorExit):
                self._code = "CANCELLED"
            elif isinstance(error, AssayError):
                self._abort(error)
            elif isinstance(error, Exception):
                self._abort(opaque(self._method, error))
        finally:
            self._guard.leave(self._method)
            self._observe()

    def _abort(self, error: AssayError) -> NoReturn:
        self._code = error.code
        self._guard.metrics.error(self._method, error.reason)
        self._context.set_trailing_metadata(trailers_of(error))
        self._context.abort(code_of(error), text_of(error))
        raise AssertionError("abort returned") from error

    def _observe(self) -> None:
        if self._span is not None:
            self._span.end(self._method, self._code)
        self._guard.metrics.running.dec()
        self._guard.metrics.observe(self._method, self._code, time.perf_counter() - self._started)


def answered(
    method: Callable[[Servicer, Request, grpc.ServicerContext], Response],
) -> Callable[[Servicer, Request, grpc.ServicerContext], Response]:
    """Decorate a unary-response method of a servicer that has a `guard`: errors become statuses, calls are counted."""

    @functools.wraps(method)
    def answer(self: Any, request: Request, context: grpc.ServicerContext) -> Response:
        with _Call(self.guard, method.__name__, context):
            return method(self, request, context)
        raise AssertionError("unreachable")

    return answer


def answered_stream(
    method: Callable[[Servicer, Request, grpc.ServicerContext], Iterator[Response]],
) -> Callable[[Servicer, Request, grpc.ServicerContext], Iterator[Response]]:
    """Decorate a stream-response method of a servicer that has a `guard`."""

    @functools.wraps(method)
    def answer(self: Any, request: Request, context: grpc.ServicerContext) -> Iterator[Response]:
        with _Call(self.guard, method.__name__, context):
            yield from method(self, request, context)

    return answer


class SyncServer:
    """A gRPC server with health, reflection, optional TLS and a graceful end."""

    def __init__(self, settings: ServerSettings, threads: int, service_names: tuple[str, ...]) -> None:
        self._settings = settings
        self._names = service_names
        self._health = health.HealthServicer()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="call")
        self.server = grpc.server(self._threads, options=OPTIONS)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self.server)
        describe(service_names, self.server)

    def start(self, listen: str) -> str:
        """Bind and serve; return the bound address.

        Raises:
            OSError: if the address cannot be bound.
        """
        address = bind(self.server, self._settings, listen)
        self.server.start()
        for name in ("", *self._names):
            self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return address

    def stop(self) -> None:
        """Say NOT_SERVING, let running calls end, close."""
        self._health.enter_graceful_shutdown()
        self.server.stop(self._settings.drain_seconds).wait()
        self._threads.shutdown(wait=True)


def wait_until_asked_to_stop() -> None:
    """Return on SIGTERM or SIGINT."""
    asked = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.set())
    asked.wait()
