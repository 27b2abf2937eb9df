"""What the client asks, in which order, and what it makes of the answers."""

import hashlib
import io
from pathlib import Path
from typing import Any

import grpc
import pytest

import assaycache
from assaycache import (
    Durability,
    FailedPrecondition,
    InputError,
    Internal,
    InvalidArgument,
    NotBuilt,
    Reason,
    Tier,
    Unavailable,
)
from assaycache.analysis.v1 import analysis_service_pb2, emg_pb2
from assaycache.cache.v1 import cache_service_pb2, entry_pb2, identity_pb2
from assaycache.errors.v1 import errors_pb2
from rpc.channels import CHUNK_BYTES
from tests.unit.client.client_services import JOB_ID, SECONDS, SESSION, Services, computed, entry, hit, miss, payload

BLOB_MISSING = FailedPrecondition(Reason.BLOB_MISSING, "Upload it.")


def test_a_hit_costs_one_call_and_uploads_nothing(services: Services) -> None:
    answer = services.analyze(b"recording", file_name="a.c3d")
    asked = services.unary("Lookup", hit())
    analysis = answer.result(SECONDS)
    assert asked.question.blob.sha256 == hashlib.sha256(b"recording").digest()
    assert asked.question.blob.size_bytes == len(b"recording")
    assert asked.question.pipeline.name == "emg.session"
    assert not asked.question.HasField("params")
    assert asked.submission.file_name == "a.c3d"
    assert analysis.result == SESSION
    assert (analysis.job_id, analysis.cached, analysis.tier, analysis.durability) == (JOB_ID, True, Tier.MEMORY, None)
    assert analysis.compute_seconds == 1.5


def test_a_miss_uploads_the_bytes_once_and_waits_for_the_result(services: Services) -> None:
    content = bytes(range(256)) * 5000
    answer = services.analyze(content)
    services.unary("Lookup", miss(blob_present=False))
    messages = services.upload()
    services.stream("Analyze", computed())
    analysis = answer.result(SECONDS)
    assert messages[0].header.claimed_sha256 == hashlib.sha256(content).digest()
    assert messages[0].header.claimed_size_bytes == len(content)
    assert b"".join(message.chunk for message in messages) == content
    assert max(len(message.chunk) for message in messages) <= CHUNK_BYTES
    assert (analysis.cached, analysis.tier, analysis.durability) == (False, Tier.COMPUTED, Durability.DURABLE)


def test_a_blob_that_is_there_is_not_uploaded(services: Services) -> None:
    answer = services.analyze()
    services.unary("Lookup", miss(blob_present=True))
    asked = services.stream("Analyze", computed())
    assert answer.result(SECONDS).job_id == JOB_ID
    assert asked.question.blob.sha256 == hashlib.sha256(b"recording").digest()


def test_a_blob_that_has_gone_meanwhile_is_uploaded_and_asked_again(services: Services) -> None:
    answer = services.analyze()
    services.unary("Lookup", miss(blob_present=True))
    services.stream("Analyze", error=BLOB_MISSING)
    services.upload()
    services.stream("Analyze", computed())
    assert answer.result(SECONDS).tier is Tier.COMPUTED


def test_a_blob_that_goes_twice_is_an_error(services: Services) -> None:
    answer = services.analyze()
    services.unary("Lookup", miss(blob_present=False))
    services.upload()
    services.stream("Analyze", error=BLOB_MISSING)
    services.upload()
    services.stream("Analyze", error=BLOB_MISSING)
    with pytest.raises(FailedPrecondition) as raised:
        answer.result(SECONDS)
    assert raised.value.reason is Reason.BLOB_MISSING


def test_progress_is_told_step_by_step(services: Services) -> None:
    events: list[assaycache.Event] = []
    answer = services.analyze(progress=events.append)
    services.unary("Lookup", miss(blob_present=False))
    services.upload()
    response = analysis_service_pb2.AnalyzeResponse
    services.stream(
        "Analyze",
        response(accepted=analysis_service_pb2.Accepted()),
        response(queued=analysis_service_pb2.Queued(position=2, joined=True)),
        response(progress=entry_pb2.Progress(stage="filtering", fraction=0.25)),
        computed(),
    )
    answer.result(SECONDS)
    assert [event.stage for event in events] == [
        *("hashing", "looking up", "uploading", "uploading"),
        *("accepted", "queued", "filtering"),
    ]
    assert events[3].fraction == 1.0
    assert (events[5].queue_position, events[5].joined) == (2, True)
    assert events[6].fraction == 0.25


def test_an_error_in_the_callers_progress_comes_out(services: Services) -> None:
    def refuse(event: assaycache.Event) -> None:
        if event.stage == "uploading":
            raise RuntimeError("enough")

    answer = services.analyze(progress=refuse)
    services.unary("Lookup", miss(blob_present=False))
    with pytest.raises(RuntimeError, match="enough"):
        answer.result(SECONDS)


