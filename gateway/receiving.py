"""Uploads as they arrive: how many at once, how large, and what becomes of the rest of a refused one."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from starlette.requests import ClientDisconnect, Request

from gateway.analyses import Analyses, Answer
from gateway.backend import Missing, Pipeline, Question, Submission
from gateway.formats import pipeline_for
from gateway.uploads import UploadForm, UploadLimits, broken, drain, object_in
from rpc.errors import AssayError
from rpc.gates import Gate, overloaded
from rpc.reasons import Reason

_DRAIN_SECONDS = 5.0
"""How long a refused upload is still read, so that its sender, who answers only when done, sees why."""


class Receiving:
    """Receives uploads, a bounded number at once."""

    def __init__(self, limits: UploadLimits, max_uploads: int) -> None:
        self.limits = limits
        self._gate = Gate(max_uploads)

    @contextmanager
    def admitted(self) -> Iterator[None]:
        """Count an upload in and out.

        Raises:
            ResourceExhausted: OVERLOADED.
        """
        if not self._gate.enter():
            raise overloaded(self._gate)
        try:
            yield
        finally:
            self._gate.leave()

    async def form(self, request: Request, analyses: Analyses) -> tuple[Answer | Missing, Question, Submission]:
        """Take a form with a file in, and look up what it asks."""
        with self.admitted():
            body = body_of(request)
            form = UploadForm(request.headers.get("content-type", ""), body, self.limits)
            reading = _Reading(form)
            try:
                self.limits.check_declared(request.headers.get("content-length", ""))
                found = await analyses.ingest(form.pieces(), reading.ask)
            except AssayError:
                await forget_rest(request, body)
                raise
        return found, *reading.ask()


async def body_of(request: Request) -> AsyncIterator[bytes]:
    """Yield the body of a request as it arrives.

    Raises:
        InvalidArgument: BODY_INVALID: its sender has left.
    """
    try:
        async for data in request.stream():
            yield data
    except ClientDisconnect as error:
        raise broken("The connection was closed before the body was complete.") from error


async def forget_rest(request: Request, body: AsyncIterator[bytes]) -> None:
    """Read what is left of a refused upload; who asked before sending has sent nothing yet, or stops now."""
    if "expect" not in request.headers:
        await drain(body, _DRAIN_SECONDS)


class _Reading:
    """What a form says beside its file, read when the form has ended."""

    def __init__(self, form: UploadForm) -> None:
        self._form = form

    def ask(self) -> tuple[Question, Submission]:
        """Return the question and the submission."""
        form = self._form
        metadata = object_in(form.text("metadata"), "metadata", Reason.METADATA_INVALID)
        params = object_in(form.text("params"), "params", Reason.PARAMETER_INVALID)
        name, _, version = form.text("pipeline").partition("@")
        pipeline = Pipeline(name or pipeline_for(form.head, form.file_name), version)
        question = Question(pipeline, params, reference=form.text("reference"))
        return question, Submission(form.file_name, metadata)
