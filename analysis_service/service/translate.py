"""Dataclasses to messages and back, by equal field names: no field is named twice."""

import functools
import typing
from collections.abc import Hashable, Iterable
from dataclasses import MISSING, fields
from enum import Enum
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
    for name, is_repeated, is_message, enum in _shape_of(message.DESCRIPTOR):
        item = getattr(value, name)
        if item is None:
            continue
        if is_repeated:
            _extend(getattr(message, name), item, is_message, enum)
        elif is_message:
            child = getattr(message, name)
            child.SetInParent()
            fill(child, item)
        else:
            setattr(message, name, _scalar(item, enum))
    return message


def read(message: Message, kind: type[Value]) -> Value:
    """Return the dataclass that a message says; a field that is absent has the dataclass's default, else it is None, or
    empty where it is a list.

    Raises:
        InvalidArgument: PARAMETER_UNKNOWN for a field that this version does not know, PARAMETER_INVALID for a value
            that its list does not know.
    """
    refuse_unknown(message)
    said: dict[str, Any] = {}
    for field in _fields_of(message.DESCRIPTOR, typing.cast(Hashable, kind)):
        if field.is_repeated:
            items = getattr(message, field.name)
            if len(items) or field.is_required:
                said[field.name] = tuple(items if field.is_plain else (_value(field, item) for item in items))
        elif not field.has_presence or message.HasField(field.name):
            value = getattr(message, field.name)
            said[field.name] = value if field.is_plain else _value(field, value)
        elif field.is_required:
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


class _Shape(NamedTuple):
    """A field as the contract describes it."""

    name: str
    is_repeated: bool
    is_message: bool
    enum: Descriptor | None


@functools.cache
def _shape_of(descriptor: Descriptor) -> tuple[_Shape, ...]:
    return tuple(
        _Shape(field.name, field.is_repeated, field.message_type is not None, field.enum_type)
        for field in descriptor.fields
    )


def _extend(target: Any, items: Iterable[Any], is_message: bool, enum: Descriptor | None) -> None:
    if is_message:
        for item in items:
            fill(target.add(), item)
    elif enum is not None:
        target.extend([_scalar(item, enum) for item in items])
    else:
        target.extend(items)


def _scalar(item: Any, enum: Descriptor | None) -> Any:
    return _numbers(enum)[item.name] if isinstance(item, Enum) else item


def _value(field: "_Field", value: Any) -> Any:
    if field.enum is None:
        return read(value, field.kind)
    number = field.enum.values_by_number.get(value)
    name = "" if number is None else number.name.removeprefix(prefix_of(field.enum))
    if name not in field.kind.__members__:
        text = f"{field.name} must be one of {', '.join(field.kind.__members__)}"
        raise InvalidArgument(
            Reason.PARAMETER_INVALID,
            f"{text}.",
            metadata={"parameter": field.name},
            violations=[Violation(field.name, text)],
        )
    return field.kind[name]


class _Field(NamedTuple):
    """A field as both sides describe it: `kind` is the dataclass, the enum or the scalar of one value."""

    name: str
    kind: Any
    enum: Descriptor | None
    is_plain: bool
    is_repeated: bool
    has_presence: bool
    is_required: bool


@functools.cache
def _fields_of(descriptor: Descriptor, kind: Any) -> tuple[_Field, ...]:
    """What is read into a dataclass, worked out once: a result has tens of thousands of values."""
    hints = typing.get_type_hints(kind)
    required = {item.name for item in fields(kind) if (item.default, item.default_factory) == (MISSING, MISSING)}
    return tuple(
        _Field(
            name=field.name,
            kind=_kind(hints[field.name]),
            enum=field.enum_type,
            is_plain=field.enum_type is None and field.message_type is None,
            is_repeated=field.is_repeated,
            has_presence=field.has_presence,
            is_required=field.name in required,
        )
        for field in descriptor.fields
    )


def _kind(annotation: Any) -> Any:
    """Of one value: without `| None`, and of a tuple its items'."""
    kinds = [kind for kind in typing.get_args(annotation) if kind not in (type(None), ...)]
    return kinds[0] if kinds else annotation


@functools.cache
def _numbers(enum: Descriptor) -> dict[str, int]:
    prefix = prefix_of(enum)
    return {value.name.removeprefix(prefix): value.number for value in enum.values}


def prefix_of(enum: Descriptor) -> str:
    """Return what the contract's style puts before every value: that of the zero value, `…_UNSPECIFIED`."""
    return str(enum.values_by_number[0].name.removesuffix("UNSPECIFIED"))
