"""The analysis service as a process, beside a cache service as another."""

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from assaycache.analysis.v1.emg_pb2 import EmgSessionParams
from assaycache.cache.v1.cache_service_pb2 import GetCapabilitiesRequest
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.cache.v1.identity_pb2 import BlobRef
from rpc.channels import connect
from rpc.reasons import Reason
from tests.support.services import (
    PATIENCE_SECONDS,
    Service,
    analysis_service,
    analyze,
    cache_service,
    children_of,
    computations,
    ingest,
    recording,
    refusal,
    wait_for_exit,
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with cache_service(tmp_path_factory.mktemp("blobs")) as service:
        yield service


@pytest.fixture(scope="module")
def analysis(cache: Service) -> Iterator[Service]:
    with analysis_service(cache.listen) as service:
        yield service


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_a_recording_is_computed_once_and_then_answered_from_the_cache(cache: Service, analysis: Service) -> None:
    blob = ingest(cache, recording())
    before = computations(analysis)
    first, second = analyze(analysis, blob), analyze(analysis, blob)
    assert first[-1].result.entry.payload == second[-1].result.entry.payload
    assert [event.WhichOneof("event") for event in second] == ["accepted", "result"]
    assert computations(analysis) == before + 1
    assert first[-1].result.entry.compute_cost.nanos > 0


def test_a_file_that_cannot_be_analysed_is_refused_with_its_reason_and_remembered(
    cache: Service, analysis: Service
) -> None:
    blob = ingest(cache, b"no recording at all")
    before = computations(analysis)
    assert [refusal(analysis, blob).reason for _ in range(2)] == [Reason.FILE_NOT_C3D] * 2
    assert computations(analysis) == before + 1


def test_a_wrong_parameter_is_named_in_the_details(cache: Service, analysis: Service) -> None:
    error = refusal(analysis, ingest(cache, recording()), EmgSessionParams(threshold_k=-1.0))
    assert error.reason is Reason.PARAMETER_INVALID
    assert [violation.field for violation in error.violations] == ["threshold_k"]


def test_a_blob_that_the_cache_has_not_is_asked_for(analysis: Service) -> None:
    blob = BlobRef(sha256=hashlib.sha256(b"never uploaded").digest(), size_bytes=14)
    assert refusal(analysis, blob).reason is Reason.BLOB_MISSING


def test_health_is_serving_and_every_service_is_listed(analysis: Service) -> None:
    with connect(analysis.listen) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for name in ("", "assaycache.analysis.v1.AnalysisService"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=PATIENCE_SECONDS)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


def test_sigterm_ends_the_service_and_its_workers_with_0(cache: Service) -> None:
    with analysis_service(cache.listen) as service:
        workers = children_of(service.process.pid)
        assert len(workers) == 1
        assert service.stop() == 0
        wait_for_exit(workers)


def test_a_service_that_is_killed_leaves_neither_workers_nor_files(cache: Service, tmp_path: Path) -> None:
    with analysis_service(cache.listen, TMPDIR=str(tmp_path)) as service:
        analyze(service, ingest(cache, recording(seed=9)))
        workers = children_of(service.process.pid)
        service.process.kill()
        service.process.wait()
    assert len(workers) == 1
    wait_for_exit(workers)
    assert list(tmp_path.iterdir()) == []


def test_an_analysis_survives_the_death_of_the_worker(cache: Service, analysis: Service) -> None:
    (worker,) = children_of(analysis.process.pid)
    os.kill(worker, signal.SIGKILL)
    assert analyze(analysis, ingest(cache, recording(seed=5)))[-1].HasField("result")


def test_a_service_outlives_its_cache_and_tells_the_next_one_what_it_offers(tmp_path: Path, stack: ExitStack) -> None:
    with cache_service(tmp_path) as first:
        service = stack.enter_context(analysis_service(first.listen))
        blob = ingest(first, recording())
    assert refusal(service, blob).reason is Reason.CACHE_UNAVAILABLE
    with cache_service(tmp_path, first.listen) as second:
        wait_until_known(second)
        assert analyze(service, ingest(second, recording()))[-1].HasField("result")


def wait_until_known(cache: Service) -> None:
    """Wait until a cache knows a pipeline."""
    until = time.monotonic() + PATIENCE_SECONDS
    with connect(cache.listen) as channel:
        while not CacheServiceStub(channel).GetCapabilities(GetCapabilitiesRequest(), timeout=5).pipelines:
            assert time.monotonic() < until, "no pipeline was announced"
            time.sleep(0.05)


def ended_at_start(listen: str) -> tuple[int, str]:
    """Start a service that must not come up; return its exit code and what it said."""
    ended = subprocess.run(
        [sys.executable, "-m", "analysis_service"],
        env={
            **os.environ,
            "ANALYSIS_LISTEN": listen,
            "ANALYSIS_METRICS_LISTEN": "127.0.0.1:0",
            "ANALYSIS_WORKERS": "1",
        },
        capture_output=True,
        check=False,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    return ended.returncode, ended.stderr


def test_a_port_that_is_taken_ends_the_service_with_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        code, said = ended_at_start(address)
    assert code == 2
    assert address in said


def test_listening_beyond_loopback_without_protection_is_refused() -> None:
    code, said = ended_at_start("0.0.0.0:0")
    assert code == 2
    assert "TRUST_NETWORK" in said


def test_help_prints_every_setting_with_its_sentence() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "analysis_service", "--help"],
        check=True,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )
    assert "--analysis-memory-limit-bytes" in ended.stdout
    assert "How long one analysis may compute, in seconds" in " ".join(ended.stdout.split())
