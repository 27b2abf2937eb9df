"""Messages to JSON objects and back, as the frontends read them.

Field names are the contract's; integers of any size are numbers; enum values are their short lower-case names; what is
absent or not said is null; bytes are hexadecimal; durations are seconds; times are ISO 8601.
"""

import difflib
import math
from collections.abc import Callable, Iterable, Mapping
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


def json_of(message: Message) -> dict[str, Any]:
    """Return a message as a JSON object."""
    return {field.name: _field_json(message, field) for field in message.DESCRIPTOR.fields}


def short_name(enum: Enum, number: int) -> str | None:
    """Return the short lower-case name of an enum's value: JOB_STATUS_FAILED is "failed", not said is None."""
    value = enum.values_by_number.get(number)
    if value is None:
        return str(number)
    name = value.name.removeprefix(_prefix(enum)).lower()
    return None if name == "unspecified" else name


def _field_json(message: Message, field: Field) -> Any:
    value = getattr(message, field.name)
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
    special = _WELL_KNOWN.get(field.message_type.full_name)
    return special or json_of


def _short_float(value: float) -> float:
    return float(f"{value:.{_FLOAT_DIGITS}g}")


_WELL_KNOWN: Mapping[str, Callable[[Any], Any]] = {
    "google.protobuf.Duration": lambda duration: duration.ToNanoseconds() / 1e9,
    "google.protobuf.Timestamp": lambda time: time.ToJsonString(),
    "google.protobuf.Struct": MessageToDict,
}


def fill(message: Message, values: Mapping[str, Any]) -> None:
    """Set a params message from a JSON object; null leaves a parameter at its default.

    Raises:
        InvalidArgument: PARAMETER_UNKNOWN, or PARAMETER_INVALID with every parameter at fault.
    """
    unknown: list[Violation] = []
    invalid: list[Violation] = []
    _Filler(unknown, invalid).fill(message, values, "")
    if unknown or invalid:
        reason = Reason.PARAMETER_UNKNOWN if unknown else Reason.PARAMETER_INVALID
        found = unknown or invalid
        raise InvalidArgument(
            reason,
            " ".join(violation.description for violation in found[:5]),
            metadata={"parameter": found[0].field},
            violations=found,
        )


class _Filler:
    """Sets fields from JSON and notes what is at fault."""

    def __init__(self, unknown: list[Violation], invalid: list[Violation]) -> None:
        self._unknown = unknown
        self._invalid = invalid

    def fill(self, message: Message, values: Mapping[str, Any], path: str) -> None:
        fields = message.DESCRIPTOR.fields_by_name
        for name, value in values.items():
            where = f"{path}{name}"
            field = fields.get(name)
            if field is None:
                self._unknown.append(Violation(where, _not_known(where, name, fields)))
            elif value is not None:
                self._set(message, field, value, where)

    def _set(self, message: Message, field: Field, value: Any, where: str) -> None:
        if field.is_repeated:
            self._set_list(getattr(message, field.name), field, value, where)
        elif field.message_type is not None:
            getattr(message, field.name).SetInParent()
            self._fill_inner(getattr(message, field.name), value, where)
        else:
            self._try(lambda: setattr(message, field.name, _scalar(field, value)), where)

    def _set_list(self, target: Any, field: Field, values: Any, where: str) -> None:
        if not isinstance(values, list):
            self._refuse(where, "must be a list")
            return
        for index, value in enumerate(values):
            if field.message_type is not None:
                self._fill_inner(target.add(), value, f"{where}[{index}]")
            else:
                self._append(target, field, value, f"{where}[{index}]")

    def _append(self, target: Any, field: Field, value: Any, where: str) -> None:
        self._try(lambda: target.append(_scalar(field, value)), where)

    def _fill_inner(self, message: Message, value: Any, where: str) -> None:
        if isinstance(value, dict):
            self.fill(message, value, f"{where}.")
        else:
            self._refuse(where, "must be an object")

    def _try(self, action: Callable[[], None], where: str) -> None:
        try:
            action()
        except ValueError as error:
            self._refuse(where, str(error))

    def _refuse(self, where: str, how: str) -> None:
        self._invalid.append(Violation(where, f"{where} {how}."))


def _scalar(field: Field, value: Any) -> Any:
    """Return a JSON value as a field takes it; raise ValueError, whose text follows the field's name."""
    kind = field.cpp_type
    if field.enum_type is not None:
        return _enum_number(field.enum_type, value)
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return _of_type(value, bool, "must be true or false")
    if kind in {FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT}:
        return _number(value)
    if kind == FieldDescriptor.CPPTYPE_STRING:
        return _of_type(value, str, "must be text")
    return _integer(value, kind)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("must be a number")
    return float(value)


def _integer(value: Any, kind: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")  # noqa: TRY004 - as above
    unsigned = kind in {FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_UINT64}
    bits = 32 if kind in {FieldDescriptor.CPPTYPE_UINT32, FieldDescriptor.CPPTYPE_INT32} else 64
    low, high = (0, 2**bits - 1) if unsigned else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if not low <= value <= high:
        raise ValueError(f"must be from {low} to {high}")
    return value


def _enum_number(enum: Enum, value: Any) -> int:
    choices: dict[str, int] = {
        name: item.number for item in enum.values if (name := short_name(enum, item.number)) is not None
    }
    if not isinstance(value, str) or value.lower() not in choices:
        raise ValueError(f"must be one of {', '.join(choices)}")
    return choices[value.lower()]


def _of_type(value: Any, kind: type, how: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(how)  # noqa: TRY004 - a wrong type from outside is a wrong value to us
    return value


def _not_known(where: str, name: str, fields: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(fields), n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(fields)}."
    return f"{where} is no parameter of this pipeline; {hint}"


def _prefix(enum: Enum) -> str:
    words = "".join(f"_{letter}" if letter.isupper() else letter for letter in enum.name)
    return f"{words.lstrip('_').upper()}_"