def _failure(reason: int = errors_pb2.ERROR_REASON_FILE_NO_EMG) -> cache_service_pb2.LookupResponse:
    violation = entry_pb2.FieldViolation(field="threshold_k", description="too small")
    failure = entry_pb2.Failure(reason=reason, message="No EMG in it.", violations=[violation])
    return cache_service_pb2.LookupResponse(failure=failure)


def test_a_remembered_failure_is_raised_as_an_input_error(services: Services) -> None:
    answer = services.analyze()
    services.unary("Lookup", _failure())
    with pytest.raises(InputError, match="No EMG in it") as raised:
        answer.result(SECONDS)
    assert raised.value.reason is Reason.FILE_NO_EMG


def test_a_remembered_bad_parameter_is_no_fault_of_the_file(services: Services) -> None:
    answer = services.analyze()
    services.unary("Lookup", _failure(errors_pb2.ERROR_REASON_PARAMETER_INVALID))
    with pytest.raises(InvalidArgument) as raised:
        answer.result(SECONDS)
    assert not isinstance(raised.value, InputError)
    assert raised.value.violations[0].field == "threshold_k"


def test_retry_failed_asks_again_in_spite_of_a_remembered_failure(services: Services) -> None:
    answer = services.analyze(retry_failed=True)
    services.unary("Lookup", _failure())
    asked = services.stream("Analyze", computed())
    assert asked.retry_failed
    assert answer.result(SECONDS).tier is Tier.COMPUTED


def test_a_file_at_fault_is_an_input_error_with_its_details(services: Services) -> None:
    error = InvalidArgument(Reason.FILE_TRUNCATED, "Half of it is missing.", metadata={"present_frames": "411"})
    answer = services.analyze()
    services.unary("Lookup", miss(blob_present=True))
    services.stream("Analyze", error=error)
    with pytest.raises(InputError, match="Half of it") as raised:
        answer.result(SECONDS)
    assert raised.value.reason is Reason.FILE_TRUNCATED
    assert raised.value.metadata == {"present_frames": "411"}


def test_a_refused_upload_says_why(services: Services) -> None:
    answer = services.analyze()
    services.unary("Lookup", miss(blob_present=False))
    services.upload(InvalidArgument(Reason.BLOB_TOO_LARGE, "Too large.", metadata={"limit_bytes": "5"}))
    with pytest.raises(InvalidArgument) as raised:
        answer.result(SECONDS)
    assert raised.value.reason is Reason.BLOB_TOO_LARGE


def test_a_cache_that_is_away_is_named(services: Services) -> None:
    answer = services.analyze()
    services.unary("Lookup", grpc.StatusCode.UNAVAILABLE)
    with pytest.raises(Unavailable, match="cache service") as raised:
        answer.result(SECONDS)
    assert raised.value.reason is Reason.CACHE_UNAVAILABLE


def test_a_stream_that_ends_without_a_result_is_an_error(services: Services) -> None:
    answer = services.analyze()
    services.unary("Lookup", miss(blob_present=True))
    services.stream("Analyze")
    with pytest.raises(Internal, match="without a result"):
        answer.result(SECONDS)


def test_all_calls_of_one_analysis_carry_one_request_id(services: Services) -> None:
    for _ in range(2):
        answer = services.analyze()
        services.unary("Lookup", miss(blob_present=True))
        services.stream("Analyze", computed())
        answer.result(SECONDS)
    identifiers = [dict(metadata)["x-request-id"] for metadata in services.metadata]
    assert identifiers[0] == identifiers[1] != identifiers[2] == identifiers[3]


def test_params_travel_as_the_pipelines_own_message(services: Services) -> None:
    answer = services.analyze(params={"threshold_k": 4.0, "channels": ["EMG1"]})
    question = services.unary("Lookup", hit()).question
    answer.result(SECONDS)
    params = emg_pb2.EmgSessionParams()
    assert question.params.Unpack(params)
    assert params == emg_pb2.EmgSessionParams(threshold_k=4.0, channels=["EMG1"])


def test_a_params_message_travels_as_it_is(services: Services) -> None:
    answer = services.analyze(params=emg_pb2.EmgSessionParams(filter_order=4))
    question = services.unary("Lookup", hit()).question
    answer.result(SECONDS)
    params = emg_pb2.EmgSessionParams()
    assert question.params.Unpack(params)
    assert params.filter_order == 4


def test_metadata_and_uploader_travel_with_the_submission(services: Services) -> None:
    answer = services.analyze(uploader="lab 3", metadata={"patient": "P042", "visit": 2})
    submission = services.unary("Lookup", hit()).submission
    answer.result(SECONDS)
    assert submission.uploader == "lab 3"
    assert dict(submission.metadata) == {"patient": "P042", "visit": 2}


