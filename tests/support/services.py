"""Both services as processes, and what tests ask of them."""

import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest

from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import AnalysisServiceStub
from assaycache.analysis.v1.emg_pb2 import EmgSessionParams
from assaycache.cache.v1.cache_service_pb2 import IngestHeader, IngestRequest
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.cache.v1.identity_pb2 import BlobRef, PipelineRef, Question
from rpc.channels import CHUNK_BYTES, connect
from rpc.errors import AssayError
from rpc.status import error_of
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.processes import PATIENCE_SECONDS, Service


@contextmanager
def cache_service(folder: Path, listen: str = "127.0.0.1:0") -> Iterator[Service]:
    service = Service(
        "cache_service",
        CACHE_LISTEN=listen,
        CACHE_METRICS_LISTEN="127.0.0.1:0",
        USE_DATABASE="false",
        REDIS_URL="",
        BLOB_URL=f"file://{folder}",
    )
    try:
        yield service
    finally:
        service.stop()


@contextmanager
def analysis_service(cache_address: str, **settings: str) -> Iterator[Service]:
    service = Service(
        "analysis_service",
        ANALYSIS_LISTEN="127.0.0.1:0",
        ANALYSIS_METRICS_LISTEN="127.0.0.1:0",
        ANNOUNCE_SECONDS="0.2",
        CACHE_ADDRESS=cache_address,
        **{"ANALYSIS_WORKERS": "1", **settings},
    )
    try:
        yield service
    finally:
        service.stop()


def recording(seed: int = 1) -> bytes:
    signals = [
        Synthesis(4.0, (Burst(1.0, 2.0, 80.0),), rate_hz=1000.0, seed=seed + offset).samples_uv() for offset in range(2)
    ]
    return C3dFile(np.stack(signals), ("EMG 1", "EMG 2"), units=("uV", "uV")).to_bytes()


def ingest(cache: Service, data: bytes) -> BlobRef:
    with connect(cache.listen) as channel:
        chunks = [data[start : start + CHUNK_BYTES] for start in range(0, len(data), CHUNK_BYTES)]
        messages = [IngestRequest(header=IngestHeader()), *(IngestRequest(chunk=chunk) for chunk in chunks)]
        return CacheServiceStub(channel).Ingest(iter(messages), timeout=PATIENCE_SECONDS).blob


def analyze(
    analysis: Service, blob: BlobRef, params: EmgSessionParams | None = None, patience_seconds: float = PATIENCE_SECONDS
) -> list[pb2.AnalyzeResponse]:
    question = Question(blob=blob, pipeline=PipelineRef(name="emg.session"))
    if params is not None:
        question.params.Pack(params)
    with connect(analysis.listen) as channel:
        return list(
            AnalysisServiceStub(channel).Analyze(pb2.AnalyzeRequest(question=question), timeout=patience_seconds)
        )


def refusal(analysis: Service, blob: BlobRef, params: EmgSessionParams | None = None) -> AssayError:
    with pytest.raises(grpc.RpcError) as refused:
        analyze(analysis, blob, params)
    return error_of(refused.value, "the analysis service")


def counted(analysis: Service, series: str) -> float:
    """Return the sum of the counters whose name and labels begin so."""
    with urllib.request.urlopen(f"http://{analysis.metrics}/metrics") as page:
        lines = page.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith(series))


def computations(analysis: Service) -> float:
    return counted(analysis, "analysis_computations_total{")


def children_of(process: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if int(parent) == process and state != "Z":
            found.append(int(status.parent.name))
    return found


def wait_for_exit(processes: list[int]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while any(Path(f"/proc/{process}").exists() for process in processes):
        assert time.monotonic() < until, "a process is still there"
        time.sleep(0.02)
