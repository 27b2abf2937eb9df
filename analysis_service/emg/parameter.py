"""What a parameter says about itself."""

from dataclasses import dataclass
from enum import auto
from typing import Any

from analysis_service.emg.errors import NameEnum


class ParameterScope(NameEnum):
    """What a parameter has an effect on."""

    SELECTION = auto()
    """Which samples are analysed, at which rate."""
    SIGNAL = auto()
    """A channel's features."""
    SCORING = auto()
    """Only what is derived from the features: no signal is touched."""


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
    scope: ParameterScope
    description: str
    source: str


def described(
    description: str,
    source: str,
    *,
    kind: str = "number",
    unit: str = "",
    limits: tuple[float, float] | None = None,
    choices: type[NameEnum] | None = None,
    scope: ParameterScope = ParameterScope.SIGNAL,
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
