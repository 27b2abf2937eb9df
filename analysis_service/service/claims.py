"""Claimers: threads that take tasks out of the durable queue and see each through to its end."""

import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from analysis_service.metrics import TaskMetrics
from analysis_service.service.analyses import Analyses, Caller
from analysis_service.service.queue import Queue, Upload
from analysis_service.sources import Sources
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.cache.v1.cache_service_pb2 import ClaimResponse
from assaycache.cache.v1.identity_pb2 import PipelineRef, Question, Submission
from assaycache.cache.v1.jobs_pb2 import Task
from rpc.context import bearer, credential, new_request_id, request_id
from rpc.errors import AssayError, FailedPrecondition, Internal, InvalidArgument
from rpc.logs import get_logger
from rpc.reasons import Reason
from rpc.status import opaque

log = get_logger(__name__)

_WAIT_SECONDS = 5.0
"""How long one Claim waits: no longer, so that a cache that drains is not held up."""

_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0

_BEATS_A_CLAIM = 5
_LONGEST_PULSE_SECONDS = 2.0

_FOR_GOOD = frozenset({Reason.SOURCE_FORBIDDEN, Reason.SOURCE_MISSING, Reason.BLOB_MISSING})
"""Beside what is wrong with the request or the file: what will be so again however often it is tried."""

_NOT_THE_TASKS_FAULT = frozenset(
    {
        Reason.CANCELLED,
        Reason.SHUTTING_DOWN,
        Reason.OVERLOADED,
        Reason.DEADLINE_EXCEEDED,
        Reason.CACHE_UNAVAILABLE,
        Reason.DATABASE_UNAVAILABLE,
        Reason.BLOB_STORE_UNAVAILABLE,
        Reason.LEASE_LOST,
        Reason.LEASE_VOIDED,
    }
)
"""After these the task goes back untried: an outage must not use up the attempts of everything that is queued."""


