"""Remembered failures as the errors that they are."""

from gateway.backend import Failure
from rpc.errors import AssayError, InputError, Internal, Violation
from rpc.reasons import Reason


def error_of_failure(failure: Failure) -> AssayError:
    """Return the error that a remembered failure is."""
    if failure.reason not in Reason.__members__:
        return Internal(Reason.INTERNAL, failure.message)
    violations = [Violation(item.field, item.message) for item in failure.violations]
    return InputError(Reason[failure.reason], failure.message, violations=violations)
