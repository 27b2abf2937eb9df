"""The reasons for which sequences or their parameters are refused."""

from enum import auto

from analysis_service.input_error import FieldViolation, InputError, NameEnum

__all__ = ["FieldViolation", "InputError", "NameEnum", "Reason"]


class Reason(NameEnum):
    """Stable reasons of :class:`InputError`."""

    FILE_EMPTY = auto()
    FILE_NOT_SEQUENCES = auto()
    FILE_CORRUPT = auto()
    FILE_TRUNCATED = auto()
    FILE_ALPHABET_INVALID = auto()
    FILE_VALUES_INVALID = auto()
    FILE_LIMIT_EXCEEDED = auto()
    FILE_NO_SEQUENCES = auto()
    PARAMETER_INVALID = auto()
