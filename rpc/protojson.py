"""Messages to JSON objects and back, in the one form that REST, the client and the command line share.

Field names are the contract's; integers of any size are numbers; enum values are their short lower-case names; what is
absent or not said is null; bytes are hexadecimal; durations are seconds; times are ISO 8601. A message's own descriptor
says which names and types there are, so a field added to the contract needs no change here.
"""

import contextlib
import difflib
import math
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from rpc.errors import InvalidArgument, Violation
from rpc.reasons import Reason

Field = Any
Enum = Any
"""A field's and an enum's descriptor: of several classes, one for each of protobuf's runtimes, with one face."""

_FLOAT_DIGITS = 7
"""A 32-bit float carries about 7 decimal digits; printing more shows digits that nobody measured."""

_TOLD = 5
"""How many faults the error's sentence tells; its violations hold all."""

_FLOATS = {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}
_UNSIGNED = {FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64}
_OF_32_BITS = {FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_INT32}


def json_of(message: Message) -> dict[str, Any]:
    """Return a message as a JSON object."""
    return {field.name: _field_json(message, field) for field in message.DESCRIPTOR.fields}


def short_name(enum: Enum, number: int) -> str | None:
    """Return the short lower-case name of an enum's value: JOB_STATUS_FAILED is "failed", not said is None.

    A value that this version does not know is its number, as text.
    """
    value = enum.values_by_number.get(number)
    if value is None:
        return str(number)
    name = value.name.removeprefix(enum.values[0].name.removesuffix("UNSPECIFIED")).lower()
    return None if name == "unspecified" else name


def is_map(field: Field) -> bool:
    """Tell whether a field is a map: to protobuf, a list of messages of key and value."""
    return bool(field.message_type is not None and field.message_type.GetOptions().map_entry)


def fill(message: Message, values: Mapping[str, Any]) -> None:
    """Set a params message by name: the reverse of `json_of` for numbers, texts, enums, bytes, lists, maps, messages.

    Any iterable but text makes a list, any mapping an object; None leaves a parameter at its default.

    Raises:
        InvalidArgument: PARAMETER_UNKNOWN with every name that the message does not have, else PARAMETER_INVALID with
            every parameter whose value does not fit.
    """
    filler = _Filler()
    filler.fill(message, values, "")
    found = filler.unknown or filler.invalid
    if found:
        raise InvalidArgument(
            Reason.PARAMETER_UNKNOWN if filler.unknown else Reason.PARAMETER_INVALID,
            " ".join(violation.description for violation in found[:_TOLD]),
            metadata={"parameter": found[0].field},
            violations=found,
        )


def _field_json(message: Message, field: Field) -> Any:
    value = getattr(message, field.name)
    if is_map(field):
        show = _scalar_json(field.message_type.fields_by_name["value"])
        return {str(key): show(value[key]) for key in value}
    show = _scalar_json(field)
    if field.is_repeated:
        return [show(item) for item in value]
    if field.has_presence and not message.HasField(field.name):
        return None
    return show(value)


def _scalar_json(field: Field) -> Callable[[Any], Any]:
    """Return what turns one value of a field into JSON."""
    if field.type == FieldDescriptor.TYPE_FLOAT:
        return _short_float
    if field.type == FieldDescriptor.TYPE_BYTES:
        return bytes.hex
    if field.enum_type is not None:
        return lambda number: short_name(field.enum_type, number)
    if field.message_type is None:
        return lambda value: value
    return _WELL_KNOWN.get(field.message_type.full_name, json_of)


def _short_float(value: float) -> float:
    return float(f"{value:.{_FLOAT_DIGITS}g}")


_WELL_KNOWN: Mapping[str, Callable[[Any], Any]] = {
    "google.protobuf.Duration": lambda duration: duration.ToNanoseconds() / 1e9,
    "google.protobuf.Timestamp": lambda time: time.ToJsonString(),
    "google.protobuf.Struct": MessageToDict,
}


class _Unfit(Exception):
    """A value that its field cannot take; the text follows the field's name."""


