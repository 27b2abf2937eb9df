"""What a parameter says about itself, and whether a value keeps to it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

from analysis_service.input_error import FieldViolation, NameEnum


@dataclass(frozen=True, slots=True)
class ParameterDescription:
    """One parameter as shown to people and machines; limits are None where they do not apply."""

    name: str
    kind: str
    unit: str
    default: Any
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    scope: NameEnum
    description: str
    source: str


def described(
    description: str,
    source: str,
    *,
    scope: NameEnum,
    kind: str = "number",
    unit: str = "",
    limits: tuple[float, float] | None = None,
    choices: type[NameEnum] | None = None,
) -> dict[str, Any]:
    """What a dataclass field carries about itself: :class:`ParameterDescription` without name and default."""
    minimum, maximum = limits or (None, None)
    return {
        "kind": kind,
        "unit": unit,
        "minimum": minimum,
        "maximum": maximum,
        "choices": tuple(choices) if choices else (),
        "scope": scope,
        "description": description,
        "source": source,
    }


def descriptions_of(params: Any) -> tuple[ParameterDescription, ...]:
    """Every parameter of a dataclass or of its instance, in the order of declaration."""
    return tuple(ParameterDescription(name=item.name, default=item.default, **item.metadata) for item in fields(params))


def range_violations(params: Any) -> list[FieldViolation]:
    """Every parameter whose value is outside of its limits or choices."""
    return list(_violations(params, descriptions_of(params)))


def violation(name: str, rule: str) -> FieldViolation:
    """What is said about a parameter that breaks a rule."""
    return FieldViolation(name, f"{name} must be {rule}")


def _violations(params: Any, descriptions: Iterable[ParameterDescription]) -> Iterable[FieldViolation]:
    for item in descriptions:
        value = getattr(params, item.name)
        if item.choices and value not in item.choices:
            yield violation(item.name, f"one of {', '.join(item.choices)}")
        if item.minimum is None or item.maximum is None:
            continue
        if not _is_number(value, item.kind) or not item.minimum <= value <= item.maximum:
            yield violation(item.name, f"between {item.minimum:g} and {item.maximum:g}")


def _is_number(value: object, kind: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, int if kind == "integer" else int | float):
        return False
    return math.isfinite(value)
