"""Analyses: asked, waited for or not, stopped."""

from dataclasses import dataclass, replace
from typing import Any

import orjson
from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.analyses import Answer
from gateway.backend import Blob, Missing, Question, Result, Submission
from gateway.failures import error_of_failure
from gateway.openapi import FORM
from gateway.presence import while_present
from gateway.v1 import models
from gateway.v1.answers import (
    answers,
    cache_status,
    events_url,
    job_url,
    json_answer,
    raw_answer,
    read_json,
    result_url,
)
from gateway.v1.asking import JobId, blob_of, question_of, submission_of
from gateway.v1.context import Context
from gateway.v1.preferences import Preferences
from rpc.context import request_id
from rpc.errors import NotBuilt, Unavailable, field_invalid
from rpc.reasons import Reason

_RETRY_AFTER = "1"
_UNNAMED = Submission("")
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": models.ref(models.Analysis)}, "multipart/form-data": FORM},
    }
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked, and what the cache said to it."""

    found: Answer | Missing
    blob: Blob
    submission: Submission
    retry_failed: bool


def add(routes: APIRouter, context: Context) -> None:
    """Add the routes."""
    asking = _Asking(context)

    @routes.post(
        "/v1/analyses",
        openapi_extra=_BODY,
        responses=answers(models.Analysed, "The analysis, done or begun.", 200, 202),
    )
    async def analyse(request: Request) -> Response:
        """Ask, and wait for the answer unless that is not preferred."""
        preferences = Preferences.of(request.headers.getlist("prefer"))
        asked = await asking.taken(request)
        if isinstance(asked.found, Answer):
            return _done(asked, asked.found, preferences)
        if preferences.respond_async:
            key = request.headers.get("idempotency-key") or request_id.get()
            return await asking.begun(asked, asked.found, key)
        waiting = context.analyses.compute(asked.found, retry_failed=asked.retry_failed)
        return _done(asked, await while_present(request.receive, waiting), preferences)

    @routes.post("/v1/analyses/{job_id}/cancel", responses=answers(models.Stopped, "Whether something was stopped."))
    async def cancel(job_id: JobId) -> Response:
        """Stop waiting for an analysis here, and take it out of the queue; it is done only if others want it too."""
        await context.backend.job(job_id, b"", with_result=False)  # another namespace's is not known, nor stopped
        stopped = context.analyses.stop(job_id) or await context.backend.withdraw(job_id)
        return json_answer({"job_id": job_id, "stopped": stopped})


class _Asking:
    """Takes questions in, as JSON or as forms."""

    def __init__(self, context: Context) -> None:
        self._backend = context.backend
        self._analyses = context.analyses
        self._kinds = context.kinds
        self._receiving = context.receiving

    async def taken(self, request: Request) -> _Asked:
        """Take a question in and look it up."""
        if request.headers.get("content-type", "").startswith("multipart/"):
            found, _, submission = await self._receiving.form(request, self._analyses)
            return _Asked(found, _blob_of(found), submission, retry_failed=False)
        asked = await read_json(request, models.Analysis)
        submitted = submission_of(asked)
        found = await self._look_up(await question_of(asked, self._kinds), submitted, retry_failed=asked.retry_failed)
        return _Asked(found, blob_of(asked.blob), submitted or _UNNAMED, asked.retry_failed)

    async def begun(self, asked: _Asked, missing: Missing, idempotency_key: str) -> Response:
        """Let the analysis be done: by the queue, or by this process where there is none."""
        queued = not asked.retry_failed and await self._queued(asked, missing, idempotency_key)
        if not queued:
            if asked.submission is _UNNAMED:  # without one the look-up has left no trace, and the job is told of below
                await self._backend.lookup(missing.question, _UNNAMED, b"")
            self._analyses.compute_in_background(missing, retry_failed=asked.retry_failed)
        headers = {
            "Location": job_url(missing.job_id),
            "Retry-After": _RETRY_AFTER,
            "Preference-Applied": "respond-async",
        }
        status = "queued" if queued else "running"
        view = {**_view(missing.job_id, missing.question, asked, cached=False), "status": status, "result": None}
        return json_answer(view, 202, headers)

    async def _queued(self, asked: _Asked, missing: Missing, idempotency_key: str) -> bool:
        """Queue an analysis; False where there is no queue, or it is away."""
        try:
            task = await self._backend.enqueue(missing.question, asked.submission, idempotency_key, "")
        except NotBuilt:
            return False
        except Unavailable as error:
            if error.reason is not Reason.DATABASE_UNAVAILABLE:
                raise
            return False
        if task.job_id and task.job_id != missing.job_id:
            raise field_invalid("Idempotency-Key", "was sent with another question before")
        return True

    async def _look_up(
        self, question: Question, submission: Submission | None, *, retry_failed: bool
    ) -> Answer | Missing:
        found = await self._analyses.look_up(question, submission)
        if isinstance(found, Result):
            return await self._analyses.answer(found)
        if isinstance(found, Missing):
            return found
        if retry_failed:
            return Missing(found.job_id, replace(question, pipeline=found.pipeline))
        raise error_of_failure(found.failure)


def _done(asked: _Asked, answer: Answer, preferences: Preferences) -> Response:
    result = answer.result
    question = Question(result.pipeline)
    head = {**_view(result.job_id, question, asked, cached=result.cached), "status": "succeeded"}
    body = b"null" if preferences.minimal else answer.result_json
    headers = {"Cache-Status": cache_status(result.tier)}
    if preferences.minimal:
        headers["Preference-Applied"] = "return=minimal"
    return raw_answer(orjson.dumps(head)[:-1] + b',"result":' + body + b"}", 200, headers)


def _view(job_id: str, question: Question, asked: _Asked, *, cached: bool) -> dict[str, Any]:
    return {
        "job_id": job_id,
        "status": "",
        "cached": cached,
        "pipeline": question.pipeline.name,
        "pipeline_version": question.pipeline.version,
        "blob": {"sha256": asked.blob.sha256.hex(), "size_bytes": asked.blob.size_bytes},
        "file_name": asked.submission.file_name,
        "result_url": result_url(job_id),
        "events_url": events_url(job_id),
    }


def _blob_of(found: Answer | Missing) -> Blob:
    blob = found.question.blob if isinstance(found, Missing) else found.result.blob
    return blob or Blob(b"", 0)
