"""Errors to HTTP answers: the one place that knows both."""

from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

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
}

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
    violations = [{"field": item.field, "message": item.description} for item in error.violations]
    return answer_of(status_of(error), error.message, error.reason, violations)


def answer_of(status: int, message: str, reason: str, violations: list[dict[str, str]] | None = None) -> Response:
    """Return an error's answer in the frontends' form."""
    body: dict[str, Any] = {
        "status": "error",
        "message": message,
        "reason": reason,
        "request_id": request_id.get(),
    }
    if violations:
        body["violations"] = violations
    headers = {"Retry-After": _RETRY_AFTER_SECONDS[status]} if status in _RETRY_AFTER_SECONDS else {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(orjson.dumps(body), status, headers, media_type="application/json")
