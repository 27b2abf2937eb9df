"""Problems of references, as the errors that reach a caller."""

from analysis_service.sequence.reference.errors import ReferenceProblem, ReferenceReason
from rpc.errors import AssayError, FailedPrecondition, InvalidArgument
from rpc.reasons import Reason

HOW_TO_ADD = "add one: `assaycache reference fetch`, or `assaycache reference add NAME FASTA` (RPC: AddReference)"


def no_reference() -> InvalidArgument:
    """Return the error for a question that needs a reference where there is none."""
    return InvalidArgument(
        Reason.REFERENCE_UNKNOWN,
        f"Sequences are assigned by a reference database, and none is installed; {HOW_TO_ADD}.",
        metadata={"reference": ""},
    )


def error_of_problem(problem: ReferenceProblem) -> AssayError:
    """Return a reference's own error as the one that reaches a caller."""
    match problem.reason:
        case ReferenceReason.REFERENCE_INVALID:
            return InvalidArgument(Reason.REFERENCE_INVALID, problem.message)
        case ReferenceReason.REFERENCE_UNKNOWN:
            return InvalidArgument(Reason.REFERENCE_UNKNOWN, problem.message)
        case ReferenceReason.REFERENCE_EXISTS:
            return FailedPrecondition(Reason.REFERENCE_EXISTS, problem.message)
        case _:
            return FailedPrecondition(Reason.REFERENCE_DAMAGED, problem.message)
