"""What a worker makes of a file and a question."""

import hashlib

import numpy as np
import pytest
import zstandard

from analysis_service.service.jobs import JOBS, emg_session
from assaycache.analysis.v1.emg_pb2 import EmgSession, EmgSessionParams
from assaycache.cache.v1.entry_pb2 import ENCODING_ZSTD, Payload
from assaycache.cache.v1.identity_pb2 import BlobRef, PipelineRef, Question
from rpc.errors import InputError, Unavailable
from rpc.reasons import Reason
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis


def recording(labels: tuple[str, ...] = ("EMG 1",), unit: str = "uV") -> bytes:
    signal = Synthesis(4.0, (Burst(1.0, 2.0, 80.0),), rate_hz=1000.0, seed=1).samples_uv()
    return C3dFile(np.stack([signal]), labels, units=(unit,)).to_bytes()


def question(data: bytes, params: EmgSessionParams | None = None) -> bytes:
    asked = Question(
        blob=BlobRef(sha256=hashlib.sha256(data).digest(), size_bytes=len(data)),
        pipeline=PipelineRef(name="emg.session", version="1.0.0"),
    )
    if params is not None:
        asked.params.Pack(params)
    return asked.SerializeToString()


def run(data: bytes, arguments: bytes) -> tuple[Payload, list[str]]:
    stages: list[str] = []

    def report(stage: str, fraction: float) -> None:
        assert 0.0 <= fraction <= 1.0
        stages.append(stage)

    return Payload.FromString(emg_session(data, arguments, report)), stages


def test_the_table_names_every_pipeline() -> None:
    assert set(JOBS) == {"emg.session"}


def test_a_recording_becomes_a_compressed_result_that_names_its_digest() -> None:
    data = recording()
    payload, stages = run(data, question(data))
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
    assert run(data, question(data)) == run(data, question(data))


def test_the_parameters_are_applied() -> None:
    data = recording()
    payload, _ = run(data, question(data, EmgSessionParams(threshold_k=9.0)))
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
        run(data, question(data))
    assert refused.value.reason is reason


def test_bytes_that_are_not_those_asked_about_are_not_analysed() -> None:
    data = recording()
    with pytest.raises(Unavailable) as refused:
        run(data + b"x", question(data))
    assert refused.value.reason is Reason.BLOB_STORE_UNAVAILABLE
