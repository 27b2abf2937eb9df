"""What the workers make of a recording and a question, step by step."""

import hashlib
import tempfile
from typing import Any, BinaryIO

import numpy as np
import pytest
import zstandard
from prometheus_client import CollectorRegistry

from analysis_service.emg import c3d, session
from analysis_service.emg.params import EmgParams, EmgRateSource, ParameterScope, describe
from analysis_service.metrics import ComputationMetrics
from analysis_service.pipelines import EMG_SESSION
from analysis_service.service.computation import Assignment, Computation, Source
from analysis_service.service.emg_steps import channel_params, outline_params
from analysis_service.service.jobs import JOBS
from analysis_service.service.parted import payload_of
from analysis_service.service.tasks import Tasks
from analysis_service.service.translate import fill
from analysis_service.workers.pool import Progress
from assaycache.analysis.v1.emg_pb2 import EmgChannelParams, EmgOutline, EmgSession, EmgSessionParams
from assaycache.cache.v1.entry_pb2 import ENCODING_ZSTD, Payload
from assaycache.cache.v1.identity_pb2 import BlobRef, Identity, PipelineRef, Question
from rpc.errors import InputError, Unavailable
from rpc.reasons import Reason
from tests.support.c3d_writer import C3dFile
from tests.support.cache_standin import CacheStandIn
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.job_pool import JobPool


def recording(labels: tuple[str, ...] = ("EMG 1",), unit: str = "uV") -> bytes:
    signal = Synthesis(4.0, (Burst(1.0, 2.0, 80.0),), rate_hz=1000.0, seed=1).samples_uv()
    return C3dFile(np.stack([signal]), labels, units=(unit,)).to_bytes()


class Workers:
    """Computes sessions; what was computed of single channels stays in the cache."""

    def __init__(self) -> None:
        self.cache = CacheStandIn()
        self.pool = JobPool(JOBS)
        self.metrics = ComputationMetrics(CollectorRegistry())

    def run(self, data: bytes, params: EmgSessionParams | None = None, held: bytes | None = None) -> Payload:
        """Analyse; the tasks that ran are in `pool.ran`, the stages in `stages`."""
        self.pool.ran.clear()
        self.stages: list[str] = []
        self.fetched = 0
        asked = Question(
            blob=BlobRef(sha256=hashlib.sha256(data).digest(), size_bytes=len(data)),
            pipeline=PipelineRef(name="emg.session", version="1.0.0"),
        )
        if params is not None:
            asked.params.Pack(params)
        assignment = Assignment(asked, Identity(namespace="default"), EMG_SESSION, b"token")
        tasks = Tasks(self.pool)
        computation = Computation(assignment, self.cache, tasks, self.metrics, self._hear, lambda: None)

        def fetch(file: BinaryIO) -> None:
            self.fetched += 1
            file.write(data if held is None else held)

        with tempfile.TemporaryFile() as file:
            return computation.payload(Source(file, fetch))

    @property
    def computed(self) -> int:
        return self.pool.count("emg.session:compute")

    def _hear(self, event: Any) -> None:
        if isinstance(event, Progress):
            assert 0.0 <= event.fraction <= 1.0
            self.stages.append(event.stage)


def session_in(payload: Payload) -> EmgSession:
    return EmgSession.FromString(zstandard.ZstdDecompressor().decompress(payload.data))


def run(data: bytes, params: EmgSessionParams | None = None, held: bytes | None = None) -> tuple[Payload, list[str]]:
    workers = Workers()
    return workers.run(data, params, held), workers.stages


def test_the_table_names_every_step_of_every_pipeline() -> None:
    steps = ("prepare", "recall", "compute", "assemble", "channels", "signals")
    of_sequences = ("prepare", "compute", "assemble", "compare")
    assert set(JOBS) == {
        *(f"emg.session:{step}" for step in steps),
        *(f"sequence.taxonomy:{step}" for step in of_sequences),
        "reference:build",
        "reference:warm",
    }


def test_a_recording_becomes_a_compressed_result_that_names_its_digest() -> None:
    data = recording()
    payload, stages = run(data)
    plain = zstandard.ZstdDecompressor().decompress(payload.data)
    assert payload.encoding == ENCODING_ZSTD
    assert payload.sha256 == hashlib.sha256(plain).digest()
    assert payload.uncompressed_size_bytes == len(plain)
    assert payload.message_type == "assaycache.analysis.v1.EmgSession"
    session = EmgSession.FromString(plain)
    assert [channel.label for channel in session.channels] == ["EMG 1"]
    assert session.provenance.content_sha256 == hashlib.sha256(data).hexdigest()
    assert "channels" in stages


