"""Bytes: put in, erased."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from gateway.receiving import body_of, forget_rest
from gateway.uploads import UploadLimits, chunks_of
from gateway.v1 import models
from gateway.v1.answers import answers, json_answer
from gateway.v1.asking import Sha256
from gateway.v1.context import Context
from rpc.errors import AssayError

_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}}},
    }
}


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""

    @routes.put(
        "/v1/blobs/{sha256}", openapi_extra=_BODY, responses=answers(models.Uploaded, "The bytes are kept.", 200, 201)
    )
    async def put(request: Request, sha256: Sha256) -> Response:
        """Upload bytes of this digest."""
        with context.receiving.admitted():
            body = body_of(request)
            try:
                declared = _declared(request, context.receiving.limits)
                chunks = chunks_of(body, context.receiving.limits)
                blob, existed = await context.backend.put_blob(bytes.fromhex(sha256), declared, chunks)
            except AssayError:
                await forget_rest(request, body)
                raise
        kept = {"sha256": blob.sha256.hex(), "size_bytes": blob.size_bytes, "existed": existed}
        return json_answer(kept, 200 if existed else 201)

    @routes.delete("/v1/blobs/{sha256}", responses=answers(models.Erased, "What was erased.", 200, 202))
    async def erase(
        sha256: Sha256, note: Annotated[str, Query(max_length=500, description="Why, for the audit.")] = ""
    ) -> Response:
        """Erase bytes and all that was derived from them."""
        erased = await context.backend.erase(bytes.fromhex(sha256), note)
        return json_answer(erased, 202 if erased["pending"] else 200)


def _declared(request: Request, limits: UploadLimits) -> int | None:
    length = request.headers.get("content-length", "")
    limits.check_declared(length)
    return int(length) if length.isdecimal() else None
