"""Jobs in the memory of this process: where there is neither PostgreSQL nor Valkey."""

from collections import OrderedDict
from collections.abc import Sequence

from cache_service.invalidations.face import Selector
from cache_service.jobs.face import Event, Filter, Job, Page, applied, means, page_of

_MOST_JOBS = 10_000


class ProcessJobs:
    """The last changed jobs, a bounded number of them."""

    def __init__(self, most_jobs: int = _MOST_JOBS) -> None:
        self._most_jobs = most_jobs
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    async def write(self, events: Sequence[Event]) -> None:
        """Write down what happened."""
        for event in events:
            job_id = event.identity.job_id
            self._jobs[job_id] = applied(self._jobs.get(job_id), event)
            self._jobs.move_to_end(job_id)
        while len(self._jobs) > self._most_jobs:
            self._jobs.popitem(last=False)

    async def find(self, namespace: str, job_id: str) -> Job | None:
        """Return a job with all its submissions."""
        job = self._jobs.get(job_id)
        return job if job is not None and job.identity.namespace == namespace else None

    async def list(self, wanted: Filter, limit: int, after: tuple[float, str] | None) -> Page:
        """Return a page of jobs."""
        return page_of(list(self._jobs.values()), wanted, limit, after)

    async def count(self, namespace: str) -> int:
        """Return how many jobs there are."""
        return sum(job.identity.namespace == namespace for job in self._jobs.values())

    async def keys(self, selector: Selector) -> Sequence[bytes]:
        """Return the keys of the jobs that a selector means."""
        return [job.identity.key for job in self._jobs.values() if means(selector, job)]

    async def erase(self, namespace: str, blob_sha256: bytes, until: float) -> int:
        """Remove the jobs of a blob and their submissions up to a time."""
        selector = Selector(namespace, blob_sha256=blob_sha256)
        erased = [job for job in self._jobs.values() if means(selector, job) and job.updated_at <= until]
        for job in erased:
            del self._jobs[job.identity.job_id]
        return sum(len(job.submissions) for job in erased)
