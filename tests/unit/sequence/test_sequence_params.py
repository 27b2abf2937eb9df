"""Parameters are described in one place, and every mistake in them is named."""

import math
from dataclasses import fields
from typing import Any

import pytest

from analysis_service.sequence.errors import FieldViolation, InputError, Reason
from analysis_service.sequence.params import ParameterScope, SequenceParams, describe
from rpc.reasons import REMEMBERED


def violations(**changes: Any) -> list[FieldViolation]:
    with pytest.raises(InputError) as caught:
        SequenceParams(**changes).validate()
    assert caught.value.reason is Reason.PARAMETER_INVALID
    return list(caught.value.violations)


def test_the_defaults_are_valid() -> None:
    SequenceParams().validate()


def test_every_parameter_is_described_with_its_source() -> None:
    described = describe()
    assert [item.name for item in described] == [field.name for field in fields(SequenceParams)]
    assert all(item.description and item.source for item in described)
    assert all(item.unit for item in described if item.name.endswith(("_length", "_percent", "_errors", "_size")))


def test_parameters_of_the_input_come_before_those_of_the_sample() -> None:
    scopes = [item.scope for item in describe()]
    assert scopes == sorted(scopes, key=lambda scope: list(ParameterScope).index(ParameterScope(scope)))


@pytest.mark.parametrize("item", [item for item in describe() if item.minimum is not None], ids=lambda item: item.name)
def test_every_number_has_limits_that_hold(item: Any) -> None:
    assert item.minimum <= item.default <= item.maximum
    for wrong in (item.minimum - 1, item.maximum + 1, math.nan, math.inf, "much", True):
        rule = f"{item.name} must be between {item.minimum:g} and {item.maximum:g}"
        assert FieldViolation(item.name, rule) in violations(**{item.name: wrong})


@pytest.mark.parametrize("item", [item for item in describe() if item.choices], ids=lambda item: item.name)
def test_a_choice_is_one_of_its_list(item: Any) -> None:
    assert item.default in item.choices
    rule = f"{item.name} must be one of {', '.join(item.choices)}"
    assert violations(**{item.name: "OTHER"}) == [FieldViolation(item.name, rule)]


def test_the_length_bounds_leave_room() -> None:
    assert violations(min_length=10, max_length=9) == [
        FieldViolation("min_length", "min_length must be at most max_length")
    ]
    SequenceParams(min_length=10, max_length=0).validate()


def test_the_quality_offset_is_one_of_two() -> None:
    assert violations(quality_offset=40) == [FieldViolation("quality_offset", "quality_offset must be 33 or 64")]


def test_every_reason_is_one_of_the_contract_that_is_remembered() -> None:
    assert {reason.value for reason in Reason} <= REMEMBERED


def test_all_mistakes_are_named_at_once_in_a_sentence() -> None:
    with pytest.raises(InputError) as caught:
        SequenceParams(min_cluster_size=1, max_expected_errors=-1.0).validate()
    assert caught.value.message == (
        "max_expected_errors must be between 0 and 1000; min_cluster_size must be between 2 and 1000."
    )
