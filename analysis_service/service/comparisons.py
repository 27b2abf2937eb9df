"""One call of Compare: the results out of the cache, compared by a worker."""

import tempfile
from collections.abc import Sequence
from typing import BinaryIO

from analysis_service.pipelines import SEQUENCE_TAXONOMY
from analysis_service.service.analyses import Caller
from analysis_service.service.cache import Cache
from analysis_service.service.parted import job_name
from analysis_service.service.steps import joined
from analysis_service.service.tasks import Pool, Tasks
from analysis_service.workers.pool import Progress, Queued
from analysis_service.workers.worker import Task
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.cache.v1.entry_pb2 import Entry
from rpc.errors import InvalidArgument, NotFound, field_invalid, field_missing
from rpc.reasons import Reason

MOST_JOBS = 50
"""Each result may take tens of megabytes when it is unpacked; a heatmap of more jobs is unreadable."""


class Comparisons:
    """Answers Compare. Nothing is kept: it costs little beside the analyses."""

    def __init__(self, cache: Cache, pool: Pool) -> None:
        self._cache = cache
        self._pool = pool

    def answer(self, request: pb2.CompareRequest, caller: Caller) -> pb2.CompareResponse:
        """Return the comparison.

        Raises:
            AssayError: what the contract lists.
        """
        _check(request.job_ids)
        entries = [self._entry(request.namespace, job_id) for job_id in request.job_ids]
        _check_alike(entries)
        tasks = Tasks(self._pool)
        caller.when_left(tasks.cancel)
        with tempfile.TemporaryFile() as file:
            for entry in entries:
                caller.check()
                self._write(entry, file)
            file.flush()
            task = Task(job_name(SEQUENCE_TAXONOMY.name, "compare"), request.SerializeToString(), file)
            return pb2.CompareResponse.FromString(tasks.run(task, _ignore))

    def _entry(self, namespace: str, job_id: str) -> Entry:
        entry = self._cache.result(namespace, job_id)
        if entry is None:
            raise NotFound(Reason.JOB_UNKNOWN, f"Job {job_id} has no result now; analyse its file again.")
        return entry

    def _write(self, entry: Entry, file: BinaryIO) -> None:
        payload = entry.payload
        if payload.HasField("blob"):
            payload.data = b"".join(self._cache.download(entry.identity.namespace, payload.blob))
            payload.ClearField("blob")
        file.write(joined(payload.SerializeToString()))


def _check(job_ids: Sequence[str]) -> None:
    if not job_ids:
        raise field_missing("job_ids")
    if len(job_ids) > MOST_JOBS:
        raise field_invalid("job_ids", f"may name {MOST_JOBS} jobs at most")
    if len(set(job_ids)) < len(job_ids):
        raise field_invalid("job_ids", "must name each job once")


def _check_alike(entries: Sequence[Entry]) -> None:
    for entry in entries:
        if entry.identity.pipeline.name != SEQUENCE_TAXONOMY.name:
            raise field_invalid("job_ids", f"has {entry.identity.job_id}, which is not of {SEQUENCE_TAXONOMY.name}")
    digests = dict.fromkeys(entry.identity.reference_digest.hex() for entry in entries)
    if len(digests) > 1:
        raise InvalidArgument(
            Reason.REFERENCES_DIFFER,
            f"The jobs were made with {len(digests)} references, whose taxa are not the same; analyse the "
            "files again with one of them.",
            metadata={"references": ",".join(digests)},
        )


def _ignore(event: Queued | Progress) -> None:
    """A comparison is quick: nobody is told how far it has come."""
