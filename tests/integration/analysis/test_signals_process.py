"""GetSignals with real processes."""

import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from assaycache import Client, SignalKind
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import AnalysisServiceStub
from assaycache.analysis.v1.emg_pb2 import EmgSession, EmgSessionParams
from assaycache.cache.v1.identity_pb2 import BlobRef, PipelineRef, Question
from rpc.channels import connect
from rpc.errors import AssayError, NotFound
from rpc.reasons import Reason
from rpc.status import error_of
from tests.support.services import (
    PATIENCE_SECONDS,
    Service,
    analysis_service,
    cache_service,
    counted,
    ingest,
    recording,
)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with cache_service(tmp_path_factory.mktemp("blobs")) as service:
        yield service


@pytest.fixture(scope="module")
def analysis(cache: Service) -> Iterator[Service]:
    with analysis_service(cache.listen, ANALYSIS_WORKERS="2") as service:
        yield service


def signals(
    analysis: Service, blob: BlobRef, params: EmgSessionParams | None = None, **wanted: Any
) -> list[pb2.GetSignalsResponse]:
    question = Question(blob=blob, pipeline=PipelineRef(name="emg.session"))
    if params is not None:
        question.params.Pack(params)
    request = pb2.GetSignalsRequest(question=question, **wanted)
    with connect(analysis.listen) as channel:
        return list(AnalysisServiceStub(channel).GetSignals(request, timeout=PATIENCE_SECONDS))


def refusal(analysis: Service, blob: BlobRef, params: EmgSessionParams | None = None, **wanted: Any) -> AssayError:
    with pytest.raises(grpc.RpcError) as refused:
        signals(analysis, blob, params, **wanted)
    return error_of(refused.value, "the analysis service")


def test_every_channel_is_shown_raw_filtered_and_as_its_envelope(cache: Service, analysis: Service) -> None:
    found = signals(analysis, ingest(cache, recording()))
    kinds = (pb2.SIGNAL_KIND_RAW, pb2.SIGNAL_KIND_FILTERED, pb2.SIGNAL_KIND_ENVELOPE)
    assert [(one.label, one.kind) for one in found] == [(label, kind) for label in ("EMG 1", "EMG 2") for kind in kinds]
    assert {len(one.time_ms) for one in found} == {4000}
    assert [one.HasField("threshold_uv") for one in found] == [False, False, True] * 2


def test_points_channels_and_the_stretch_are_as_asked(cache: Service, analysis: Service) -> None:
    found = signals(
        analysis,
        ingest(cache, recording()),
        labels=["EMG 2"],
        start=Duration(seconds=1),
        length=Duration(nanos=500_000_000),
        max_points=50,
    )
    assert {one.label for one in found} == {"EMG 2"}
    for one in found:
        assert len(one.time_ms) == len(one.minimum_uv) == len(one.maximum_uv) == 50
        assert (one.time_ms[0], one.time_ms[-1]) == (1000.0, 1490.0)


def test_the_marks_are_those_of_the_result(cache: Service, analysis: Service) -> None:
    data = recording(seed=4)
    with Client.connect(cache.listen, analysis.listen) as client:
        shown = client.signals(data, params={"threshold_k": 6.0}, labels=["EMG 1"])
        result = client.analyze(data, params={"threshold_k": 6.0}).result
    assert isinstance(result, EmgSession)
    features = result.channels[0].features
    assert [one.kind for one in shown] == list(SignalKind)
    assert shown[0].contractions_ms == tuple((one.onset_ms, one.offset_ms) for one in features.contractions)
    assert shown[2].threshold_uv == features.baseline.threshold_uv


def test_a_job_has_the_signals_of_its_question(cache: Service, analysis: Service) -> None:
    data, params = recording(seed=5), {"threshold_k": 6.0, "channels": ["EMG 2"]}
    with Client.connect(cache.listen, analysis.listen) as client:
        job_id = client.analyze(data, params=params).job_id
        wanted: dict[str, Any] = {"start_seconds": 0.5, "length_seconds": 1.0, "max_points": 40}
        shown = client.job_signals(job_id, **wanted)
        assert shown == client.signals(data, params=params, **wanted)
        assert {one.label for one in shown} == {"EMG 2"}
        with pytest.raises(NotFound):
            client.job_signals("00000000-0000-5000-8000-000000000000")


def test_nothing_is_computed_or_kept_as_a_job(cache: Service, analysis: Service) -> None:
    before = counted(analysis, "analysis_computations_total{")
    signals(analysis, ingest(cache, recording(seed=8)))
    assert counted(analysis, "analysis_computations_total{") == before


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({"labels": ["EMG 1", "EMG 9"]}, "labels"),
        ({"start": Duration(seconds=4)}, "start"),
        ({"start": Duration(seconds=-1)}, "start"),
        ({"length": Duration()}, "length"),
        ({"max_points": 100_001}, "max_points"),
    ],
)
def test_what_cannot_be_shown_is_refused_by_name(
    cache: Service, analysis: Service, wanted: dict[str, Any], field: str
) -> None:
    error = refusal(analysis, ingest(cache, recording()), **wanted)
    assert error.reason is Reason.FIELD_INVALID
    assert [violation.field for violation in error.violations] == [field]


@pytest.mark.parametrize("params", [EmgSessionParams(threshold_k=-1.0), EmgSessionParams(profile="EMG_PROFILE_COMPAT")])
def test_parameters_that_do_not_fit_are_refused(cache: Service, analysis: Service, params: EmgSessionParams) -> None:
    assert refusal(analysis, ingest(cache, recording()), params).reason is Reason.PARAMETER_INVALID


def test_a_file_that_is_no_recording_is_refused_with_its_reason(cache: Service, analysis: Service) -> None:
    assert refusal(analysis, ingest(cache, b"no recording")).reason is Reason.FILE_NOT_C3D


def test_a_blob_that_the_cache_has_not_is_asked_for(analysis: Service) -> None:
    blob = BlobRef(sha256=hashlib.sha256(b"never uploaded").digest(), size_bytes=14)
    assert refusal(analysis, blob).reason is Reason.BLOB_MISSING


def test_without_a_cache_there_are_no_signals(tmp_path: Path) -> None:
    with ExitStack() as stack:
        with cache_service(tmp_path) as gone:
            service = stack.enter_context(analysis_service(gone.listen))
            blob = ingest(gone, recording())
        assert refusal(service, blob).reason is Reason.CACHE_UNAVAILABLE
