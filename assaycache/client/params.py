"""A pipeline's parameters, from a mapping or from `name=value` texts, as its typed message.

The message's own descriptor says which names and types there are, so a field added to the contract needs no change
here.
"""

import contextlib
import difflib
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from rpc.errors import InvalidArgument, Violation
from rpc.reasons import Reason

M = TypeVar("M", bound=Message)

_FLOATS = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
_UNSIGNED = (FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64)
_INTEGERS = (*_UNSIGNED, FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64)
_TRUTHS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class _WrongType(Exception):
    """The sentence's end: what the parameter must be."""


def message_of(kind: type[M], values: Mapping[str, Any]) -> M:
    """Return the params message with these values.

    Numbers are numbers, enums are their names (`"standard"`), lists are lists, maps and messages are mappings.

    Raises:
        InvalidArgument: PARAMETER_UNKNOWN for a name that the message does not have, PARAMETER_INVALID for a value of
            the wrong type.
    """
    message = kind()
    _fill(message, values, "")
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
    return values


def _put(values: dict[str, Any], descriptor: Any, name: str, text: str) -> None:
    *outer, last = name.split(".")
    path = ""
    for step in outer:
        field = _field(descriptor, step, path)
        if field.message_type is None or _is_map(field) or field.is_repeated:
            raise _invalid(f"{path}{step}", "has no fields of its own")
        path, descriptor = f"{path}{step}.", field.message_type
        values = values.setdefault(step, {})
    field = _field(descriptor, last, path)
    with _complaining_of(name):
        values[last] = _parsed(field, text)


def _parsed(field: FieldDescriptor, text: str) -> Any:
    if _is_map(field):
        _, value_field = _map_fields(field)
        pairs = (item.rpartition(":") for item in _items(text))
        return {key.strip(): _parsed(value_field, value.strip()) for key, _, value in pairs}
    if field.is_repeated and field.message_type is not None:
        return [_parsed_fields(field.message_type, item) for item in _items(text)]
    if field.is_repeated:
        return [_parsed_one(field, item) for item in _items(text)]
    return _parsed_one(field, text)


def _parsed_fields(descriptor: Any, text: str) -> dict[str, Any]:
    """Return a message's fields, written in their order with colons between; the first may hold colons itself."""
    fields = list(descriptor.fields)
    parts = text.rsplit(":", len(fields) - 1)
    if len(parts) != len(fields):
        raise _WrongType(f"must be written as {':'.join(field.name for field in fields)}, not {text!r}")
    return {field.name: _parsed_one(field, part.strip()) for field, part in zip(fields, parts, strict=True)}


def _parsed_one(field: FieldDescriptor, text: str) -> Any:
    kind = field.cpp_type
    try:
        if kind in _FLOATS:
            return float(text)
        if kind in _INTEGERS:
            return int(text)
        if kind == FieldDescriptor.CPPTYPE_BOOL:
            return _TRUTHS[text.lower()]
    except (ValueError, KeyError) as error:
        raise _WrongType(f"must be {_described(field)}, not {text!r}") from error
    if kind == FieldDescriptor.CPPTYPE_MESSAGE:
        raise _WrongType("has fields: set each by its dotted name")
    return text


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _fill(message: Message, values: Mapping[str, Any], path: str) -> None:
    for name, value in values.items():
        field = _field(message.DESCRIPTOR, str(name), path)
        where = f"{path}{name}"
        with _complaining_of(where):
            if _is_map(field):
                _fill_map(getattr(message, field.name), field, value)
            elif field.is_repeated:
                _fill_list(getattr(message, field.name), field, value, where)
            elif field.message_type is not None:
                _fill_message(getattr(message, field.name), value, where)
            else:
                setattr(message, field.name, _scalar(field, value))


def _fill_message(message: Message, value: Any, where: str) -> None:
    if not isinstance(value, Mapping):
        raise _WrongType("must be a mapping")
    message.SetInParent()
    _fill(message, value, f"{where}.")


