"""Messages become JSON as frontends read it, and values become params."""

from typing import Any

import pytest
from google.api.quota_pb2 import QuotaLimit
from google.protobuf.duration_pb2 import Duration
from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from assaycache.analysis.v1 import analysis_service_pb2, emg_pb2
from assaycache.cache.v1 import cache_service_pb2, entry_pb2, identity_pb2, jobs_pb2
from rpc.errors import InvalidArgument
from rpc.protojson import fill, json_of, short_name
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


def test_a_map_is_an_object() -> None:
    assert json_of(QuotaLimit(values={"LOW": 2**40}))["values"] == {"LOW": 2**40}


def test_a_short_name_is_what_its_enum_does_not_repeat() -> None:
    assert short_name(emg_pb2.EmgRateSource.DESCRIPTOR, emg_pb2.EMG_RATE_SOURCE_ESTIMATED) == "estimated"
    assert short_name(emg_pb2.EmgRateSource.DESCRIPTOR, emg_pb2.EMG_RATE_SOURCE_UNSPECIFIED) is None
    assert short_name(emg_pb2.EmgRateSource.DESCRIPTOR, 99) == "99"


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


def test_a_list_is_made_of_anything_that_can_be_walked_but_text() -> None:
    params = emg_pb2.EmgSessionParams()
    fill(params, {"channels": (label for label in ("a", "b"))})
    fill(params, {"channels": ("c",)})
    assert list(params.channels) == ["a", "b", "c"]


def test_maps_are_filled_from_objects() -> None:
    quota, struct = QuotaLimit(), Struct()
    fill(quota, {"values": {"LOW": 1, "HIGH": 2}})
    fill(struct, {"fields": {"a": {"number_value": 4}}})
    assert dict(quota.values) == {"LOW": 1, "HIGH": 2}
    assert struct["a"] == 4


def test_what_was_shown_can_be_filled_in_again() -> None:
    params = emg_pb2.EmgSessionParams(profile=emg_pb2.EMG_PROFILE_STANDARD, notch_hz=0, channels=["a"])
    again, blob, same_blob = (
        emg_pb2.EmgSessionParams(),
        identity_pb2.BlobRef(sha256=b"\x01\xff"),
        identity_pb2.BlobRef(),
    )
    fill(again, json_of(params))
    fill(same_blob, json_of(blob))
    assert (again, same_blob) == (params, blob)


def refused(values: dict[str, Any], message: Any = None) -> InvalidArgument:
    with pytest.raises(InvalidArgument) as caught:
        fill(emg_pb2.EmgSessionParams() if message is None else message, values)
    return caught.value


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"treshold_k": 4}, "There is no parameter 'treshold_k'; did you mean 'threshold_k'?"),
        ({"references": [{"lable": "x"}]}, "There is no parameter 'references[0].lable'; did you mean 'label'?"),
        ({"references": [{"xyz": "x"}]}, "There is no parameter 'references[0].xyz'; there are label, amplitude_uv."),
        ({"xyz": 4}, "there are profile, channels"),
    ],
    ids=str,
)
def test_an_unknown_parameter_is_named_with_what_could_be_meant(values: dict[str, Any], sentence: str) -> None:
    error = refused(values)
    assert error.reason is Reason.PARAMETER_UNKNOWN
    assert sentence in error.message
    assert error.metadata == {"parameter": error.violations[0].field}
    assert error.violations[0].description == error.message


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"threshold_k": "4"}, "threshold_k must be a number, not '4'."),
        ({"threshold_k": True}, "threshold_k must be a number, not True."),
        ({"threshold_k": float("inf")}, "threshold_k must be a finite number, not inf."),
        ({"threshold_k": float("nan")}, "threshold_k must be a finite number, not nan."),
        ({"filter_order": 2.5}, "filter_order must be a whole number, not 2.5."),
        ({"filter_order": float("nan")}, "filter_order must be a whole number, not nan."),
        ({"filter_order": False}, "filter_order must be a whole number, not False."),
        ({"filter_order": -1}, "filter_order must be from 0 to 4294967295, not -1."),
        ({"filter_order": 2**32}, "filter_order must be from 0 to 4294967295, not 4294967296."),
        ({"profile": "unspecified"}, "profile must be one of "),
        ({"profile": 1}, "profile must be one of "),
        ({"profile": "standart"}, "not 'standart'; did you mean 'standard'?"),
        ({"channels": "a"}, "channels must be a list, not 'a'."),
        ({"channels": b"a"}, "channels must be a list, not b'a'."),
        ({"channels": 7}, "channels must be a list, not 7."),
        ({"channels": [1]}, "channels[0] must be text, not 1."),
        ({"channels": [b"a"]}, "channels[0] must be text, not b'a'."),
        ({"channels": [None]}, "channels[0] must be text, not None."),
        ({"channels": ["\udcff"]}, "channels[0] must be text, not '\\udcff'."),
        (
            {"references": [{"label": "a", "amplitude_uv": "x"}]},
            "references[0].amplitude_uv must be a number, not 'x'.",
        ),
        ({"references": ["a"]}, "references[0] must be an object, not 'a'."),
        ({"references": {}}, "references must be a list, not {}."),
    ],
    ids=str,
)
def test_a_value_that_does_not_fit_is_named_in_a_sentence(values: dict[str, Any], sentence: str) -> None:
    error = refused(values)
    assert error.reason is Reason.PARAMETER_INVALID
    assert sentence in error.message
    assert error.message.startswith(error.metadata["parameter"])
    assert error.message[-1] in ".?"
    assert [violation.field for violation in error.violations] == [error.metadata["parameter"]]


@pytest.mark.parametrize(
    ("message", "values", "sentence"),
    [
        (identity_pb2.BlobRef(), {"sha256": "xy"}, "sha256 must be bytes in hexadecimal, not 'xy'."),
        (cache_service_pb2.LookupRequest(), {"question": 7}, "question must be an object, not 7."),
        (cache_service_pb2.ListJobsRequest(), {"page_size": "many"}, "page_size must be a whole number, not 'many'."),
        (entry_pb2.Progress(), {"fraction": 10**400}, "fraction must be a finite number, not "),
        (QuotaLimit(), {"values": [1]}, "values must be an object, not [1]."),
        (QuotaLimit(), {"values": {"LOW": "x"}}, "values[LOW] must be a whole number, not 'x'."),
        (QuotaLimit(), {"values": {1: 1}}, "values[1] must be text, not 1."),
    ],
    ids=str,
)
def test_fields_of_every_kind_are_guarded(message: Any, values: dict[str, Any], sentence: str) -> None:
    assert sentence in refused(values, message).message


def test_a_truth_is_no_number() -> None:
    assert (
        refused({"is_unit_assumed": 1}, emg_pb2.EmgChannel()).message == "is_unit_assumed must be true or false, not 1."
    )


def test_every_parameter_at_fault_is_named_at_once() -> None:
    error = refused({"threshold_k": "4", "filter_order": "2", "channels": [1, 2]})
    assert [item.field for item in error.violations] == ["threshold_k", "filter_order", "channels[0]", "channels[1]"]
    assert all(item.description in error.message for item in error.violations)


def test_a_long_value_is_not_repeated_in_full() -> None:
    assert len(refused({"threshold_k": "x" * 10_000}).message) < 100
