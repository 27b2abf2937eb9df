"""An error arrives as the error that was raised."""

from collections.abc import Iterator

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from rpc.errors import BY_CODE, AssayError, Internal, InvalidArgument, NotFound, Unavailable, Violation
from rpc.reasons import Reason
from rpc.status import DETAILS_KEY, code_of, details_of, error_of, text_of, trailers_of


def kinds(root: type[AssayError] = AssayError) -> Iterator[type[AssayError]]:
    """Yield the kinds of the tree; what a service derives from them travels as its kind."""
    for kind in root.__subclasses__():
        if kind.__module__ == root.__module__:
            yield kind
            yield from kinds(kind)


def sent(error: AssayError) -> AssayError:
    """Return what a caller sees of an error."""
    return error_of(grpc.aio.AioRpcError(code_of(error), grpc.aio.Metadata(), metadata_of(error), text_of(error)))


def metadata_of(error: AssayError) -> grpc.aio.Metadata:
    return grpc.aio.Metadata(*trailers_of(error))


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
def test_every_kind_of_error_survives_the_wire(kind: type[AssayError]) -> None:
    violations = [Violation("threshold_k", "threshold_k must be a number."), Violation("channels", "Too many.")]
    error = kind(Reason.PARAMETER_INVALID, "That is wrong.", metadata={"parameter": "k"}, violations=violations)
    arrived = sent(error)
    assert type(arrived) is BY_CODE[kind.code]
    assert isinstance(error, type(arrived))
    assert (arrived.reason, arrived.message) == (error.reason, error.message)
    assert (arrived.metadata, arrived.violations) == (error.metadata, error.violations)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_survives_the_wire(reason: Reason) -> None:
    assert sent(NotFound(reason, "It is not there.")).reason is reason


@pytest.mark.parametrize("letter", ["v", "\x01", "é", "😀"])
def test_long_errors_are_cut_so_that_the_trailers_stay_small(letter: str) -> None:
    long = letter * 9000
    violations = [Violation(f"channels[{index}]", long) for index in range(50)]
    metadata = {f"field{index}": long for index in range(50)}
    error = InvalidArgument(Reason.FIELD_INVALID, long, metadata=metadata, violations=violations)
    arrived = sent(error)
    cut = letter * (300 // len(letter.encode()))
    assert arrived.message == text_of(error) == cut
    assert arrived.metadata["field0"] == cut
    assert arrived.violations[0] == Violation("channels[0]", cut)
    text_bytes = 3 * len(text_of(error).encode())  # percent-encoded
    assert text_bytes + len(details_of(error)) * 4 / 3 < 7000, "gRPC refuses trailers beyond about 8 kB"


def test_a_text_that_no_message_can_carry_arrives_all_the_same() -> None:
    assert sent(NotFound(Reason.JOB_UNKNOWN, "No \ud800.")).message == "No ?."


def test_ten_violations_of_a_usual_length_all_arrive() -> None:
    violations = tuple(Violation(f"parameter_{index}", "must be a number between 1 and 2. " * 3) for index in range(10))
    error = InvalidArgument(Reason.PARAMETER_INVALID, "Ten are wrong.", violations=violations)
    assert sent(error).violations == violations


@pytest.mark.parametrize(
    ("service", "reason"),
    [
        ("the cache service", Reason.CACHE_UNAVAILABLE),
        ("the analysis service", Reason.ANALYSIS_UNAVAILABLE),
    ],
)
def test_a_service_that_cannot_be_reached_is_named(service: str, reason: Reason) -> None:
    error = error_of(broken(grpc.StatusCode.UNAVAILABLE, "connection refused"), service)
    assert isinstance(error, Unavailable)
    assert error.reason is reason
    assert error.message == f"{service} does not answer."
    assert error.metadata == {"transport": "connection refused"}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (grpc.StatusCode.DEADLINE_EXCEEDED, Reason.DEADLINE_EXCEEDED),
        (grpc.StatusCode.CANCELLED, Reason.CANCELLED),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, Reason.OVERLOADED),
        (grpc.StatusCode.INVALID_ARGUMENT, Reason.FIELD_INVALID),
    ],
)
def test_what_the_transport_itself_says_keeps_its_code(code: grpc.StatusCode, reason: Reason) -> None:
    error = error_of(broken(code, "so it was"), "the cache service")
    assert (error.code, error.reason) == (code.name, reason)


def test_a_service_that_is_too_slow_is_named_in_a_sentence() -> None:
    error = error_of(broken(grpc.StatusCode.DEADLINE_EXCEEDED, "Stream removed"), "the cache service")
    assert error.message == "the cache service did not answer in time."


def test_any_other_code_of_the_transport_is_a_fault_of_ours() -> None:
    error = error_of(broken(grpc.StatusCode.NOT_FOUND, "no such method"), "the cache service")
    assert (type(error), error.reason) == (Internal, Reason.INTERNAL)
    assert error.message == "the cache service answered NOT_FOUND: no such method"


def test_a_reason_of_a_later_version_is_internal_and_keeps_its_kind() -> None:
    error = error_of(detailed(error_details_pb2.ErrorInfo(reason="MOON_FULL", domain="assaycache")))
    assert (type(error), error.reason, error.message) == (NotFound, Reason.INTERNAL, "It is not there.")


def test_details_of_another_domain_are_not_ours() -> None:
    error = error_of(detailed(error_details_pb2.ErrorInfo(reason="JOB_UNKNOWN", domain="elsewhere")))
    assert (type(error), error.reason) == (Internal, Reason.INTERNAL)


def broken(code: grpc.StatusCode, text: str) -> grpc.aio.AioRpcError:
    return grpc.aio.AioRpcError(code, grpc.aio.Metadata(), grpc.aio.Metadata(), text)


def detailed(info: error_details_pb2.ErrorInfo) -> grpc.aio.AioRpcError:
    status = status_pb2.Status(message="It is not there.")
    status.details.add().Pack(info)
    trailers = grpc.aio.Metadata((DETAILS_KEY, status.SerializeToString()))
    return grpc.aio.AioRpcError(grpc.StatusCode.NOT_FOUND, grpc.aio.Metadata(), trailers, status.message)
