"""Manifests in the memory of this process: where there is neither PostgreSQL nor Valkey, and parts are nowhere else."""

from collections.abc import Collection

from cache_service.entries import Scope, scope_of
from cache_service.invalidations.face import Selector
from cache_service.keys import Identity, Pipeline

_MOST_JOBS = 10_000


class ProcessManifests:
    """Manifests as a dictionary, of a bounded number of jobs."""

    def __init__(self) -> None:
        self._jobs: dict[tuple[bytes, Pipeline], tuple[Scope, set[bytes]]] = {}

    async def join(self, job: Identity, generation: int, parts: Pipeline, keys: Collection[bytes]) -> bool:  # noqa: ARG002 - the reader compares generations
        """Note that a job uses parts."""
        while len(self._jobs) >= _MOST_JOBS:
            del self._jobs[next(iter(self._jobs))]
        self._jobs.setdefault((job.key, parts), (scope_of(job), set()))[1].update(keys)
        return True

    async def parts_of(self, selector: Selector) -> set[bytes]:
        """Return the keys of the parts of all jobs that a selector means."""
        return {key for (job, _), (scope, keys) in self._jobs.items() if selector.means(job, scope) for key in keys}

    async def part_pipelines(self, selector: Selector) -> set[Pipeline]:
        """Return the pipelines of the parts of all jobs that a selector means."""
        return {parts for (job, parts), (scope, _) in self._jobs.items() if selector.means(job, scope)}

    async def forget(self, selector: Selector, before: float) -> None:  # noqa: ARG002 - a manifest that comes back is written anew
        """Remove the manifests of all jobs that a selector means."""
        self._jobs = {item: held for item, held in self._jobs.items() if not selector.means(item[0], held[0])}
