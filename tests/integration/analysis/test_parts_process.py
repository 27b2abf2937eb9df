"""Sessions in parts, with real processes: what is known of a channel is not computed again."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import AnalysisServiceStub
from assaycache.analysis.v1.emg_pb2 import EmgSessionParams
from assaycache.cache.v1.cache_service_pb2 import EraseBlobRequest
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.cache.v1.identity_pb2 import PipelineRef, Question
from rpc.channels import connect
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.services import Service, analysis_service, analyze, cache_service, children_of, counted, ingest


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Service]:
    with cache_service(tmp_path) as service:
        yield service


@pytest.fixture(params=["1", "2"])
def analysis(request: pytest.FixtureRequest, cache: Service) -> Iterator[Service]:
    with analysis_service(cache.listen, ANALYSIS_WORKERS=request.param) as service:
        yield service


def recording(*seeds: int) -> bytes:
    signals = [Synthesis(6.0, (Burst(1.0, 4.0, 80.0),), rate_hz=1000.0, seed=seed).samples_uv() for seed in seeds]
    return C3dFile(np.stack(signals), tuple(f"EMG {seed}" for seed in seeds), units=("uV",) * len(seeds)).to_bytes()


def parts(analysis: Service) -> tuple[int, int]:
    """Return how many parts were computed, and how many the cache had."""
    series = 'analysis_parts_total{{origin="{}",pipeline="emg.session"}}'
    computed, cached = (counted(analysis, series.format(origin)) for origin in ("computed", "cached"))
    return int(computed), int(cached)


def last_counts(events: list[pb2.AnalyzeResponse]) -> tuple[int, int, int]:
    """Return the counts of the last progress that had any: total, done, known."""
    counted = [event.progress for event in events if event.progress.parts_total]
    return counted[-1].parts_total, counted[-1].parts_done, counted[-1].parts_known


def test_of_a_file_of_which_half_the_channels_are_known_the_other_half_is_computed(
    cache: Service, analysis: Service
) -> None:
    analyze(analysis, ingest(cache, recording(1, 2)))
    assert parts(analysis) == (2, 0)
    events = analyze(analysis, ingest(cache, recording(3, 2, 1, 4)))
    assert parts(analysis) == (4, 2)
    assert last_counts(events) == (4, 4, 2)
    assert events[-1].HasField("result")


def test_another_reference_is_scored_without_computing_a_channel(cache: Service, analysis: Service) -> None:
    blob = ingest(cache, recording(1, 2, 3))
    analyze(analysis, blob)
    events = analyze(analysis, blob, EmgSessionParams(reference_amplitude_uv=100.0, rpe=5.0))
    assert parts(analysis) == (3, 3)
    assert last_counts(events) == (3, 3, 3)


def test_what_is_known_of_a_recording_without_its_samples_is_erased_with_it(cache: Service, analysis: Service) -> None:
    blob = ingest(cache, recording(1, 2))
    analyze(analysis, blob)
    with connect(cache.listen) as channel:
        CacheServiceStub(channel).EraseBlob(EraseBlobRequest(sha256=blob.sha256), timeout=30)
    events = analyze(analysis, ingest(cache, recording(1, 2)), EmgSessionParams(rpe=5.0))
    assert "downloading" in {event.progress.stage for event in events}
    assert parts(analysis) == (4, 0)


def test_a_worker_that_dies_among_the_parts_costs_nothing_but_time(cache: Service, analysis: Service) -> None:
    blob, deaths = ingest(cache, recording(*range(10, 22))), 0
    question = Question(blob=blob, pipeline=PipelineRef(name="emg.session"))
    with connect(analysis.listen) as channel:
        events = []
        for event in AnalysisServiceStub(channel).Analyze(pb2.AnalyzeRequest(question=question), timeout=60):
            events.append(event)
            if event.progress.parts_done == 1 and not deaths:
                deaths += 1
                os.kill(children_of(analysis.process.pid)[0], signal.SIGKILL)
    assert deaths == 1
    assert events[-1].HasField("result")
    assert parts(analysis) == (12, 0)


def test_the_bits_are_the_same_with_and_without_known_parts_on_one_and_on_two_workers(
    cache: Service, tmp_path_factory: pytest.TempPathFactory
) -> None:
    data, params = recording(1, 2, 3), EmgSessionParams(reference_amplitude_uv=100.0)
    digests = set()
    for workers in ("1", "2"):
        with (
            cache_service(tmp_path_factory.mktemp("blobs")) as fresh,
            analysis_service(fresh.listen, ANALYSIS_WORKERS=workers) as analysis,
        ):
            digests.add(digest_of(analyze(analysis, ingest(fresh, data), params)))
    with analysis_service(cache.listen, ANALYSIS_WORKERS="2") as analysis:
        analyze(analysis, ingest(cache, recording(2, 1)))
        digests.add(digest_of(analyze(analysis, ingest(cache, data), params)))
        assert parts(analysis) == (3, 2)
    assert len(digests) == 1


def digest_of(events: list[pb2.AnalyzeResponse]) -> bytes:
    return events[-1].result.entry.payload.sha256
