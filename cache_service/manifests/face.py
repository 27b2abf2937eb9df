"""What every place that keeps manifests can do. Any of it may raise TierAway."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from cache_service.breaker import NOT_NOW, TierAway
from cache_service.invalidations.face import Selector
from cache_service.keys import Identity, Pipeline


@dataclass(frozen=True, slots=True)
class Reached:
    """What manifests tell of a selector; `complete` is False where a place that may know more did not answer."""

    parts: frozenset[bytes]
    complete: bool


class Manifests(Protocol):
    """Part keys by job."""

    async def join(self, job: Identity, generation: int, parts: Pipeline, keys: Collection[bytes]) -> bool:
        """Note that a job uses parts; False where an invalidation later than the generation means the job."""
        ...

    async def parts_of(self, selector: Selector) -> set[bytes]:
        """Return the keys of the parts of all jobs that a selector means."""
        ...

    async def part_pipelines(self, selector: Selector) -> set[Pipeline]:
        """Return the pipelines of the parts of all jobs that a selector means."""
        ...

    async def forget(self, selector: Selector, before: float) -> None:
        """Remove the manifests of all jobs that a selector means, written before a time (seconds since 1970)."""
        ...


class ManifestChain:
    """Manifests in the first place that answers, read from all of them."""

    def __init__(self, places: Sequence[Manifests]) -> None:
        self._places = places

    async def join(self, job: Identity, generation: int, parts: Pipeline, keys: Collection[bytes]) -> bool:
        """Note that a job uses parts; False where the job has been invalidated.

        Raises:
            TierAway: if no place answers.
        """
        for place in self._places:
            try:
                return await place.join(job, generation, parts, keys)
            except TierAway:
                continue
        raise TierAway("manifests")

    async def parts_of(self, selector: Selector) -> Reached:
        """Return the parts of all jobs that a selector means."""
        parts: set[bytes] = set()
        complete = True
        for place in self._places:
            try:
                parts |= await place.parts_of(selector)
            except NOT_NOW:
                complete = False
        return Reached(frozenset(parts), complete)

    async def part_pipelines(self, selector: Selector) -> set[Pipeline]:
        """Return the pipelines of the parts of all jobs that a selector means, as far as places answer."""
        found: set[Pipeline] = set()
        for place in self._places:
            try:
                found |= await place.part_pipelines(selector)
            except NOT_NOW:
                continue  # the parts' own pipelines can be invalidated by name when it is back
        return found

    async def forget(self, selector: Selector, before: float) -> None:
        """Remove the manifests of all jobs that a selector means.

        Raises:
            TierAway: if a place does not answer.
        """
        for place in self._places:
            await place.forget(selector, before)
