"""The servicer over stand-ins of the cache and of the pool, driven by grpcio-testing."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import grpc
import grpc_testing
import pytest
from prometheus_client import CollectorRegistry

from analysis_service.metrics import ComputationMetrics
from analysis_service.pipelines import EMG_SESSION, Pipelines
from analysis_service.sequence.reference.library import Library
from analysis_service.service.analyses import Analyses
from analysis_service.service.comparisons import Comparisons
from analysis_service.service.flights import Flights
from analysis_service.service.references import References, offers_of
from analysis_service.service.servicer import AnalysisServicer
from analysis_service.service.signals import Signals
from analysis_service.workers.pool import Listener, Progress, Queued
from analysis_service.workers.worker import Task
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.cache.v1.entry_pb2 import ENCODING_ZSTD, Payload
from assaycache.cache.v1.identity_pb2 import PipelineRef, Question
from rpc.errors import Cancelled
from rpc.gates import Gate, Gates
from rpc.metrics import CallMetrics
from rpc.reasons import Reason
from rpc.sync_server import CallGuard
from tests.support.cache_standin import CacheStandIn

SERVICE = pb2.DESCRIPTOR.services_by_name["AnalysisService"]
PAYLOAD = Payload(data=b"result" * 10, encoding=ENCODING_ZSTD, sha256=b"r" * 32, message_type="x.Y")
MAX_CALLS = 2
PATIENCE_SECONDS = 20.0


class TicketStandIn:
    """A task that ends when the test says so."""

    cost_seconds = 1.5

    def __init__(self, task: Task, listener: Listener) -> None:
        self.task = task
        self.listener = listener
        self.input = b""
        self.future: Future[bytes] = Future()

    def result(self) -> bytes:
        return self.future.result()

    def cancel(self) -> None:
        if not self.future.done():
            self.future.set_exception(Cancelled(Reason.CANCELLED, "cancelled"))


@dataclass
class PoolStandIn:
    """Answers every task with `outcome`, or, while that is None, leaves it to the test."""

    outcome: bytes | Exception | None = field(default_factory=PAYLOAD.SerializeToString)
    tickets: list[TicketStandIn] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()

    def submit(self, task: Task, listener: Listener) -> TicketStandIn:
        ticket = TicketStandIn(task, listener)
        task.file.seek(0)
        ticket.input = task.file.read()
        listener(Queued(0))
        listener(Progress("channels", 0.5))
        if isinstance(self.outcome, bytes):
            ticket.future.set_result(self.outcome)
        elif self.outcome is not None:
            ticket.future.set_exception(self.outcome)
        with self._changed:
            self.tickets.append(ticket)
            self._changed.notify_all()
        return ticket

    def ticket(self, index: int = 0) -> TicketStandIn:
        """Wait for a task."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.tickets) > index, PATIENCE_SECONDS)
        return self.tickets[index]


@dataclass
class Answer:
    """How a call ended."""

    events: list[pb2.AnalyzeResponse]
    code: grpc.StatusCode
    text: str

    @property
    def kinds(self) -> list[str]:
        return [str(event.WhichOneof("event")) for event in self.events]


@dataclass
class Service:
    """The servicer and all around it."""

    cache: CacheStandIn
    pool: PoolStandIn
    flights: Flights
    registry: CollectorRegistry
    server: Any

    def call(self, method: str, request: Any) -> Any:
        """Start a unary-stream call."""
        return self.server.invoke_unary_stream(SERVICE.methods_by_name[method], (), request, None)

    def ask(self, method: str, request: Any) -> tuple[Any, grpc.StatusCode]:
        """Make a unary call."""
        call = self.server.invoke_unary_unary(SERVICE.methods_by_name[method], (), request, None)
        response, _, code, _ = call.termination()
        return response, code

    def analyze(self, request: pb2.AnalyzeRequest) -> Answer:
        """Ask and wait for the end."""
        return answer_of(self.call("Analyze", request))

    def computations(self) -> dict[str, float]:
        """Return the computations that have ended, by outcome."""
        return {
            sample.labels["outcome"]: sample.value
            for metric in self.registry.collect()
            for sample in metric.samples
            if sample.name == "analysis_computations_total"
        }

    def errors(self) -> list[str]:
        """Return the reasons of the errors that callers got; grpcio-testing drops them with the trailers."""
        return [
            sample.labels["reason"]
            for metric in self.registry.collect()
            for sample in metric.samples
            if sample.name == "analysis_errors_total"
        ]


def answer_of(call: Any) -> Answer:
    """Wait for the end of a call."""
    _, code, text = call.termination()
    events = []
    try:
        while True:
            events.append(call.take_response())
    except ValueError:  # how grpcio-testing says that there are no more
        return Answer(events, code, text)


@pytest.fixture
def cache() -> CacheStandIn:
    return CacheStandIn()


@pytest.fixture
def pool() -> PoolStandIn:
    return PoolStandIn()


@pytest.fixture
def service(cache: CacheStandIn, pool: PoolStandIn, tmp_path: Path) -> Iterator[Service]:
    registry = CollectorRegistry()
    flights = Flights(cache, pool, ComputationMetrics(registry), MAX_CALLS)
    pipelines = Pipelines((replace(EMG_SESSION, parts=None),))  # one task a question; for parts see test_parts.py
    guard = CallGuard(CallMetrics(registry, "analysis"), Gates(Gate(None), {"Analyze": Gate(MAX_CALLS)}), 60.0)
    servicer = AnalysisServicer(
        guard,
        Analyses(cache, flights, pipelines),
        Signals(cache, pool),
        Comparisons(cache, pool),
        References(
            Library(tmp_path), pool, 1, lambda: cache.announce(offers_of(pipelines.announced(), Library(tmp_path)))
        ),
        pipelines,
    )
    server = grpc_testing.server_from_dictionary({SERVICE: servicer}, grpc_testing.strict_real_time())
    yield Service(cache, pool, flights, registry, server)
    flights.stop(0.0)


@pytest.fixture
def request_for(cache: CacheStandIn) -> Callable[..., pb2.AnalyzeRequest]:
    def request_for(version: str = "", params: Any = None, **flags: bool) -> pb2.AnalyzeRequest:
        question = Question(blob=cache.keep(b"recording"), pipeline=PipelineRef(name="emg.session", version=version))
        if params is not None:
            question.params.Pack(params)
        return pb2.AnalyzeRequest(question=question, **flags)

    return request_for