class _Filler:
    """Sets fields and notes what is at fault."""

    def __init__(self) -> None:
        self.unknown: list[Violation] = []
        self.invalid: list[Violation] = []

    def fill(self, message: Message, values: Mapping[str, Any], path: str) -> None:
        fields = message.DESCRIPTOR.fields_by_name
        for name, value in values.items():
            where = f"{path}{name}"
            field = fields.get(str(name))
            if field is None:
                hint = _nearest(str(name), fields) or f"; there are {', '.join(fields)}."
                self.unknown.append(Violation(where, f"There is no parameter {where!r}{hint}"))
            elif value is not None:
                with self._noting(where):
                    self._set(message, field, value, where)

    def _set(self, message: Message, field: Field, value: Any, where: str) -> None:
        target = getattr(message, field.name)
        if is_map(field):
            self._set_map(target, field.message_type.fields_by_name, value, where)
        elif field.is_repeated:
            self._set_list(target, field, value, where)
        elif field.message_type is not None:
            target.SetInParent()
            self.fill(target, _object(value), f"{where}.")
        else:
            setattr(message, field.name, _scalar(field, value))

    def _set_list(self, target: Any, field: Field, values: Any, where: str) -> None:
        if isinstance(values, str | bytes | bytearray | Mapping) or not isinstance(values, Iterable):
            raise _Unfit(f"must be a list, not {_shown(values)}")
        for index, value in enumerate(values):
            with self._noting(f"{where}[{index}]"):
                if field.message_type is None:
                    target.append(_scalar(field, value))
                else:
                    self.fill(target.add(), _object(value), f"{where}[{index}].")

    def _set_map(self, target: Any, entry: Mapping[str, Field], values: Any, where: str) -> None:
        for name, value in _object(values).items():
            with self._noting(f"{where}[{name}]"):
                key = _scalar(entry["key"], name)
                if entry["value"].message_type is None:
                    target[key] = _scalar(entry["value"], value)
                else:
                    self.fill(target[key], _object(value), f"{where}[{name}].")

    @contextlib.contextmanager
    def _noting(self, where: str) -> Iterator[None]:
        try:
            yield
        except _Unfit as fault:
            end = "" if str(fault).endswith("?") else "."
            self.invalid.append(Violation(where, f"{where} {fault}{end}"))


def _object(value: Any) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        raise _Unfit(f"must be an object, not {_shown(value)}")
    return value


def _scalar(field: Field, value: Any) -> Any:
    """Return a value as a field that is neither list nor message takes it."""
    if field.enum_type is not None:
        return _enum_number(field.enum_type, value)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _bytes(value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return _text(value)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        if not isinstance(value, bool):
            raise _Unfit(f"must be true or false, not {_shown(value)}")
        return value
    return _number(value) if field.cpp_type in _FLOATS else _integer(value, field.cpp_type)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _Unfit(f"must be a number, not {_shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _Unfit(f"must be a finite number, not {_shown(value)}")
    return number


def _integer(value: Any, kind: int) -> int:
    whole = int(value) if isinstance(value, float) and value.is_integer() else value  # JSON may say 4.0 for 4
    if isinstance(whole, bool) or not isinstance(whole, int):
        raise _Unfit(f"must be a whole number, not {_shown(value)}")
    bits = 32 if kind in _OF_32_BITS else 64
    low, high = (0, 2**bits - 1) if kind in _UNSIGNED else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if not low <= whole <= high:
        raise _Unfit(f"must be from {low} to {high}, not {_shown(value)}")
    return whole


def _text(value: Any) -> str:
    if isinstance(value, str):
        with contextlib.suppress(UnicodeEncodeError):  # halves of surrogate pairs, which no message can carry
            value.encode()
            return value
    raise _Unfit(f"must be text, not {_shown(value)}")


def _bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        with contextlib.suppress(ValueError):  # not hexadecimal
            return bytes.fromhex(value)
    raise _Unfit(f"must be bytes in hexadecimal, not {_shown(value)}")


def _enum_number(enum: Enum, value: Any) -> int:
    choices: dict[str, int] = {
        name: item.number for item in enum.values if (name := short_name(enum, item.number)) is not None
    }
    if isinstance(value, str) and value.lower() in choices:
        return choices[value.lower()]
    hint = _nearest(str(value).lower(), choices)
    raise _Unfit(f"must be one of {', '.join(choices)}, not {_shown(value)}{hint}")


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _shown(value: Any) -> str:
    return reprlib.repr(value)
