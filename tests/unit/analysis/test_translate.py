"""Dataclasses and the contract's messages say the same, field by field."""

import dataclasses
import typing
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor

from analysis_service.emg.params import EmgChannelReference, EmgParams, EmgProfile, EmgRateSource
from analysis_service.emg.session import EmgSession
from analysis_service.pipelines import EMG_SESSION
from analysis_service.service.messages import defaults_of, schema_of
from analysis_service.service.translate import fill, prefix_of, read
from assaycache.analysis.v1 import emg_pb2
from rpc.errors import InvalidArgument
from rpc.reasons import Reason

_PYTHON_TYPES = {
    FieldDescriptor.TYPE_DOUBLE: float,
    FieldDescriptor.TYPE_UINT32: int,
    FieldDescriptor.TYPE_UINT64: int,
    FieldDescriptor.TYPE_BOOL: bool,
    FieldDescriptor.TYPE_STRING: str,
}


def differences(message: Any, kind: type[Any]) -> list[str]:
    """Return where a message and a dataclass, and all that is in them, differ."""
    types = typing.get_type_hints(kind)
    said = {field.name for field in message.fields}
    held = {field.name for field in dataclasses.fields(kind)}
    found = [f"{message.name} and {kind.__name__}: only one has {name}" for name in sorted(said ^ held)]
    for field in message.fields:
        if field.name in held:
            found += _field_differences(field, types[field.name], f"{message.name}.{field.name}")
    return found


def _field_differences(field: Any, annotation: Any, where: str) -> list[str]:
    arguments = typing.get_args(annotation)
    if field.is_repeated != (typing.get_origin(annotation) is tuple):
        return [f"{where}: only one of both is repeated"]
    if type(None) in arguments and not field.has_presence:
        return [f"{where} may be None, which the message cannot say"]
    inner = next((argument for argument in arguments if argument is not type(None)), annotation)
    if field.message_type is not None:
        return differences(field.message_type, inner)
    if field.enum_type is not None:
        named = {value.name.removeprefix(prefix_of(field.enum_type)) for value in field.enum_type.values}
        only_one = named ^ {"UNSPECIFIED", *(member.name for member in inner)}
        return [f"{where}: only one of both knows {name}" for name in sorted(only_one)]
    return [] if _PYTHON_TYPES[field.type] is inner else [f"{where} is of another type than {inner}"]


@pytest.mark.parametrize(("message", "kind"), [(emg_pb2.EmgSession, EmgSession), (emg_pb2.EmgSessionParams, EmgParams)])
def test_every_field_has_its_counterpart_of_the_same_name_and_type(message: Any, kind: type[Any]) -> None:
    assert differences(message.DESCRIPTOR, kind) == []


def test_a_difference_is_found() -> None:
    @dataclasses.dataclass
    class Wrong:
        label: int
        amplitude: float

    assert len(differences(emg_pb2.EmgChannelReference.DESCRIPTOR, Wrong)) == 3


def test_parameters_survive_the_way_there_and_back() -> None:
    params = EmgParams(
        channels=("left", "right"),
        rate_source=EmgRateSource.ESTIMATED,
        notch_hz=50.0,
        filter_order=4,
        references=(EmgChannelReference("left", 120.0),),
    )
    assert read(fill(emg_pb2.EmgSessionParams(), params), EmgParams) == params


def test_what_a_message_leaves_out_has_the_default() -> None:
    assert read(emg_pb2.EmgSessionParams(), EmgParams) == EmgParams()


def test_the_announced_defaults_are_those_of_the_dataclass() -> None:
    assert read(defaults_of(EMG_SESSION), EmgParams) == EmgParams()
    assert defaults_of(EMG_SESSION).profile == emg_pb2.EMG_PROFILE_STANDARD


def test_a_default_said_aloud_is_the_default() -> None:
    said = emg_pb2.EmgSessionParams(profile=emg_pb2.EMG_PROFILE_STANDARD)
    assert read(said, EmgParams).profile is EmgProfile.STANDARD


@pytest.mark.parametrize("number", [0, 77])
def test_a_value_that_the_list_does_not_know_is_refused_and_named(number: int) -> None:
    with pytest.raises(InvalidArgument, match="profile must be one of STANDARD, COMPAT") as refused:
        read(emg_pb2.EmgSessionParams(profile=number), EmgParams)
    assert refused.value.reason is Reason.PARAMETER_INVALID
    assert [violation.field for violation in refused.value.violations] == ["profile"]


def test_the_schema_holds_the_file_that_defines_the_parameters() -> None:
    assert [file.name for file in schema_of(emg_pb2.EmgSessionParams).file] == ["assaycache/analysis/v1/emg.proto"]
