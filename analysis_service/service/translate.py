"""Dataclasses to messages and back, by equal field names: no field is named twice."""

import functools
import typing
from collections.abc import Hashable, Iterable
from dataclasses import MISSING, fields
from enum import Enum
from types import UnionType
from typing import Any, NamedTuple, TypeVar

from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from rpc.errors import InvalidArgument, Violation
from rpc.reasons import Reason

Descriptor = Any
"""Of a field or an enum: protobuf has two classes for each, of which its stubs tell little."""

Value = TypeVar("Value")
AnyMessage = TypeVar("AnyMessage", bound=Message)


def fill(message: AnyMessage, value: Any) -> AnyMessage:
    """Set a message's fields from a dataclass with fields of the same names; None leaves a field unset."""
    for field in message.DESCRIPTOR.fields:
        item = getattr(value, field.name)
        if item is None:
            continue
        if field.is_repeated:
            _extend(getattr(message, field.name), field, item)
        elif field.message_type is not None:
            child = getattr(message, field.name)
            child.SetInParent()
            fill(child, item)
        else:
            setattr(message, field.name, _scalar(field, item))
    return message


def read(message: Message, kind: type[Value]) -> Value:
    """Return the dataclass that a message says; a field that is absent has the dataclass's default, else it is None, or
    empty where it is a list.

    Raises:
        InvalidArgument: PARAMETER_UNKNOWN for a field that this version does not know, PARAMETER_INVALID for a value
            that its list does not know.
    """
    refuse_unknown(message)
    types = _types_of(typing.cast(Hashable, kind))
    said: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.is_repeated:
            if len(value) or types[field.name].is_required:
                (inner, _) = typing.get_args(types[field.name].annotation)
                said[field.name] = tuple(_value(field, item, inner) for item in value)
        elif not field.has_presence or message.HasField(field.name):
            said[field.name] = _value(field, value, types[field.name].annotation)
        elif types[field.name].is_required:
            said[field.name] = None
    return kind(**said)


def refuse_unknown(message: Message) -> None:
    """Raise PARAMETER_UNKNOWN where a message has a field that this version does not know."""
    unknown = UnknownFieldSet(message)
    if len(unknown):
        number = unknown[0].field_number
        raise InvalidArgument(
            Reason.PARAMETER_UNKNOWN,
            f"{message.DESCRIPTOR.name} has a field number {number} that this version does not know.",
            metadata={"parameter": str(number)},
        )


def _extend(target: Any, field: Descriptor, items: Iterable[Any]) -> None:
    if field.message_type is not None:
        for item in items:
            fill(target.add(), item)
    elif field.enum_type is not None:
        target.extend([_scalar(field, item) for item in items])
    else:
        target.extend(items)


def _scalar(field: Descriptor, item: Any) -> Any:
    if isinstance(item, Enum):
        return _numbers(field.enum_type)[item.name]
    return item


def _value(field: Descriptor, value: Any, annotation: Any) -> Any:
    if isinstance(annotation, UnionType):
        (annotation,) = (argument for argument in typing.get_args(annotation) if argument is not type(None))
    if field.message_type is not None:
        return read(value, annotation)
    if field.enum_type is None:
        return value
    number = field.enum_type.values_by_number.get(value)
    name = "" if number is None else number.name.removeprefix(prefix_of(field.enum_type))
    if name not in annotation.__members__:
        text = f"{field.name} must be one of {', '.join(annotation.__members__)}"
        raise InvalidArgument(
            Reason.PARAMETER_INVALID,
            f"{text}.",
            metadata={"parameter": field.name},
            violations=[Violation(field.name, text)],
        )
    return annotation[name]


class _Field(NamedTuple):
    """What a dataclass says of a field."""

    annotation: Any
    is_required: bool


@functools.cache
def _types_of(kind: Any) -> dict[str, _Field]:
    hints = typing.get_type_hints(kind)
    without = (MISSING, MISSING)
    return {
        item.name: _Field(hints[item.name], (item.default, item.default_factory) == without) for item in fields(kind)
    }


@functools.cache
def _numbers(enum: Descriptor) -> dict[str, int]:
    prefix = prefix_of(enum)
    return {value.name.removeprefix(prefix): value.number for value in enum.values}


def prefix_of(enum: Descriptor) -> str:
    """Return what the contract's style puts before every value: that of the zero value, `…_UNSPECIFIED`."""
    return str(enum.values_by_number[0].name.removesuffix("UNSPECIFIED"))