def test_the_same_question_has_the_same_bytes() -> None:
    data = recording()
    assert run(data) == run(data)


def test_the_parameters_are_applied() -> None:
    data = recording()
    payload, _ = run(data, EmgSessionParams(threshold_k=9.0))
    session = EmgSession.FromString(zstandard.ZstdDecompressor().decompress(payload.data))
    assert session.provenance.params.threshold_k == 9.0


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.FILE_EMPTY),
        (b"no recording", Reason.FILE_NOT_C3D),
        (recording(("Force",), "N"), Reason.FILE_NO_EMG),
    ],
)
def test_a_file_that_cannot_be_analysed_has_a_reason(data: bytes, reason: Reason) -> None:
    with pytest.raises(InputError) as refused:
        run(data)
    assert refused.value.reason is reason


def test_bytes_that_are_not_those_asked_about_are_not_analysed() -> None:
    data = recording()
    with pytest.raises(Unavailable) as refused:
        run(data, held=data + b"x")
    assert refused.value.reason is Reason.BLOB_STORE_UNAVAILABLE


def channels(*seeds: int, rate_hz: float = 1000.0, hum_hz: float = 0.0) -> bytes:
    times = np.arange(8000) / 1000.0
    hum = sum(12.0 * np.sin(2 * np.pi * hum_hz * k * times) for k in (1, 3, 5)) if hum_hz else 0.0
    signals = [Synthesis(8.0, (Burst(2.0, 5.0, 80.0),), rate_hz=1000.0, seed=seed).samples_uv() + hum for seed in seeds]
    labels = tuple(f"EMG {seed}" for seed in seeds)
    return C3dFile(np.stack(signals), labels, units=("uV",) * len(seeds), rate_hz=rate_hz).to_bytes()


def test_the_result_is_that_of_an_analysis_in_one_go() -> None:
    data = channels(1, 2, 3)
    params = EmgParams(threshold_k=6.0, reference_amplitude_uv=120.0)
    whole = session.analyse(c3d.read(data), params, content_sha256=hashlib.sha256(data).hexdigest())
    payload, _ = run(data, EmgSessionParams(threshold_k=6.0, reference_amplitude_uv=120.0))
    assert session_in(payload) == fill(EmgSession(), whole)


@pytest.mark.parametrize(
    "params",
    [
        EmgSessionParams(reference_amplitude_uv=100.0),
        EmgSessionParams(target_intensity_percent=50.0, target_duration_ms=500.0),
        EmgSessionParams(weight_compliance=0.25, weight_symmetry=0.25, weight_effort=0.25, weight_game=0.25),
        EmgSessionParams(rpe=6.0),
    ],
)
def test_another_reference_target_weight_or_rpe_filters_nothing(params: EmgSessionParams) -> None:
    workers, data = Workers(), channels(1, 2)
    workers.run(data)
    assert workers.computed == 2
    again = workers.run(data, params)
    assert workers.computed == 0
    assert again == Workers().run(data, params), "the same bits as without any known part"


def pair() -> bytes:
    """A raw channel with its pre-processed one."""
    raw = Synthesis(4.0, (Burst(1.0, 2.0, 80.0),), rate_hz=1000.0, seed=1).samples_uv()
    return C3dFile(np.stack([raw, np.abs(raw)]), ("CH1 Raw", "CH1 activated"), units=("uV", "uV")).to_bytes()


@pytest.mark.parametrize("data", [recording(), pair()])
def test_scoring_anew_fetches_no_recording(data: bytes) -> None:
    workers, params = Workers(), EmgSessionParams(rpe=6.0, reference_amplitude_uv=100.0)
    workers.run(data)
    assert workers.fetched == 1
    again = workers.run(data, params)
    assert workers.fetched == 0
    assert [task.job for task in workers.pool.ran] == ["emg.session:recall", "emg.session:assemble"]
    assert again == Workers().run(data, params)


def test_a_known_outline_without_its_channels_costs_a_download_that_is_verified() -> None:
    workers, data, params = Workers(), channels(1, 2), EmgSessionParams(low_cut_hz=30.0)
    workers.run(data)
    with pytest.raises(Unavailable) as refused:
        workers.run(data, params, held=data + b"x")
    assert refused.value.reason is Reason.BLOB_STORE_UNAVAILABLE
    assert workers.run(data, params) == Workers().run(data, params)
    assert (workers.fetched, workers.computed) == (1, 2)


