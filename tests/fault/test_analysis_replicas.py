"""Whatever becomes of a replica of the analysis service: the other one answers, and answers right."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from analysis_service.emg import c3d
from analysis_service.emg.params import EmgParams
from analysis_service.emg.session import analyse
from analysis_service.service.parted import payload_of
from analysis_service.service.translate import fill
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import AnalysisServiceStub
from assaycache.analysis.v1.emg_pb2 import EmgSession
from assaycache.cache.v1 import cache_service_pb2 as cache_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.cache.v1.identity_pb2 import BlobRef, PipelineRef, Question
from rpc.channels import connect
from tests.fault.cells import Cell, chosen
from tests.fault.scale import FULL
from tests.fault.site import Site
from tests.support.long_recording import long_recording
from tests.support.processes import Service
from tests.support.services import analyze, counted, ingest

CELLS = [cell for cell in chosen(all_of_them=FULL) if cell.part == "analysis"]
HELD_SECONDS = 3.0
HEALED_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
SHORT_MINUTES, LONG_MINUTES = 0.1, 2.0

seeds = count(1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with Site(tmp_path_factory.mktemp("site"), analysis_replicas=2) as running:
        yield running


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor() as pool:
        yield pool


class Trial:
    """One recording, asked of the replica that fails and of the other one."""

    def __init__(self, site: Site, minutes: float) -> None:
        self._site = site
        self.data = long_recording(minutes, channels=8, seed=next(seeds))
        self.blob: BlobRef = ingest(site.replicas[1], self.data)
        self.question = Question(blob=self.blob, pipeline=PipelineRef(name="emg.session"))

    def analyzed(self, replica: int) -> bytes:
        """Return the digest of a replica's answer."""
        found = analyze(self._site.analyses[replica], self.blob, patience_seconds=PATIENCE_SECONDS)[-1].result
        return found.entry.payload.sha256

    def lead(self, begun: Future[None]) -> None:
        """Have the failing replica compute it, whatever comes of that; say when it is at it."""
        with connect(self._site.analyses[0].listen) as channel:
            events = AnalysisServiceStub(channel).Analyze(
                pb2.AnalyzeRequest(question=self.question), timeout=PATIENCE_SECONDS
            )
            try:
                for event in events:
                    if event.progress.parts_done and not begun.done():
                        begun.set_result(None)
            except grpc.RpcError as ended:
                if not begun.done():
                    begun.set_exception(ended)

    def right(self) -> bytes:
        """Return the digest of the right answer."""
        session = analyse(c3d.read(self.data), EmgParams(), content_sha256=self.blob.sha256.hex())
        return payload_of(fill(EmgSession(), session)).sha256

    def kept(self) -> list[Any]:
        """Return what each cache replica has."""
        return [self._looked_up(service).hit for service in self._site.replicas]

    def forget(self) -> None:
        """Invalidate all that is known of it."""
        with connect(self._site.replicas[1].listen) as channel:
            CacheServiceStub(channel).Invalidate(cache_pb2.InvalidateRequest(blob=self.blob), timeout=20)

    def _looked_up(self, service: Service) -> cache_pb2.LookupResponse:
        with connect(service.listen) as channel:
            answer: cache_pb2.LookupResponse = CacheServiceStub(channel).Lookup(
                cache_pb2.LookupRequest(question=self.question), timeout=10
            )
            return answer


def is_serving(service: Service) -> bool:
    with connect(service.listen) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=1)
        except grpc.RpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def within(seconds: float, holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.1)


def while_it_leads(site: Site, threads: ThreadPoolExecutor, trial: Trial) -> Future[None]:
    """Return, once the failing replica computes, the end of that call."""
    begun: Future[None] = Future()
    leading = threads.submit(trial.lead, begun)
    begun.result(PATIENCE_SECONDS)
    return leading


def looking_up(site: Site, threads: ThreadPoolExecutor, fault: str) -> list[Trial]:
    """What is known is answered by the other replica all the while."""
    trial = Trial(site, SHORT_MINUTES)
    right = trial.analyzed(0)
    with site.failing("analysis", fault):
        until = time.monotonic() + HELD_SECONDS
        while time.monotonic() < until:
            assert trial.analyzed(1) == right
    return [trial]


def waiting(site: Site, threads: ThreadPoolExecutor, fault: str) -> list[Trial]:
    """Who waits for what the failing replica computes gets it, from the other one."""
    trial = Trial(site, LONG_MINUTES)
    leading = while_it_leads(site, threads, trial)
    follower = threads.submit(trial.analyzed, 1)
    with site.failing("analysis", fault):
        began = time.monotonic()
        assert follower.result(PATIENCE_SECONDS) == trial.right()
        print(f"{fault}: answered {time.monotonic() - began:.1f} s after")
        kept = trial.kept()
    leading.result(PATIENCE_SECONDS)
    assert [entry.created_time for entry in trial.kept()] == [entry.created_time for entry in kept], "a late commit"
    return [trial]


def computing(site: Site, threads: ThreadPoolExecutor, fault: str) -> list[Trial]:
    """New questions to the other replica are computed and kept all the while."""
    trials = [Trial(site, SHORT_MINUTES) for _ in range(6)]
    leading = while_it_leads(site, threads, led := Trial(site, LONG_MINUTES))
    with site.failing("analysis", fault):
        assert [trial.analyzed(1) for trial in trials] == [trial.right() for trial in trials]
    leading.result(PATIENCE_SECONDS)
    return [*trials, led]


def forgetting(site: Site, threads: ThreadPoolExecutor, fault: str) -> list[Trial]:
    """What is invalidated while the failing replica computes it is not its to commit any more."""
    trial = Trial(site, LONG_MINUTES)
    leading = while_it_leads(site, threads, trial)
    with site.failing("analysis", fault):
        trial.forget()
        assert trial.analyzed(1) == trial.right()
        kept = trial.kept()
    leading.result(PATIENCE_SECONDS)
    assert [entry.created_time for entry in trial.kept()] == [entry.created_time for entry in kept], "a late commit"
    return [trial]


DURING = {"lookup": looking_up, "reserve": waiting, "commit": computing, "invalidate": forgetting}


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_the_other_replica_answers_right(site: Site, threads: ThreadPoolExecutor, cell: Cell) -> None:
    trials = DURING[cell.during](site, threads, cell.fault)
    assert is_serving(site.analyses[1])
    assert counted(site.analyses[1], "analysis_computations_total{") >= 0
    within(HEALED_SECONDS, lambda: is_serving(site.analyses[0]), "the replica does not come back")
    for trial in trials:
        assert {trial.analyzed(0), trial.analyzed(1)} == {trial.right()}
        assert {entry.payload.sha256 for entry in trial.kept()} == {trial.right()}
