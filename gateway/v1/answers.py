"""Requests read and answers written, the same way for every resource."""

from typing import Any, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.receiving import body_of
from gateway.uploads import broken, too_large
from gateway.v1 import models

Model = TypeVar("Model", bound=BaseModel)

MAX_JSON_BYTES = 256 * 1024
"""The largest JSON body: parameters are a few kilobytes, metadata 64 KiB at the most."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "What went wrong; `type` names a page that explains it.",
        "content": {"application/problem+json": {"schema": models.ref(models.Problem)}},
    }
}


def answers(model: type[BaseModel], description: str, *codes: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of a resource's answers, 200 unless other codes are said."""
    content = {"application/json": {"schema": models.ref(model)}}
    return {**{code: {"description": description, "content": content} for code in codes or (200,)}, **PROBLEMS}


def json_body(model: type[BaseModel]) -> dict[str, Any]:
    """Return the description of a JSON body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": models.ref(model)}}}}


async def read_json(request: Request, model: type[Model]) -> Model:
    """Return a body as a model.

    Raises:
        InvalidArgument: BODY_INVALID: it is not JSON; BLOB_TOO_LARGE.
        RequestValidationError: it is JSON that the model refuses.
    """
    body = bytearray()
    async for piece in body_of(request):
        body += piece
        if len(body) > MAX_JSON_BYTES:
            raise too_large(MAX_JSON_BYTES)
    try:
        return model.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise broken(f"The body must be JSON: {error}.") from error
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False, include_input=False)) from error


def json_answer(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer that nobody may keep: it may be a patient's."""
    return raw_answer(orjson.dumps(value), status, headers)


def raw_answer(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer whose JSON is rendered already."""
    return Response(body, status, {"Cache-Control": "no-store", **(headers or {})}, media_type="application/json")


def result_url(job_id: str) -> str:
    """Return where a job's result is."""
    return f"/v1/results/{job_id}"


def job_url(job_id: str) -> str:
    """Return where a job is."""
    return f"/v1/jobs/{job_id}"


def events_url(job_id: str) -> str:
    """Return where a job's events are."""
    return f"/v1/analyses/{job_id}/events"


def cache_status(tier: str) -> str:
    """Return the `Cache-Status` (RFC 9211) of an answer that comes from a tier."""
    return "Assaycache; fwd=miss; stored" if tier == "computed" else f"Assaycache; hit; detail={tier or 'unknown'}"
