"""Random messages of any type: fields that are there or not, at and beyond the edges of what they may say."""

import math
import random
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_UUID = "6f1b0a52-3a1d-5c1e-9a53-0c6b8f3f7e11"
_TEXTS = (
    "",
    "a",
    "emg.session",
    "1.0.0",
    "default",
    "a\0b",
    "\N{GRINNING FACE}" * 70,
    "é",
    "x" * 3000,
    "../..",
    "%s",
    _UUID,
)
_BYTES = (b"", b"\0", bytes(32), b"\xff" * 32, b"[]", b'{"identity": {}}', b"x" * 31, b"y" * 3000)
_FLOATS = (0.0, -0.0, 1.0, 0.5, -1.0, 1e300, -1e300, math.nan, math.inf, -math.inf, 5e-324)
_DEEPEST = 6


def random_message(chance: random.Random, kind: type[Message], depth: int = 0) -> Any:
    """Return a message with random values in some of its fields."""
    message = kind()
    for field in message.DESCRIPTOR.fields:
        if chance.random() < (0.6 if depth < _DEEPEST else 0.0):
            _set(chance, message, field, depth)
    return message


def random_bytes(chance: random.Random, kind: type[Message]) -> bytes:
    """Return what may or may not be a message: noise, or a random message that was damaged."""
    if chance.random() < 0.3:
        return chance.randbytes(chance.randrange(60))
    raw = bytearray(random_message(chance, kind).SerializePartialToString())
    for _ in range(chance.randrange(4)):
        if raw:
            raw[chance.randrange(len(raw))] = chance.randrange(256)
    return bytes(raw)


def _set(chance: random.Random, message: Any, field: Any, depth: int) -> None:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        _set_map(chance, getattr(message, field.name), field.message_type.fields_by_name, depth)
    elif field.message_type is not None:
        values = [random_message(chance, field.message_type._concrete_class, depth + 1) for _ in range(2)]
        if field.is_repeated:
            getattr(message, field.name).extend(values)
        else:
            getattr(message, field.name).CopyFrom(values[0])
    elif field.is_repeated:
        getattr(message, field.name).extend(_scalar(chance, field) for _ in range(chance.randrange(4)))
    else:
        setattr(message, field.name, _scalar(chance, field))


def _set_map(chance: random.Random, target: Any, entry: Any, depth: int) -> None:
    key = _scalar(chance, entry["key"])
    if entry["value"].message_type is None:
        target[key] = _scalar(chance, entry["value"])
    else:
        target[key].CopyFrom(random_message(chance, entry["value"].message_type._concrete_class, depth + 1))


def _scalar(chance: random.Random, field: Any) -> Any:
    if field.enum_type is not None:
        return chance.choice([value.number for value in field.enum_type.values])
    if field.type == FieldDescriptor.TYPE_BYTES:
        return chance.choice(_BYTES)
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            return chance.choice(_TEXTS)
        case FieldDescriptor.CPPTYPE_BOOL:
            return chance.random() < 0.5
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return chance.choice(_FLOATS)
        case kind:
            return _integer(chance, kind)


def _integer(chance: random.Random, kind: int) -> int:
    bits = 32 if kind in {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_UINT32} else 64
    signed = kind in {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64}
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
    return chance.choice((low, low + 1, 0, 1, 2, 50, 10**6, high - 1, high))