@pytest.mark.parametrize(
    "params",
    [
        EmgSessionParams(rate_source="EMG_RATE_SOURCE_ESTIMATED"),
        EmgSessionParams(include_file_parameters=True),
        EmgSessionParams(antagonists=[{"first": "EMG 1", "second": "EMG 2"}]),
    ],
)
def test_what_needs_the_recording_itself_reads_it(params: EmgSessionParams) -> None:
    workers, data = Workers(), channels(1, 2)
    workers.run(data)
    assert workers.run(data, params) == Workers().run(data, params)
    assert workers.fetched == 1


def test_an_outline_that_cannot_be_read_is_made_anew() -> None:
    workers, data = Workers(), channels(1, 2)
    expected = workers.run(data)
    (key,) = [key for key in workers.cache.parts if key[0] == "emg.outline"]
    sound = workers.cache.parts[key]
    for damaged in (Payload(), payload_of(EmgOutline()), Payload(data=b"no zstd", encoding=ENCODING_ZSTD)):
        workers.cache.parts[key] = damaged
        assert workers.run(data) == expected
        assert (workers.fetched, workers.computed) == (1, 0)
        assert workers.cache.parts[key] == sound


def test_an_outline_depends_on_which_channels_are_asked_for_and_on_how_activity_is_found() -> None:
    changed = EmgParams(reference_amplitude_uv=100.0, channels=("EMG 1",), threshold_k=7.0, merge_gap_ms=50.0)
    assert outline_params(changed) == EmgParams(channels=("EMG 1",), merge_gap_ms=50.0)
    workers, data = Workers(), channels(1, 2)
    workers.run(data)
    workers.run(data, EmgSessionParams(channels=["EMG 1"]))
    assert (workers.fetched, workers.computed) == (1, 0)


def test_another_parameter_of_the_signal_path_computes_every_channel() -> None:
    workers, data = Workers(), channels(1, 2)
    workers.run(data)
    workers.run(data, EmgSessionParams(low_cut_hz=30.0))
    assert workers.computed == 2


def test_of_a_file_of_which_half_the_channels_are_known_the_other_half_is_computed() -> None:
    workers = Workers()
    workers.run(channels(1, 2))
    data = channels(3, 2, 4, 1)
    assert workers.run(data) == Workers().run(data)
    workers.run(data)
    assert workers.computed == 0


def test_samples_at_another_rate_are_another_part() -> None:
    workers = Workers()
    workers.run(channels(1))
    workers.run(channels(1, rate_hz=990.0))
    assert workers.computed == 1


def test_where_mains_lines_call_for_another_rate_every_channel_is_computed_at_both_and_kept() -> None:
    workers, params = Workers(), EmgSessionParams(rate_source="EMG_RATE_SOURCE_ESTIMATED")
    data = channels(1, 2, rate_hz=990.0, hum_hz=50.0)
    payload = workers.run(data, params)
    assert workers.computed == 4
    assert session_in(payload).rate.used_hz == pytest.approx(1000.0, abs=0.5)
    assert workers.run(data, params) == payload
    assert workers.computed == 0
    pure = session.analyse(
        c3d.read(data), EmgParams(rate_source=EmgRateSource.ESTIMATED), content_sha256=hashlib.sha256(data).hexdigest()
    )
    assert session_in(payload) == fill(EmgSession(), pure)


def test_the_earlier_analyzers_profile_has_no_parts() -> None:
    workers = Workers()
    signal = Synthesis(12.0, (Burst(2.0, 5.0, 80.0),), rate_hz=1000.0, seed=1).samples_uv()
    data = C3dFile(np.stack([signal]), ("EMG 1",), units=("uV",)).to_bytes()
    payload = workers.run(data, EmgSessionParams(profile="EMG_PROFILE_COMPAT"))
    assert session_in(payload).compat.channels[0].label == "EMG 1"
    assert [task.job for task in workers.pool.ran] == ["emg.session:prepare"]


def test_a_part_depends_on_every_parameter_of_the_signal_path_and_on_no_other() -> None:
    of_the_signal = [one.name for one in describe() if one.scope is ParameterScope.SIGNAL and one.name != "profile"]
    assert [field.name for field in EmgChannelParams.DESCRIPTOR.fields] == of_the_signal
    changed = EmgParams(reference_amplitude_uv=100.0, channels=("EMG 1",), rpe=3.0, threshold_k=7.0)
    assert channel_params(changed) == EmgParams(threshold_k=7.0)
