"""What can be wrong with a reference."""

from enum import auto

from analysis_service.input_error import NameEnum


class ReferenceReason(NameEnum):
    """Stable reasons of :class:`ReferenceProblem`."""

    REFERENCE_INVALID = auto()
    """The sequences or lineages that it is to be built from cannot be used."""
    REFERENCE_DAMAGED = auto()
    """The file is not what was written: another kind of file, truncated, or changed."""
    REFERENCE_UNSUPPORTED = auto()
    """The file was written by a version whose form is not understood here: build it again."""
    REFERENCE_UNKNOWN = auto()
    """The library has none of that name or digest."""
    REFERENCE_EXISTS = auto()
    """The library has another one of that name."""


class ReferenceProblem(Exception):
    """A reference cannot be built, opened or found; the message is a sentence for the person who asked."""

    # All arguments are handed to Exception, so that the error survives pickling across a pipe.
    def __init__(self, reason: ReferenceReason, message: str) -> None:
        super().__init__(reason, message)
        self.reason = reason
        self.message = message

    def __str__(self) -> str:
        return self.message
