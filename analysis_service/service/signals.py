"""One call of GetSignals: the file once, then a task a channel, a few at a time."""

import tempfile
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from analysis_service.pipelines import Pipeline
from analysis_service.service.analyses import Caller
from analysis_service.service.cache import Cache
from analysis_service.service.parted import job_name
from analysis_service.service.steps import encoded_indexes, indexes_in, joined, split
from analysis_service.service.tasks import Computing, Pool, Tasks
from analysis_service.workers.pool import Progress, Queued
from analysis_service.workers.worker import Task
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from rpc.errors import field_invalid

MAX_POINTS = 100_000
"""A signal of so many is a message of 1.6 MB."""

_AHEAD = 4
"""How many channels are computed before the caller has taken the first of them: it bounds the memory of a slow one."""


class Signals:
    """Answers GetSignals. Nothing is kept: a plot costs less than keeping it."""

    def __init__(self, cache: Cache, pool: Pool) -> None:
        self._cache = cache
        self._pool = pool

    def answer(
        self, request: pb2.GetSignalsRequest, pipeline: Pipeline, caller: Caller
    ) -> Iterator[pb2.GetSignalsResponse]:
        """Return the signals, a channel at a time.

        Raises:
            AssayError: what the contract lists.
        """
        _check(request)
        tasks = Tasks(self._pool)
        caller.when_left(tasks.cancel)
        try:
            with tempfile.TemporaryFile() as file:
                self._download(request, file, caller)
                yield from _channels(request, pipeline, tasks, file)
        finally:
            tasks.cancel()

    def _download(self, request: pb2.GetSignalsRequest, file: BinaryIO, caller: Caller) -> None:
        for chunk in self._cache.download(request.question.namespace, request.question.blob):
            caller.check()
            file.write(chunk)
        file.flush()


def _channels(
    request: pb2.GetSignalsRequest, pipeline: Pipeline, tasks: Tasks, file: BinaryIO
) -> Iterator[pb2.GetSignalsResponse]:
    asked = request.SerializeToString()
    indexes, rate = split(tasks.run(Task(job_name(pipeline.name, "channels"), asked, file), _ignore))
    started: deque[Computing] = deque()
    for index in indexes_in(indexes):
        arguments = joined(asked, encoded_indexes([index]), bytes(rate))
        started.append(tasks.start(Task(job_name(pipeline.name, "signals"), arguments, file), _ignore))
        if len(started) >= _AHEAD:
            yield from _messages(tasks.wait(started.popleft()))
    while started:
        yield from _messages(tasks.wait(started.popleft()))


def _messages(output: bytes) -> Iterator[pb2.GetSignalsResponse]:
    return (pb2.GetSignalsResponse.FromString(bytes(message)) for message in split(output))


def _check(request: pb2.GetSignalsRequest) -> None:
    if request.max_points > MAX_POINTS:
        raise field_invalid("max_points", f"must be at most {MAX_POINTS}")
    if request.start.ToNanoseconds() < 0:
        raise field_invalid("start", "must not be negative")
    if request.HasField("length") and request.length.ToNanoseconds() <= 0:
        raise field_invalid("length", "must be positive")


def _ignore(event: Queued | Progress) -> None:
    """A plot is quick: nobody is told how far it has come."""
