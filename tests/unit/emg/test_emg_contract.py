"""The contract's messages and the result's dataclasses have the same fields, under the same names."""

import enum
import types
import typing
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_tools import protoc

from analysis_service.emg.params import EmgParams
from analysis_service.emg.session import EmgSession
from tests.support.recordings import CHECKOUT

PACKAGE = "assaycache.analysis.v1"
SCALARS = {
    int: FieldDescriptor.CPPTYPE_UINT32,
    float: FieldDescriptor.CPPTYPE_DOUBLE,
    str: FieldDescriptor.CPPTYPE_STRING,
    bool: FieldDescriptor.CPPTYPE_BOOL,
}


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> DescriptorPool:
    """The contract, compiled into a pool of its own."""
    compiled = tmp_path_factory.mktemp("contract") / "emg.binpb"
    source = Path(PACKAGE.replace(".", "/")) / "emg.proto"
    assert protoc.main(["", f"-I{CHECKOUT / 'protos'}", f"--descriptor_set_out={compiled}", str(source)]) == 0
    found = DescriptorPool()
    for file in FileDescriptorSet.FromString(compiled.read_bytes()).file:
        found.Add(file)
    return found


def compare(cls: type, message: Descriptor, seen: set[type]) -> None:
    if cls in seen:
        return
    seen.add(cls)
    hints = typing.get_type_hints(cls)
    assert [field.name for field in fields(cls)] == [field.name for field in message.fields], cls
    for field in message.fields:
        hint = hints[field.name]
        is_optional = typing.get_origin(hint) in (typing.Union, types.UnionType)
        inner = next(arg for arg in typing.get_args(hint) if arg is not type(None)) if is_optional else hint
        is_repeated = typing.get_origin(inner) is tuple
        compare_type(typing.get_args(inner)[0] if is_repeated else inner, field, seen)
        assert field.is_repeated == is_repeated, (cls, field.name)
        if not is_repeated and field.message_type is None:
            assert field.has_presence == (is_optional or cls is EmgParams), (cls, field.name)


def compare_type(inner: type, field: FieldDescriptor, seen: set[type]) -> None:
    if is_dataclass(inner):
        compare(inner, field.message_type, seen)
    elif issubclass(inner, enum.Enum):
        compare_enum(inner, field.enum_type)
    else:
        assert field.cpp_type == SCALARS[inner], (field.full_name, inner)


def compare_enum(cls: type[enum.Enum], described: EnumDescriptor) -> None:
    prefix = described.values[0].name.removesuffix("UNSPECIFIED")
    assert [value.name.removeprefix(prefix) for value in described.values[1:]] == [member.name for member in cls]
    assert [member.value for member in cls] == [member.name for member in cls]


@pytest.mark.parametrize(("cls", "name"), [(EmgParams, "EmgSessionParams"), (EmgSession, "EmgSession")])
def test_message_and_dataclass_mirror_each_other(cls: type, name: str, pool: DescriptorPool) -> None:
    compare(cls, pool.FindMessageTypeByName(f"{PACKAGE}.{name}"), set())
