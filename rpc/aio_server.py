"""The asynchronous gRPC server: what stands around every call, and the life of the process."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from functools import partial
from typing import Any, NoReturn

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from rpc import context as call_context
from rpc.access import Access
from rpc.binding import OPTIONS, bind
from rpc.discovery import describe
from rpc.errors import AssayError, DeadlineExceeded, InvalidArgument
from rpc.gates import Gate, Gates, overloaded
from rpc.metrics import CallMetrics
from rpc.reasons import Reason
from rpc.roles import Role, least_role
from rpc.settings import ServerSettings
from rpc.status import code_of, opaque, text_of, trailers_of
from rpc.tracing import CallSpan, Tracer

Handler = Callable[[Any, Any], Any]
Reader = Callable[[Any], Any]
"""Makes a request, or a stream of requests, of its bytes."""

Writer = Callable[[Any], bytes]


class CallGuard(grpc.aio.ServerInterceptor):
    """Stands around every call: unknown errors, request id, deadline, metrics, authentication, gate, errors.

    One flat function a kind of call, since every layer of context managers shows in the time of a cached answer.
    """

    def __init__(
        self,
        metrics: CallMetrics,
        gates: Gates,
        max_deadline_seconds: float,
        access: Access | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        """Without `access` everybody may call everything; without `tracer` nothing is traced."""
        self._metrics = metrics
        self._gates = gates
        self._access = access or Access()
        self._max_deadline_seconds = max_deadline_seconds
        self._tracer = tracer
        self._wrapped: dict[str, Any] = {}

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> Any:
        """Return the handler of a call, wrapped; once a method, since a server's handlers never change."""
        path = str(handler_call_details.method)
        known = self._wrapped.get(path)
        if known is not None:
            return known
        handler = await continuation(handler_call_details)
        if handler is None or path.startswith("/grpc."):
            return handler
        wrapped = self._wrapped[path] = self._wrap(handler, path.rsplit("/", 1)[1])
        return wrapped

    def _wrap(self, handler: Any, name: str) -> Any:
        wrap = self._streaming if handler.response_streaming else self._unary
        read = _read_all if handler.request_streaming else _read
        inner = next(
            behaviour
            for behaviour in (
                handler.unary_unary,
                handler.unary_stream,
                handler.stream_unary,
                handler.stream_stream,
            )
            if behaviour is not None
        )
        make = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[handler.request_streaming, handler.response_streaming]
        return make(
            wrap(inner, partial(read, handler.request_deserializer), name),
            request_deserializer=None,  # gRPC itself answers what it cannot read with UNKNOWN, past this guard
            response_serializer=partial(_written, handler.response_serializer),
        )

    def _unary(self, inner: Handler, read: Reader, method: str) -> Handler:
        gate, needed = self._gates.of(method), least_role(method)

        async def answer(request: Any, context: Any) -> Any:
            call = _Call(self, gate, needed, method, context)
            try:
                call.begin()
                return await _within(call, inner(read(request), context))
            except BaseException as error:
                await call.fail(error)
            finally:
                call.end()

        return answer

    def _streaming(self, inner: Handler, read: Reader, method: str) -> Handler:
        gate, needed = self._gates.of(method), least_role(method)

        async def answer(request: Any, context: Any) -> AsyncIterator[Any]:
            call = _Call(self, gate, needed, method, context)
            try:
                call.begin()
                async with asyncio.timeout(call.seconds):
                    async for response in inner(read(request), context):
                        yield response
            except BaseException as error:
                await call.fail(error)
            finally:
                call.end()

        return answer


