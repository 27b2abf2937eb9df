"""What a storage calls when a recording was put into it."""

import time
from typing import Any

import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from gateway.backend import Backend, Pipeline, Question, Submission, Task
from gateway.buckets import Buckets
from gateway.formats import EMG_SESSION
from gateway.receiving import body_of
from gateway.signatures import Signatures
from gateway.uploads import broken, clean_name, too_large
from rpc.access import Access
from rpc.context import bearer
from rpc.roles import Role

PATH = "/webhooks/storage/c3d-upload"
_MAX_BODY_BYTES = 64 * 1024


class _Record(BaseModel):
    """The row that was inserted; a storage sends more of it than is needed here."""

    model_config = ConfigDict(strict=True)

    name: str = Field(min_length=1)
    bucket_id: str


class _StorageEvent(BaseModel):
    """One event of a storage."""

    model_config = ConfigDict(strict=True)

    type: str
    table: str
    record: _Record | None = None

    @property
    def recording(self) -> _Record | None:
        """The recording that was put in; None where the event tells of something else."""
        put_in = self.type == "INSERT" and self.table == "objects"
        is_c3d = self.record is not None and self.record.name.lower().endswith(".c3d")
        return self.record if put_in and is_c3d else None


class Webhooks:
    """Takes events in: checked, queued, answered at once."""

    def __init__(
        self, backend: Backend, signatures: Signatures, buckets: Buckets, access: Access, token: str = ""
    ) -> None:
        """`token` is the one under which the work is queued; empty where there are none."""
        self._backend = backend
        self._signatures = signatures
        self._buckets = buckets
        self._access = access
        self._credentials: list[str | bytes] = [bearer(token)] if token else []

    def add_to(self, router: APIRouter) -> None:
        """Add the route."""
        router.add_api_route(PATH, self.uploaded, methods=["POST"], status_code=202, include_in_schema=False)

    async def uploaded(self, request: Request) -> Response:
        """Queue the analysis of a recording that was put into the storage."""
        body = await _read(request)
        identifier = self._signatures.check(request.headers, body, time.time())
        recording = _event_in(body).recording
        if recording is None:
            return _answer({"status": "ignored", "message": "Only recordings that are put in are analysed."}, 200)
        task = await self._enqueue(recording, identifier)
        told = {"task_id": task.task_id, "job_id": task.job_id or None, "position": task.position}
        return _answer({"status": "success", **told, "message": "Queued."}, 202)

    async def _enqueue(self, recording: _Record, identifier: str) -> Task:
        source = self._buckets.source_of(recording.bucket_id, recording.name)
        self._access.admit_for(Role.WRITER, self._credentials)  # the storage signs; it has no token of its own
        return await self._backend.enqueue(
            Question(Pipeline(EMG_SESSION)),
            Submission(clean_name(recording.name), _metadata_of(recording), "storage"),
            f"webhook:{identifier}",
            source,
        )


def _metadata_of(recording: _Record) -> dict[str, Any]:
    folder, slash, _ = recording.name.partition("/")
    patient = {"patient_code": folder} if slash else {}
    return {**patient, "bucket_id": recording.bucket_id, "path": recording.name}


async def _read(request: Request) -> bytes:
    body = bytearray()
    async for piece in body_of(request):
        body += piece
        if len(body) > _MAX_BODY_BYTES:
            raise too_large(_MAX_BODY_BYTES)
    return bytes(body)


def _event_in(body: bytes) -> _StorageEvent:
    try:
        return _StorageEvent.model_validate(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise broken(f"The body must be JSON: {error}.") from error
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in fault["loc"]) or "the body"
        raise broken(f"The event is not that of a storage: {where}: {fault['msg']}.") from error


def _answer(value: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(value), status, {"Cache-Control": "no-store"}, media_type="application/json")
