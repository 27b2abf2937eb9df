"""A pipeline's parameters, from a mapping or from `name=value` texts, as its typed message."""

import contextlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from rpc.errors import InvalidArgument, Violation
from rpc.protojson import fill, is_map
from rpc.reasons import Reason

M = TypeVar("M", bound=Message)

_FLOATS = {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}
_NOT_INTEGERS = {FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_ENUM, FieldDescriptor.CPPTYPE_MESSAGE}
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def message_of(kind: type[M], values: Mapping[str, Any]) -> M:
    """Return the params message with these values.

    Numbers are numbers, enums are their names (`"standard"`), lists are lists, maps and messages are mappings; None is
    the default.

    Raises:
        InvalidArgument: PARAMETER_UNKNOWN for names that the message does not have, PARAMETER_INVALID for values that
            do not fit.
    """
    message = kind()
    fill(message, values)
    return message


def values_of(kind: type[Message], texts: Iterable[str]) -> dict[str, Any]:
    """Return the values that texts like `threshold_k=5` and `channels=EMG1,EMG2` mean.

    A list's items are joined by commas; a map's are `key:value` joined by commas, and so are the items of a list of
    small messages (`references=EMG1:500,EMG2:420`); a dotted name reaches into a message.

    Raises:
        InvalidArgument: as `message_of`, and PARAMETER_INVALID for a text that is not `name=value`.
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise _invalid(text, "must be written as name=value")
        _put(values, kind.DESCRIPTOR, name.strip(), value.strip())
    message_of(kind, values)  # what is at fault is told here, by name
    return values


def _put(values: dict[str, Any], descriptor: Any, name: str, text: str) -> None:
    *outer, last = name.split(".")
    for step in outer:
        field = descriptor.fields_by_name.get(step) if descriptor else None
        descriptor = field.message_type if field else None
        inner = values.get(step)
        if not isinstance(inner, dict):
            inner = values[step] = {}
        values = inner
    field = descriptor.fields_by_name.get(last) if descriptor else None
    values[last] = text if field is None else _parsed(field, text, name)


def _parsed(field: Any, text: str, name: str) -> Any:
    if is_map(field):
        value_field = field.message_type.fields_by_name["value"]
        pairs = (item.rpartition(":") for item in _items(text))
        return {key.strip(): _parsed_one(value_field, value.strip()) for key, _, value in pairs}
    if not field.is_repeated:
        return _parsed_one(field, text)
    if field.message_type is None:
        return [_parsed_one(field, item) for item in _items(text)]
    return [_parsed_fields(field.message_type, item, name) for item in _items(text)]


def _parsed_fields(descriptor: Any, text: str, name: str) -> dict[str, Any]:
    """Return a message's fields, written in their order with colons between; the first may hold colons itself."""
    fields = list(descriptor.fields)
    parts = text.rsplit(":", len(fields) - 1)
    if len(parts) != len(fields):
        raise _invalid(name, f"must be written as {':'.join(field.name for field in fields)}, not {text!r}")
    return {field.name: _parsed_one(field, part.strip()) for field, part in zip(fields, parts, strict=True)}


def _parsed_one(field: Any, text: str) -> Any:
    """Return the number or truth that a text means, or the text itself where it means none."""
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return _TRUTHS.get(text.lower(), text)
    if field.cpp_type in _NOT_INTEGERS:
        return text
    with contextlib.suppress(ValueError):
        return float(text) if field.cpp_type in _FLOATS else int(text)
    return text


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _invalid(parameter: str, complaint: str) -> InvalidArgument:
    message = f"{parameter} {complaint}."
    return InvalidArgument(
        Reason.PARAMETER_INVALID,
        message,
        metadata={"parameter": parameter},
        violations=[Violation(parameter, message)],
    )