class _Call:
    """One call between its begin and its end."""

    def __init__(self, guard: CallGuard, gate: Gate, needed: Role, method: str, context: Any) -> None:
        self._guard = guard
        self._gate = gate
        self._needed = needed
        self._method = method
        self._context = context
        self._code = "OK"
        self._entered = False
        self._span: CallSpan | None = None
        self._started = time.perf_counter()
        self.seconds = guard._max_deadline_seconds

    def begin(self) -> None:
        """Name the call, clamp its deadline, say who calls, pass its gate."""
        metadata = self._context.invocation_metadata() or ()
        offered_id, credentials = None, []
        for name, value in metadata:
            if name == call_context.REQUEST_ID_KEY:
                offered_id = value
            elif name == call_context.CREDENTIAL_KEY:
                credentials.append(value)
        call_context.request_id.set(call_context.accepted_request_id(offered_id))
        if self._guard._tracer is not None:
            self._span = self._guard._tracer.begin(self._method, dict(metadata))
        offered = self._context.time_remaining()
        if offered is not None:
            self.seconds = min(self.seconds, offered)
        call_context.deadline.set(time.monotonic() + self.seconds)
        self._guard._metrics.running.inc()
        self._guard._access.admit_for(self._needed, credentials)
        self._entered = self._gate.enter()
        if not self._entered:
            raise overloaded(self._gate)

    async def fail(self, error: BaseException) -> NoReturn:
        """Answer with the error's status; what is not ours to tell becomes opaque."""
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            self._code = "CANCELLED"
            raise error
        if isinstance(error, TimeoutError):
            error = DeadlineExceeded(Reason.DEADLINE_EXCEEDED, f"No answer within {self.seconds:.3f} s.")
        if not isinstance(error, AssayError):
            error = opaque(self._method, error)
        self._code = error.code
        self._guard._metrics.error(self._method, error.reason)
        await self._context.abort(code_of(error), text_of(error), trailers_of(error))
        raise AssertionError("abort returned")

    def end(self) -> None:
        """Count the call."""
        if self._entered:
            self._gate.leave()
        if self._span is not None:
            self._span.end(self._method, self._code)
        self._guard._metrics.running.dec()
        self._guard._metrics.observe(self._method, self._code, time.perf_counter() - self._started)


async def _within(call: _Call, answering: Coroutine[Any, Any, Any]) -> Any:
    """Return what is answered, in the time of the call.

    A hit in memory is answered in the first step of the coroutine, which nothing can interrupt: it needs no timer,
    which would take a third of all the time of this guard.
    """
    try:
        waits_for = answering.send(None)
    except StopIteration as done:
        return done.value
    async with asyncio.timeout(call.seconds):
        return await _Begun(answering, waits_for)


class _Begun:
    """The rest of a coroutine that has made its first step."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], waits_for: Any) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Any]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    word = yield waits_for
                except BaseException as error:
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(word)
        except StopIteration as done:
            return done.value


def _read(decode: Reader, raw: bytes) -> Any:
    try:
        return decode(raw)
    except DecodeError as error:
        raise InvalidArgument(Reason.FIELD_INVALID, "The bytes are no message of this call's type.") from error


def _written(encode: Writer, response: Any) -> bytes:
    """Return a response as bytes: a handler may have written it itself, in a way of its own that takes less time."""
    return response if type(response) is bytes else encode(response)


async def _read_all(decode: Reader, raws: AsyncIterator[bytes]) -> AsyncIterator[Any]:
    async for raw in raws:
        yield _read(decode, raw)


class AioServer:
    """A gRPC server with health, reflection, limits, optional TLS and a graceful end."""

    def __init__(self, settings: ServerSettings, guard: CallGuard, service_names: tuple[str, ...]) -> None:
        self._settings = settings
        self._names = service_names
        self._health = health.aio.HealthServicer()
        self.server = grpc.aio.server(interceptors=[guard], options=OPTIONS)
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self.server)
        describe(service_names, self.server)

    async def start(self, listen: str) -> str:
        """Bind and serve; return the bound address.

        Raises:
            OSError: if the address cannot be bound.
        """
        address = bind(self.server, self._settings, listen)
        await self.server.start()
        await self.set_serving(True)
        return address

    async def set_serving(self, serving: bool) -> None:
        """Say by the health service whether this server serves."""
        status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
        for name in ("", *self._names):
            await self._health.set(name, status)

    async def stop(self) -> None:
        """Say NOT_SERVING, let running calls end, close."""
        await self._health.enter_graceful_shutdown()
        await self.server.stop(self._settings.drain_seconds)


async def until_asked_to_stop() -> None:
    """Return on SIGTERM or SIGINT."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    await asked.wait()
