"""The errors that reach a caller, as a tree. Nothing here knows gRPC.

AssayError
├── InvalidArgument      the request is wrong and will be wrong again
│   └── InputError       the file cannot be analysed; it may be remembered
├── NotFound             something named does not exist
├── FailedPrecondition   the state does not allow it
├── PermissionDenied     this caller may not
├── Unauthenticated      no caller that is known
├── ResourceExhausted    a limit was reached; later it may work
├── Unavailable          a part of the system is away; later it may work
├── DeadlineExceeded     it took longer than the caller waits
├── Cancelled            nobody waits for it any more
├── NotBuilt             the contract has it, this version does not
└── Internal             a fault of ours, as a caller sees it
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rpc.reasons import Reason


@dataclass(frozen=True)
class Violation:
    """One field at fault and how."""

    field: str
    description: str


class AssayError(Exception):
    """An error with a stable reason, a sentence for people and details for programs.

    `metadata` travels in `ErrorInfo`, `violations` in `BadRequest`. Whatever only the log should know goes into the
    exception's cause, never into these.
    """

    code = "UNKNOWN"

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        metadata: Mapping[str, str] | None = None,
        violations: Sequence[Violation] = (),
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.metadata = dict(metadata or {})
        self.violations = tuple(violations)


class InvalidArgument(AssayError):
    """The request is wrong and will be wrong again."""

    code = "INVALID_ARGUMENT"


class InputError(InvalidArgument):
    """The file cannot be analysed, for a reason that follows from its bytes and the question."""


class NotFound(AssayError):
    """Something named does not exist."""

    code = "NOT_FOUND"


class FailedPrecondition(AssayError):
    """The state does not allow it."""

    code = "FAILED_PRECONDITION"


class PermissionDenied(AssayError):
    """This caller may not."""

    code = "PERMISSION_DENIED"


class Unauthenticated(AssayError):
    """No caller that is known."""

    code = "UNAUTHENTICATED"


class ResourceExhausted(AssayError):
    """A limit was reached; later it may work."""

    code = "RESOURCE_EXHAUSTED"


class Unavailable(AssayError):
    """A part of the system is away; later it may work."""

    code = "UNAVAILABLE"


class DeadlineExceeded(AssayError):
    """It took longer than the caller waits."""

    code = "DEADLINE_EXCEEDED"


class Cancelled(AssayError):
    """Nobody waits for it any more."""

    code = "CANCELLED"


class NotBuilt(AssayError):
    """The contract has it, this version does not."""

    code = "UNIMPLEMENTED"


class Internal(AssayError):
    """A fault of ours, as a caller sees it."""

    code = "INTERNAL"


BY_CODE: dict[str, type[AssayError]] = {
    kind.code: kind
    for kind in (
        InvalidArgument,
        NotFound,
        FailedPrecondition,
        PermissionDenied,
        Unauthenticated,
        ResourceExhausted,
        Unavailable,
        DeadlineExceeded,
        Cancelled,
        NotBuilt,
        Internal,
    )
}
"""The kind of error that a status code stands for, for the side that receives it."""


def field_missing(field: str) -> InvalidArgument:
    """Return the error for a required field that is absent."""
    message = f"{field} is required."
    return InvalidArgument(
        Reason.FIELD_MISSING, message, metadata={"field": field}, violations=[Violation(field, message)]
    )


def field_invalid(field: str, description: str) -> InvalidArgument:
    """Return the error for a field whose value is outside its domain; `description` follows the field's name."""
    message = f"{field} {description}."
    return InvalidArgument(
        Reason.FIELD_INVALID, message, metadata={"field": field}, violations=[Violation(field, message)]
    )
