"""Messages become JSON as frontends read it, and JSON becomes params."""

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from assaycache.analysis.v1 import analysis_service_pb2, emg_pb2
from assaycache.cache.v1 import cache_service_pb2, entry_pb2, identity_pb2, jobs_pb2
from gateway.protojson import fill, json_of
from rpc.errors import InvalidArgument
from rpc.reasons import Reason


def test_names_are_the_contracts_and_large_integers_are_numbers() -> None:
    blob = identity_pb2.BlobRef(sha256=b"\x01\xff", size_bytes=2**63)
    assert json_of(blob) == {"sha256": "01ff", "size_bytes": 2**63}


def test_enums_are_short_and_what_is_not_said_is_null() -> None:
    shown = json_of(jobs_pb2.Job(status=jobs_pb2.JOB_STATUS_SUCCEEDED))
    assert shown["status"] == "succeeded"
    assert shown["failure"] is None
    assert shown["submissions"] == []
    assert json_of(jobs_pb2.Job())["status"] is None


def test_an_enum_value_of_a_later_version_is_shown_by_its_number() -> None:
    job = jobs_pb2.Job()
    job.ParseFromString(b"\x10\x63")  # field 2, value 99
    assert json_of(job)["status"] == "99"


def test_an_absent_optional_is_null_and_a_present_zero_is_zero() -> None:
    assert json_of(emg_pb2.EmgContraction())["mean_percent"] is None
    assert json_of(emg_pb2.EmgContraction(mean_percent=0))["mean_percent"] == 0
    assert json_of(emg_pb2.EmgContraction(meets_intensity=False))["meets_intensity"] is False


def test_times_are_iso_and_durations_are_seconds() -> None:
    shown = json_of(
        entry_pb2.Entry(created_time=Timestamp(seconds=0), compute_cost=Duration(seconds=1, nanos=500_000_000))
    )
    assert shown["created_time"] == "1970-01-01T00:00:00Z"
    assert shown["compute_cost"] == 1.5
    assert shown["age"] is None


def test_a_struct_is_the_object_that_it_stands_for() -> None:
    submission = identity_pb2.Submission()
    submission.metadata.update({"a": [1, {"b": None}]})
    assert json_of(submission)["metadata"] == {"a": [1, {"b": None}]}


def test_a_short_float_shows_no_digits_that_nobody_measured() -> None:
    signal = analysis_service_pb2.GetSignalsResponse(minimum_uv=[0.1, -1234.567])
    assert json_of(signal)["minimum_uv"] == [0.1, -1234.567]


def test_params_are_filled_by_name() -> None:
    params = emg_pb2.EmgSessionParams()
    values = {
        "threshold_k": 4,
        "profile": "standard",
        "filter_order": 4.0,
        "channels": ["a", "b"],
        "references": [{"label": "a", "amplitude_uv": 500.5}],
        "notch_hz": None,
    }
    fill(params, values)
    assert params.threshold_k == 4
    assert params.profile == emg_pb2.EMG_PROFILE_STANDARD
    assert params.filter_order == 4
    assert list(params.channels) == ["a", "b"]
    assert params.references[0].amplitude_uv == 500.5
    assert not params.HasField("notch_hz")


def test_an_inner_message_is_filled_by_name() -> None:
    request = cache_service_pb2.LookupRequest()
    fill(request, {"question": {"namespace": "n", "blob": {}}})
    assert request.question.namespace == "n"
    assert request.question.HasField("blob")


def test_an_unknown_parameter_is_named_with_the_nearest_one() -> None:
    with pytest.raises(InvalidArgument, match="did you mean threshold_k") as caught:
        fill(emg_pb2.EmgSessionParams(), {"treshold_k": 4})
    assert caught.value.reason is Reason.PARAMETER_UNKNOWN
    assert caught.value.metadata == {"parameter": "treshold_k"}


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"threshold_k": "4"}, "threshold_k"),
        ({"threshold_k": True}, "threshold_k"),
        ({"threshold_k": float("inf")}, "threshold_k"),
        ({"filter_order": 2.5}, "filter_order"),
        ({"filter_order": -1}, "filter_order"),
        ({"filter_order": 2**32}, "filter_order"),
        ({"profile": "best"}, "profile"),
        ({"profile": "unspecified"}, "profile"),
        ({"profile": 1}, "profile"),
        ({"channels": "a"}, "channels"),
        ({"channels": [1]}, "channels[0]"),
        ({"references": [{"label": "a", "amplitude_uv": "x"}]}, "references[0].amplitude_uv"),
        ({"references": ["a"]}, "references[0]"),
        ({"references": {}}, "references"),
    ],
    ids=str,
)
def test_a_value_of_the_wrong_kind_is_named(values: dict[str, object], where: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        fill(emg_pb2.EmgSessionParams(), values)
    assert caught.value.reason is Reason.PARAMETER_INVALID
    assert [violation.field for violation in caught.value.violations] == [where]


def test_every_parameter_at_fault_is_named_at_once() -> None:
    with pytest.raises(InvalidArgument) as caught:
        fill(emg_pb2.EmgSessionParams(), {"threshold_k": "4", "filter_order": "2"})
    assert [violation.field for violation in caught.value.violations] == ["threshold_k", "filter_order"]