def test_metadata_that_json_does_not_know_is_refused_before_any_call(services: Services) -> None:
    with pytest.raises(InvalidArgument) as raised:
        services.client.analyze(b"x", metadata={"when": object()})
    assert raised.value.reason is Reason.METADATA_INVALID


def test_an_unknown_pipeline_with_params_gets_a_hint(services: Services) -> None:
    with pytest.raises(InvalidArgument, match=r"did you mean 'emg\.session'") as raised:
        services.client.analyze(b"x", pipeline="emg.sesion", params={"threshold_k": 4.0})
    assert raised.value.reason is Reason.PIPELINE_UNKNOWN


def test_an_empty_file_is_refused_before_any_call(services: Services) -> None:
    with pytest.raises(InputError) as raised:
        services.client.analyze(b"")
    assert raised.value.reason is Reason.FILE_EMPTY


def test_a_path_gives_its_own_name(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "session 3.c3d"
    path.write_bytes(b"recording")
    answer = services.analyze(path)
    assert services.unary("Lookup", hit()).submission.file_name == "session 3.c3d"
    assert answer.result(SECONDS).file_name == "session 3.c3d"


def test_an_open_file_is_read_from_its_start(services: Services) -> None:
    file = io.BytesIO(b"recording")
    file.seek(4)
    answer = services.analyze(file)
    asked = services.unary("Lookup", miss(blob_present=False))
    assert asked.question.blob.sha256 == hashlib.sha256(b"recording").digest()
    assert services.upload()[1].chunk == b"recording"
    services.stream("Analyze", computed())
    answer.result(SECONDS)


class Pipe(io.BytesIO):
    """A file that cannot be read twice."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation("seek")


def test_a_pipe_is_copied_to_be_read_twice(services: Services) -> None:
    answer = services.analyze(Pipe(b"recording"))
    services.unary("Lookup", miss(blob_present=False))
    assert services.upload()[1].chunk == b"recording"
    services.stream("Analyze", computed())
    answer.result(SECONDS)


def test_a_file_of_text_is_refused(services: Services) -> None:
    with pytest.raises(TypeError, match="binary"):
        services.client.analyze(io.StringIO("text"))  # type: ignore[arg-type]  # what the test is about


class Breaking(io.BytesIO):
    """A file whose disk fails when it is read the second time."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self._hashed = False

    def read(self, size: int | None = -1) -> bytes:
        if size and self._hashed:
            raise OSError("the disk is gone")
        return super().read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        self._hashed = self._hashed or whence == io.SEEK_END
        return super().seek(offset, whence)


def test_a_file_that_breaks_while_it_is_uploaded_is_the_callers_own_error(services: Services) -> None:
    answer = services.analyze(Breaking(b"recording"))
    services.unary("Lookup", miss(blob_present=False))
    with pytest.raises(OSError, match="the disk is gone"):
        answer.result(SECONDS)


def test_a_large_result_is_downloaded(services: Services) -> None:
    whole = payload()
    blob = identity_pb2.BlobRef(sha256=hashlib.sha256(whole.data).digest(), size_bytes=len(whole.data))
    elsewhere = entry_pb2.Payload()
    elsewhere.CopyFrom(whole)
    elsewhere.data, half = b"", len(whole.data) // 2
    elsewhere.blob.CopyFrom(blob)
    answer = services.analyze()
    services.unary("Lookup", hit(payload=elsewhere))
    response = cache_service_pb2.DownloadResponse
    asked = services.stream(
        "Download",
        response(size_bytes=len(whole.data)),
        response(chunk=whole.data[:half]),
        response(chunk=whole.data[half:]),
    )
    assert asked.blob == blob
    assert answer.result(SECONDS).result == SESSION


@pytest.mark.parametrize(
    "damage",
    [
        {"data": b"not zstandard"},
        {"sha256": bytes(32)},
        {"uncompressed_size_bytes": 999},
        {"encoding": entry_pb2.ENCODING_UNSPECIFIED},
    ],
    ids=lambda damage: next(iter(damage)),
)
def test_a_damaged_result_is_never_handed_out(services: Services, damage: dict[str, Any]) -> None:
    broken = payload()
    for field, value in damage.items():
        setattr(broken, field, value)
    answer = services.analyze()
    services.unary("Lookup", cache_service_pb2.LookupResponse(hit=entry(payload=broken)))
    with pytest.raises(Internal) as raised:
        answer.result(SECONDS)
    assert raised.value.reason is Reason.PAYLOAD_INVALID


def test_a_result_of_a_newer_kind_is_said_to_be_one(services: Services) -> None:
    newer = payload()
    newer.message_type = "assaycache.analysis.v2.Whatever"
    answer = services.analyze()
    services.unary("Lookup", hit(payload=newer))
    with pytest.raises(NotBuilt, match="Whatever"):
        answer.result(SECONDS)
