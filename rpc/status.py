"""Errors to gRPC statuses and back: the one place that knows both."""

from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf import any_pb2
from google.rpc import code_pb2, error_details_pb2, status_pb2

from rpc.context import request_id
from rpc.errors import BY_CODE, AssayError, DeadlineExceeded, Internal, Unavailable, Violation
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)

DOMAIN = "assaycache"
DETAILS_KEY = "grpc-status-details-bin"
_MAX_TEXT_BYTES = 300
"""gRPC refuses more than 8 kB of trailers, in which each byte of the text may take three, each of the details 4/3."""
_MAX_INFO_BYTES = 1500
_MAX_DETAILS_BYTES = 3500
_MAX_FIELD_BYTES = 100
_MAX_VIOLATIONS = 10


def code_of(error: AssayError) -> grpc.StatusCode:
    """Return the status code of an error."""
    return grpc.StatusCode[error.code]


def details_of(error: AssayError) -> bytes:
    """Return the serialized `google.rpc.Status` of an error."""
    status = status_pb2.Status(code=code_pb2.Code.Value(error.code), message=_text(error))
    status.details.append(_packed(_info_of(error)))
    if error.violations:
        request = _violations_of(error, _MAX_DETAILS_BYTES - status.ByteSize())
        status.details.append(_packed(request))
    return bytes(status.SerializeToString())


def _info_of(error: AssayError) -> error_details_pb2.ErrorInfo:
    """Return an error's reason and metadata, as much of it as fits."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN)
    for key, value in error.metadata.items():
        text = _cut(value)
        if info.ByteSize() + len(key.encode()) + len(text.encode()) <= _MAX_INFO_BYTES:
            info.metadata[key] = text
    return info


def _violations_of(error: AssayError, most_bytes: int) -> error_details_pb2.BadRequest:
    """Return the first violations of an error, as many as fit."""
    request = error_details_pb2.BadRequest()
    for violation in error.violations[:_MAX_VIOLATIONS]:
        request.field_violations.add(
            field=_cut(violation.field, _MAX_FIELD_BYTES), description=_cut(violation.description)
        )
        if request.ByteSize() > most_bytes:
            del request.field_violations[-1]
            break
    return request


def trailers_of(error: AssayError) -> tuple[tuple[str, bytes], ...]:
    """Return the trailing metadata that carries an error's details."""
    return ((DETAILS_KEY, details_of(error)),)


def text_of(error: AssayError) -> str:
    """Return the status text of an error."""
    return _text(error)


def opaque(method: str, error: BaseException) -> Internal:
    """Log an unexpected error and return what its caller may know of it."""
    identifier = request_id.get()
    log.error("unexpected error", method=method, exc_info=error)
    return Internal(
        Reason.INTERNAL,
        f"Internal error; the log tells more under request id {identifier}.",
        metadata={"request_id": identifier},
    )


def error_of(failure: grpc.RpcError, service: str = "the service") -> AssayError:
    """Return the error that a failed call stands for.

    A failure without our details comes from the transport: it is `Unavailable` or what its code says, with a
    reason that names the unreachable service.
    """
    call: Any = failure
    code: grpc.StatusCode = call.code()
    status = _status_in(call)
    if status is not None:
        found = _unpacked(status.details)
        if found is not None:
            reason, metadata, violations = found
            kind = BY_CODE.get(code.name, Internal)
            return kind(reason, status.message, metadata=metadata, violations=violations)
    return _transport_error(code, service, call.details() or "")


def _transport_error(code: grpc.StatusCode, service: str, text: str) -> AssayError:
    away = Reason.ANALYSIS_UNAVAILABLE if "analysis" in service else Reason.CACHE_UNAVAILABLE
    if code is grpc.StatusCode.UNAVAILABLE:
        return Unavailable(away, f"{service} does not answer.", metadata={"transport": text})
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return DeadlineExceeded(
            Reason.DEADLINE_EXCEEDED, f"{service} did not answer in time.", metadata={"transport": text}
        )
    reasons = {
        grpc.StatusCode.CANCELLED: Reason.CANCELLED,
        grpc.StatusCode.RESOURCE_EXHAUSTED: Reason.OVERLOADED,
        grpc.StatusCode.INVALID_ARGUMENT: Reason.FIELD_INVALID,
    }
    kind = BY_CODE.get(code.name, Internal) if code in reasons else Internal
    reason = reasons.get(code, Reason.INTERNAL)
    return kind(reason, f"{service} answered {code.name}: {text}")


def _status_in(call: Any) -> status_pb2.Status | None:
    """Return the rich status of a failed call, synchronous or aio, if it has one that fits its code."""
    trailers = call.trailing_metadata() or ()
    for key, value in trailers:
        if key == DETAILS_KEY:
            status = status_pb2.Status()
            status.MergeFromString(value)
            return status
    return None


def _unpacked(
    details: Sequence[any_pb2.Any],
) -> tuple[Reason, dict[str, str], list[Violation]] | None:
    reason, metadata, violations = None, {}, []
    for detail in details:
        info, request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        if detail.Unpack(info) and info.domain == DOMAIN:
            reason = Reason(info.reason) if info.reason in Reason.__members__ else Reason.INTERNAL
            metadata = dict(info.metadata)
        elif detail.Unpack(request):
            violations = [Violation(item.field, item.description) for item in request.field_violations]
    return None if reason is None else (reason, metadata, violations)


def _packed(message: error_details_pb2.ErrorInfo | error_details_pb2.BadRequest) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed


def _text(error: AssayError) -> str:
    return _cut(error.message)


def _cut(text: str, most_bytes: int = _MAX_TEXT_BYTES) -> str:
    """Return the beginning of a text, whole characters in so many bytes."""
    return text.encode(errors="replace")[:most_bytes].decode(errors="ignore")
