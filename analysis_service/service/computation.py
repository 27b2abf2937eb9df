"""A computation in parts: looked up first, computed where they are missing, kept, put together."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from analysis_service.metrics import ComputationMetrics
from analysis_service.pipelines import PartsOf, Pipeline
from analysis_service.service.cache import Cache
from analysis_service.service.gathering import Gathering, Ways
from analysis_service.service.outlines import shelf_of
from analysis_service.service.part_columns import write_parts
from analysis_service.service.parted import ASSEMBLE, COMPUTE, PREPARE, RECALL, compute_arguments, job_name
from analysis_service.service.steps import Damaged, Finished, Plan, Step, step_in
from analysis_service.service.tasks import Tasks
from analysis_service.workers.pool import Progress, Queued
from analysis_service.workers.worker import Task
from assaycache.cache.v1.cache_service_pb2 import BatchLookupRequest
from assaycache.cache.v1.entry_pb2 import Payload
from assaycache.cache.v1.identity_pb2 import Identity, Question
from rpc.logs import get_logger

log = get_logger(__name__)

_PREPARED, _GATHERED = 0.1, 0.95
"""The shares of the whole at which the parts begin and end, roughly."""

Tell = Callable[[Queued | Progress], None]


@dataclass(frozen=True)
class Assignment:
    """What is to be computed, by which pipeline, under which lease."""

    question: Question
    identity: Identity
    pipeline: Pipeline
    lease_token: bytes


class Source:
    """The input of a computation, fetched when it is first needed."""

    def __init__(self, file: BinaryIO, fetch: Callable[[BinaryIO], None]) -> None:
        self._file = file
        self._fetch = fetch
        self._is_here = False

    def file(self) -> BinaryIO:
        """Return the file with the input in it.

        Raises:
            AssayError: of `fetch`.
        """
        if not self._is_here:
            self._fetch(self._file)
            self._file.flush()
            self._is_here = True
        return self._file


class Computation:
    """Computes the result of one assignment.

    `tell` hears of the progress; `check` is called now and then and raises where the work is to stop.
    """

    def __init__(
        self,
        assignment: Assignment,
        cache: Cache,
        tasks: Tasks,
        metrics: ComputationMetrics,
        tell: Tell,
        check: Callable[[], None],
    ) -> None:
        self._assignment = assignment
        self._pipeline = assignment.pipeline
        self._question = _resolved(assignment).SerializeToString()
        self._tasks = tasks
        self._tell = tell
        self._shelf = shelf_of(
            cache, assignment.pipeline, assignment.question, assignment.identity, assignment.lease_token
        )
        self._is_verified = False
        self._furthest = 0.0
        self._ways = Ways(cache, tasks, self._scaled(_PREPARED, _GATHERED), self._counter(metrics), check)

    def payload(self, source: Source) -> Payload:
        """Return the result for an input.

        Raises:
            AssayError: what a job raised, or of the pool; of `source`; LEASE_LOST, LEASE_VOIDED.
        """
        parts = self._pipeline.parts
        if parts is None:
            return Payload.FromString(
                self._tasks.run(Task(self._pipeline.name, self._question, source.file()), self._tell)
            )
        step = self._recalled() or self._prepared(source)
        while isinstance(step, Plan):
            step = self._followed(step, parts, source)
        if not isinstance(step, Finished):
            raise TypeError("parts that were just computed cannot be read")
        return step.payload

    def _recalled(self) -> Plan | None:
        """Plan by the outline of the input, where there is one, without the input."""
        found = None if self._shelf is None else self._shelf.find()
        if found is None:
            return None
        with tempfile.TemporaryFile() as file:
            write_parts(file, 0, found)
            file.flush()
            step = step_in(self._tasks.run(self._task(RECALL, self._question, file), self._scaled(0.0, _PREPARED)))
        if isinstance(step, Plan):
            return step
        log.warning("an outline from the cache cannot be read and is made anew")
        return None

    def _prepared(self, source: Source) -> Step:
        """Plan by the input itself, which is verified, and keep its outline."""
        task = self._task(PREPARE, self._question, source.file())
        step = step_in(self._tasks.run(task, self._scaled(0.0, _PREPARED)))
        self._is_verified = True
        if isinstance(step, Plan) and step.outline is not None and self._shelf is not None:
            self._shelf.keep(step.outline)
        return step

    def _followed(self, plan: Plan, parts: PartsOf, source: Source) -> Step:
        """Return what the parts of a plan are put together to."""
        with tempfile.TemporaryFile() as state, tempfile.TemporaryFile() as found:
            state.write(plan.state)
            state.flush()

            def task_of(indexes: Sequence[int]) -> Task:
                if not self._is_verified:
                    self._prepared(source)
                return self._task(COMPUTE, compute_arguments(self._question, indexes), source.file(), state)

            gathering = Gathering(self._ways, self._addressed(plan.wanted), found, task_of, parts.count_a_task)
            gathering.gather()
            step = self._assembled(source, state, found)
            if isinstance(step, Damaged):
                log.warning("parts from the cache cannot be read and are computed anew", count=len(step.indexes))
                self._ways.count("damaged", len(step.indexes))
                gathering.compute(step.indexes)
                step = self._assembled(source, state, found)
            return step

    def _assembled(self, source: Source, state: BinaryIO, found: BinaryIO) -> Step:
        """Put the parts together; a plan that was recalled needs no input."""
        found.flush()
        with tempfile.TemporaryFile() as nothing:
            file = source.file() if self._is_verified else nothing
            task = self._task(ASSEMBLE, self._question, file, state, found)
            return step_in(self._tasks.run(task, self._scaled(_GATHERED, 1.0)))

    def _addressed(self, wanted: BatchLookupRequest) -> BatchLookupRequest:
        """Return a plan's request with what the job adds to it."""
        wanted.namespace = self._assignment.identity.namespace
        wanted.lease_token = self._assignment.lease_token
        return wanted

    def _task(self, step: str, arguments: bytes, file: BinaryIO, *more_files: BinaryIO) -> Task:
        return Task(job_name(self._pipeline.name, step), arguments, file, more_files)

    def _scaled(self, begin: float, end: float) -> Tell:
        """Return a listener that tells the progress of one step as that of the whole, which never goes back."""

        def hear(event: Queued | Progress) -> None:
            if isinstance(event, Progress):
                self._furthest = max(self._furthest, begin + (end - begin) * event.fraction)
                event = replace(event, fraction=self._furthest)
            self._tell(event)

        return hear

    def _counter(self, metrics: ComputationMetrics) -> Callable[[str, int], None]:
        return lambda origin, count: metrics.parts(self._pipeline.name, origin, count)


def _resolved(assignment: Assignment) -> Question:
    """Return the question with the digest of its reference, whatever name it was asked by."""
    question = Question()
    question.CopyFrom(assignment.question)
    if assignment.identity.reference_digest:
        question.reference.digest = assignment.identity.reference_digest
    return question
