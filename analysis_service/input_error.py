"""Why an input or a parameter was refused: what every kind of analysis says in the same form."""

from enum import StrEnum
from typing import NamedTuple


class NameEnum(StrEnum):
    """An enumeration whose values are its names: what is written down is the name of the contract."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:  # noqa: ARG004  the signature is fixed by enum
        return name


class FieldViolation(NamedTuple):
    """One parameter that cannot be used, and what it must be."""

    field: str
    description: str


class InputError(Exception):
    """The input or the parameters cannot be analysed, and asking again will not help.

    Parameters
    ----------
    reason
        Which of the analysis's stable reasons applies.
    message
        A sentence for the person who made the input.
    violations
        For ``PARAMETER_INVALID``: every parameter at fault.
    """

    # All arguments are handed to Exception, so that the error survives pickling across a pipe.
    def __init__(self, reason: NameEnum, message: str, violations: tuple[FieldViolation, ...] = ()) -> None:
        super().__init__(reason, message, violations)
        self.reason = reason
        self.message = message
        self.violations = violations

    def __str__(self) -> str:
        return self.message
