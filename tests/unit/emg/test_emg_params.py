"""Parameters are described in one place, and every mistake in them is named."""

import math
import pickle
from dataclasses import fields, replace
from typing import Any

import pytest

from analysis_service.emg.errors import FieldViolation, InputError, Reason
from analysis_service.emg.params import (
    EmgChannelReference,
    EmgCompatDuration,
    EmgCompatMvc,
    EmgCompatMvcPercent,
    EmgParams,
    EmgProfile,
    describe,
)


def violations(**changes: Any) -> list[FieldViolation]:
    with pytest.raises(InputError) as caught:
        EmgParams(**changes).validate()
    assert caught.value.reason is Reason.PARAMETER_INVALID
    return list(caught.value.violations)


def test_the_defaults_are_valid() -> None:
    EmgParams().validate()


def test_every_parameter_is_described_with_its_source() -> None:
    described = describe()
    assert [item.name for item in described] == [field.name for field in fields(EmgParams)]
    assert all(item.description and item.source for item in described)
    assert all(item.unit for item in described if item.name.endswith(("_hz", "_ms", "_uv", "_percent")))


@pytest.mark.parametrize("item", [item for item in describe() if item.minimum is not None], ids=lambda item: item.name)
def test_every_number_has_limits_that_hold(item: Any) -> None:
    assert item.minimum <= item.default <= item.maximum
    for wrong in (item.minimum - 1, item.maximum + 1, math.nan, math.inf, "much", True):
        rule = f"{item.name} must be between {item.minimum:g} and {item.maximum:g}"
        assert FieldViolation(item.name, rule) in violations(**{item.name: wrong})


def test_a_violation_is_a_sentence() -> None:
    assert violations(min_duration_ms=5.0) == [
        FieldViolation("min_duration_ms", "min_duration_ms must be between 10 and 10000")
    ]


def test_all_mistakes_are_named_at_once() -> None:
    assert [violation.field for violation in violations(threshold_k=0.0, filter_order=99)] == [
        "filter_order",
        "threshold_k",
    ]


def test_both_profiles_are_offered() -> None:
    for profile in EmgProfile:
        EmgParams(profile=profile).validate()


@pytest.mark.parametrize(
    ("name", "items", "field"),
    [
        ("compat_mvc_values", (EmgCompatMvc("CH1", 0.0),), "compat_mvc_values[0].amplitude_v"),
        ("compat_mvc_percents", (EmgCompatMvcPercent("CH1", 500.0),), "compat_mvc_percents[0].percent"),
        ("compat_durations", (EmgCompatDuration("CH1", -1.0),), "compat_durations[0].duration_ms"),
        ("compat_durations", (EmgCompatDuration("", 1.0),), "compat_durations"),
    ],
)
def test_a_mistake_in_a_list_is_named_with_its_place(name: str, items: tuple[object, ...], field: str) -> None:
    assert [violation.field for violation in violations(**{name: items})] == [field]


def test_the_band_must_have_a_width() -> None:
    assert violations(low_cut_hz=100.0, high_cut_hz=299.0)[0].field == "low_cut_hz"


@pytest.mark.parametrize("frequency", [1.0, 44.0, 70.0])
def test_a_notch_is_off_or_at_the_mains(frequency: float) -> None:
    assert violations(notch_hz=frequency)[0].field == "notch_hz"


def test_references_are_positive_and_of_one_channel_each() -> None:
    wrong = (EmgChannelReference("A", -1.0), EmgChannelReference("A", 5.0))
    assert [violation.field for violation in violations(references=wrong)] == [
        "references",
        "references[0].amplitude_uv",
    ]


def test_the_order_of_the_filter_is_a_whole_number() -> None:
    assert violations(filter_order=2.5)[0].field == "filter_order"


def test_a_channels_own_reference_is_found() -> None:
    params = replace(EmgParams(), references=(EmgChannelReference("A", 5.0),))
    assert (params.reference_of("A"), params.reference_of("B")) == (5.0, None)


def test_an_error_survives_the_pipe_between_processes() -> None:
    error = InputError(Reason.FILE_TRUNCATED, "cut", (FieldViolation("a", "b"),))
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  its own bytes
    assert (copy.reason, copy.message, copy.violations) == (error.reason, error.message, error.violations)
    assert str(copy) == "cut"
