"""Errors to HTTP answers: the one place that knows both."""

from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from gateway.catalogue import title_of
from rpc.context import request_id
from rpc.errors import AssayError
from rpc.reasons import Reason

_BY_CODE = {
    "INVALID_ARGUMENT": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "FAILED_PRECONDITION": 409,
    "RESOURCE_EXHAUSTED": 503,
    "UNAVAILABLE": 503,
    "CANCELLED": 503,
    "UNIMPLEMENTED": 501,
    "DEADLINE_EXCEEDED": 504,
    "INTERNAL": 500,
}

_BY_REASON = {
    Reason.BLOB_TOO_LARGE: 413,
    Reason.METADATA_INVALID: 400,
    Reason.FILE_MISSING: 400,
    Reason.FILE_FORMAT_UNKNOWN: 415,
    Reason.QUOTA_EXCEEDED: 429,
    Reason.RATE_LIMITED: 429,
    Reason.CANCELLED: 409,
}

as_problem: ContextVar[bool] = ContextVar("as_problem", default=False)
"""Whether the request that is being answered is told its errors as problem+json (RFC 9457)."""

_UNPROCESSABLE = 422  # the form is well-formed, the file in it cannot be analysed
_RETRY_AFTER_SECONDS = {503: "1", 429: "60"}


def status_of(error: AssayError) -> int:
    """Return the HTTP status of an error."""
    if error.reason in _BY_REASON:
        return _BY_REASON[error.reason]
    if error.reason.startswith("FILE_"):
        return _UNPROCESSABLE
    return _BY_CODE.get(error.code, 500)


def error_answer(error: AssayError) -> Response:
    """Return the answer that tells an error to its caller."""
    answer = answer_of(status_of(error), error.message, error.reason, _violations(error))
    if "retry_after_seconds" in error.metadata:
        answer.headers["Retry-After"] = error.metadata["retry_after_seconds"]
    return answer


def answer_of(status: int, message: str, reason: str, violations: list[dict[str, str]] | None = None) -> Response:
    """Return an error's answer in the form of the face that was asked."""
    headers = {"Retry-After": _RETRY_AFTER_SECONDS[status]} if status in _RETRY_AFTER_SECONDS else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    if as_problem.get():
        told = orjson.dumps(problem(status, message, reason, violations or []))
        return Response(told, status, headers, media_type="application/problem+json")
    body: dict[str, Any] = {"status": "error", "message": message, "reason": reason, "request_id": request_id.get()}
    if violations:
        body["violations"] = violations
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


def problem_of(error: AssayError) -> dict[str, Any]:
    """Return an error as a problem."""
    return problem(status_of(error), error.message, error.reason, _violations(error))


def problem(status: int, message: str, reason: str, violations: list[dict[str, str]]) -> dict[str, Any]:
    """Return the members of a problem (RFC 9457); its type is an address of ours that explains it."""
    return {
        "type": f"/problems/{reason}",
        "title": title_of(reason),
        "status": status,
        "detail": message,
        "reason": reason,
        "request_id": request_id.get(),
        "violations": violations,
    }


def _violations(error: AssayError) -> list[dict[str, str]]:
    return [{"field": item.field, "message": item.description} for item in error.violations]