class Claimer:
    """A thread that works on one task after the other."""

    def __init__(
        self,
        queue: Queue,
        analyses: Analyses,
        sources: Sources,
        pipelines: Sequence[PipelineRef],
        metrics: TaskMetrics,
        own_token: str = "",
    ) -> None:
        self._queue = queue
        self._analyses = analyses
        self._sources = sources
        self._pipelines = tuple(pipelines)
        self._metrics = metrics
        self._is_stopping = threading.Event()
        self._said: Reason | None = None
        self._credential = bearer(own_token)
        self._thread = threading.Thread(target=self._run, name="claimer", daemon=True)

    def start(self) -> None:
        """Begin to claim."""
        self._thread.start()

    def stop(self) -> None:
        """Claim no more. What is being computed may land; what only waits for another replica is given back."""
        self._is_stopping.set()

    def join(self, seconds: float) -> None:
        """Wait for the end, so long at most: the claim of one that fetches from a silent source ends by itself."""
        if self._thread.is_alive():
            self._thread.join(seconds)

    def _run(self) -> None:
        credential.set(self._credential)
        pause = _FIRST_PAUSE_SECONDS
        while not self._is_stopping.is_set():
            request_id.set(new_request_id())
            if self._step():
                pause = _FIRST_PAUSE_SECONDS
            else:
                self._is_stopping.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)

    def _step(self) -> bool:
        """Work on the next task, if there is one; False where it is better to pause before the next."""
        try:
            claimed = self._queue.claim(uuid.uuid4().hex, _WAIT_SECONDS, self._pipelines)
        except AssayError as error:
            self._complain(error.reason)
            return False
        self._complain(None)
        return self._work(claimed) if claimed.HasField("task") else True

    def _work(self, claimed: ClaimResponse) -> bool:
        with _kept_alive(self._queue, claimed) as is_lost:
            end = self._try(claimed)
        if is_lost():
            self._metrics.ended("lost")
            return True
        return self._end(claimed, end)

    def _try(self, claimed: ClaimResponse) -> str | AssayError:
        """Return the id of the job that answers a task, or why there is none."""
        try:
            return self._answer(claimed)
        except AssayError as error:
            return error
        except Exception as error:
            return opaque("Claim", error)

    def _end(self, claimed: ClaimResponse, end: str | AssayError) -> bool:
        """Tell the queue what became of a task."""
        outcome = _outcome(end)
        try:
            if isinstance(end, str):
                self._queue.done(claimed.token, end)
            elif outcome == "failed":
                self._queue.failed(claimed.token, end)
            else:
                self._queue.release(claimed.token, end if outcome == "retried" else None)
        except AssayError as refused:
            log.warning("a task could not be ended; it is claimed again", reason=refused.reason)
            outcome = "lost"
        self._metrics.ended(outcome)
        reason = "" if isinstance(end, str) else end.reason
        log.info("task ended", task_id=claimed.task.task_id, outcome=outcome, reason=reason)
        return outcome in {"done", "failed", "retried"}

    def _answer(self, claimed: ClaimResponse) -> str:
        """Analyse what a task asks; return its job's id."""
        task = claimed.task
        if not task.question.HasField("blob"):
            return self._analysed(self._fetched(task, claimed.token))
        try:
            return self._analysed(task.question)
        except FailedPrecondition as error:
            if error.reason is not Reason.BLOB_MISSING or not task.source_uri:
                raise
        return self._analysed(self._fetched(task))

    def _fetched(self, task: Task, token: bytes = b"") -> Question:
        """Bring a task's bytes into the cache; return its question with their digest."""
        with tempfile.TemporaryFile() as file:
            fetched = self._sources.fetch(task.source_uri, file, self._queue.max_blob_bytes())
            submission = Submission(file_name=fetched.name)
            submission.MergeFrom(task.submission)
            blob = self._queue.ingest(Upload(token, task.question, submission, fetched, file))
        if task.question.HasField("blob") and task.question.blob != blob:
            raise InvalidArgument(
                Reason.DIGEST_MISMATCH,
                "The source has other bytes than the ones asked about.",
                metadata={"claimed": task.question.blob.sha256.hex(), "measured": blob.sha256.hex()},
            )
        question = Question()
        question.CopyFrom(task.question)
        question.blob.CopyFrom(blob)
        return question

    def _analysed(self, question: Question) -> str:
        request = pb2.AnalyzeRequest(question=question, detached=True)
        caller = Caller(lambda: not self._is_stopping.is_set(), _never_leaves)
        for event in self._analyses.answer(request, caller):
            if event.HasField("result"):
                return event.result.entry.identity.job_id
        raise Internal(Reason.INTERNAL, "The analysis ended without a result.")

    def _complain(self, reason: Reason | None) -> None:
        """Log that nothing can be claimed, once a reason."""
        if reason != self._said and reason not in {None, Reason.CANCELLED}:
            log.warning("tasks cannot be claimed; trying again", reason=reason)
        self._said = reason


@contextmanager
def _kept_alive(queue: Queue, claimed: ClaimResponse) -> Iterator[Callable[[], bool]]:
    """Send heartbeats while the body runs; gives a way to ask whether the claim was lost."""
    has_ended, is_lost = threading.Event(), threading.Event()
    lasts = claimed.expires_in.seconds + claimed.expires_in.nanos / 1e9
    pulse = min(_LONGEST_PULSE_SECONDS, lasts / _BEATS_A_CLAIM)
    identifier, shown = request_id.get(), credential.get()

    def beat() -> None:
        request_id.set(identifier)
        credential.set(shown)
        while not has_ended.wait(pulse):
            try:
                queue.extend(claimed.token)
            except FailedPrecondition:
                is_lost.set()  # whoever has it now waits for this computation, and gets its result
                return
            except AssayError as error:
                log.warning("a task's heartbeat got lost", reason=error.reason)

    heart = threading.Thread(target=beat, name="claim-heartbeat", daemon=True)
    heart.start()
    try:
        yield is_lost.is_set
    finally:
        has_ended.set()
        heart.join()


def _outcome(end: str | AssayError) -> str:
    if isinstance(end, str):
        return "done"
    if isinstance(end, InvalidArgument) or end.reason in _FOR_GOOD:
        return "failed"
    return "given_back" if end.reason in _NOT_THE_TASKS_FAULT else "retried"


def _never_leaves(_act: Callable[[], None]) -> bool:
    """Take the place of a caller that is there to the end."""
    return True
