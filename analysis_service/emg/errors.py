"""The reasons for which a recording or its parameters are refused."""

from enum import auto

from analysis_service.input_error import FieldViolation, InputError, NameEnum

__all__ = ["FieldViolation", "InputError", "NameEnum", "Reason"]


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
