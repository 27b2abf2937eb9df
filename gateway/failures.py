"""Remembered failures as the errors that they are."""

from collections.abc import Mapping

from gateway.backend import Failure
from rpc.errors import (
    AssayError,
    FailedPrecondition,
    InputError,
    Internal,
    NotFound,
    PermissionDenied,
    ResourceExhausted,
    Unavailable,
    Violation,
)
from rpc.reasons import Reason

_TASKS: Mapping[Reason, type[AssayError]] = {
    Reason.BLOB_MISSING: FailedPrecondition,
    Reason.INTERNAL: Internal,
    Reason.MEMORY_LIMIT: ResourceExhausted,
    Reason.SOURCE_FORBIDDEN: PermissionDenied,
    Reason.SOURCE_MISSING: NotFound,
    Reason.SOURCE_UNAVAILABLE: Unavailable,
    Reason.TIME_LIMIT: ResourceExhausted,
    Reason.WORKER_LOST: Unavailable,
}
"""What queued work fails for beside its input."""


def error_of_failure(failure: Failure) -> AssayError:
    """Return the error that a remembered failure is."""
    if failure.reason not in Reason.__members__:
        return Internal(Reason.INTERNAL, failure.message)
    reason = Reason[failure.reason]
    violations = [Violation(item.field, item.message) for item in failure.violations]
    return _TASKS.get(reason, InputError)(reason, failure.message, violations=violations)
