"""Why a recording or a parameter was refused."""

from enum import StrEnum, auto
from typing import NamedTuple


class NameEnum(StrEnum):
    """An enumeration whose values are its names: what is written down is the name of the contract."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:  # noqa: ARG004  the signature is fixed by enum
        return name


class Reason(NameEnum):
    """Stable reasons of :class:`InputError`."""

    FILE_EMPTY = auto()
    FILE_NOT_C3D = auto()
    FILE_CORRUPT = auto()
    FILE_TRUNCATED = auto()
    FILE_NO_ANALOG = auto()
    FILE_NO_EMG = auto()
    FILE_TOO_SHORT = auto()
    FILE_VALUES_INVALID = auto()
    FILE_LIMIT_EXCEEDED = auto()
    PARAMETER_INVALID = auto()


class FieldViolation(NamedTuple):
    """One parameter that cannot be used, and what it must be."""

    field: str
    description: str


class InputError(Exception):
    """The recording or the parameters cannot be analysed, and asking again will not help.

    Parameters
    ----------
    reason
        Which of the stable reasons applies.
    message
        A sentence for the person who made the recording.
    violations
        For ``PARAMETER_INVALID``: every parameter at fault.
    """

    # All arguments are handed to Exception, so that the error survives pickling across a pipe.
    def __init__(self, reason: Reason, message: str, violations: tuple[FieldViolation, ...] = ()) -> None:
        super().__init__(reason, message, violations)
        self.reason = reason
        self.message = message
        self.violations = violations

    def __str__(self) -> str:
        return self.message