def _fill_list(items: Any, field: FieldDescriptor, value: Any, where: str) -> None:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise _WrongType("must be a list")
    for position, item in enumerate(value):
        with _complaining_of(f"{where}[{position}]"):
            if field.message_type is None:
                items.append(_scalar(field, item))
            else:
                _fill_message(items.add(), item, f"{where}[{position}]")


def _fill_map(items: Any, field: FieldDescriptor, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise _WrongType("must be a mapping")
    key_field, value_field = _map_fields(field)
    for key, item in value.items():
        items[_scalar(key_field, key)] = _scalar(value_field, item)


def _scalar(field: FieldDescriptor, value: Any) -> Any:
    """Return the value as the field takes it."""
    kind = field.cpp_type
    if field.enum_type is not None:
        return _enum_number(field.enum_type, value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    fits = {
        FieldDescriptor.CPPTYPE_BOOL: isinstance(value, bool),
        FieldDescriptor.CPPTYPE_STRING: isinstance(value, str | bytes),
    }.get(kind, is_number)
    if kind in _INTEGERS:
        fits = is_number and isinstance(value, int) and not (kind in _UNSIGNED and value < 0)
    if kind in _FLOATS and fits and not math.isfinite(value):
        raise _WrongType(f"must be finite, not {value!r}")
    if not fits:
        raise _WrongType(f"must be {_described(field)}, not {value!r}")
    return value


def _enum_number(enum: EnumDescriptor, value: Any) -> int:
    choices = _choices(enum)
    name = str(value).lower()
    if name not in choices:
        raise _WrongType(f"must be one of {', '.join(choices)}, not {value!r}{_suggestion(name, choices)}")
    return choices[name]


def _choices(enum: EnumDescriptor) -> dict[str, int]:
    """Return the enum's values by their short names in lower case."""
    prefix = enum.values[0].name.removesuffix("UNSPECIFIED")
    return {value.name.removeprefix(prefix).lower(): value.number for value in enum.values if value.number != 0}


def _field(descriptor: Any, name: str, path: str) -> FieldDescriptor:
    field: FieldDescriptor | None = descriptor.fields_by_name.get(name)
    if field is not None:
        return field
    known = list(descriptor.fields_by_name)
    parameter = f"{path}{name}"
    hint = _suggestion(name, known) or f"; there are {', '.join(known)}."
    message = f"There is no parameter {parameter!r}{hint}"
    raise InvalidArgument(
        Reason.PARAMETER_UNKNOWN,
        message,
        metadata={"parameter": parameter},
        violations=[Violation(parameter, message)],
    )


def _suggestion(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


@contextlib.contextmanager
def _complaining_of(parameter: str) -> Iterator[None]:
    """Name the parameter in what is wrong with its value."""
    try:
        yield
    except _WrongType as error:
        raise _invalid(parameter, str(error)) from error
    except (ValueError, TypeError) as error:  # protobuf's own: a number out of its range, bytes that are no text
        raise _invalid(parameter, f"is not allowed: {error}") from error


def _invalid(parameter: str, complaint: str) -> InvalidArgument:
    message = f"{parameter} {complaint}".removesuffix(".")
    message += "" if message.endswith("?") else "."
    return InvalidArgument(
        Reason.PARAMETER_INVALID,
        message,
        metadata={"parameter": parameter},
        violations=[Violation(parameter, message)],
    )


def _described(field: FieldDescriptor) -> str:
    if field.cpp_type in _FLOATS:
        return "a number"
    if field.cpp_type in _INTEGERS:
        return "a whole number, at least 0" if field.cpp_type in _UNSIGNED else "a whole number"
    return "true or false" if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL else "text"


def _is_map(field: FieldDescriptor) -> bool:
    return bool(field.message_type is not None and field.message_type.GetOptions().map_entry)


def _map_fields(field: FieldDescriptor) -> tuple[FieldDescriptor, FieldDescriptor]:
    entry: Any = field.message_type
    return entry.fields_by_name["key"], entry.fields_by_name["value"]
