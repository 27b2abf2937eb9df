"""What is invalidated, and what every place that keeps the log of it can do."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cache_service.entries import Scope
from cache_service.keys import Pipeline, job_id_of


@dataclass(frozen=True, slots=True)
class Selector:
    """What is meant within a namespace: one job, all of a blob, versions of a pipeline, or, with none of them, all."""

    namespace: str
    job_id: str = ""
    blob_sha256: bytes = b""
    pipeline: str = ""
    from_version: str = ""
    to_version: str = ""

    @property
    def by_manifest(self) -> bool:
        """Whether the parts that are meant are found by the manifests of jobs only."""
        return bool(self.job_id or self.blob_sha256)

    def means(self, key: bytes, scope: Scope) -> bool:
        """Return whether this means the record under a key."""
        if scope.namespace != self.namespace:
            return False
        if self.job_id:
            return job_id_of(key) == self.job_id
        if self.blob_sha256:
            return scope.blob_sha256 == self.blob_sha256
        return not self.pipeline or self.means_pipeline(scope.pipeline)

    def means_pipeline(self, pipeline: Pipeline) -> bool:
        """Return whether a version of a pipeline is within the range."""
        if pipeline.name != self.pipeline:
            return False
        version = version_numbers(pipeline.version)
        return (not self.from_version or version >= version_numbers(self.from_version)) and (
            not self.to_version or version <= version_numbers(self.to_version)
        )


@dataclass(frozen=True, slots=True)
class Invalidation:
    """One entry of the log: records of an older generation that the selector means are no more. `made_at` in seconds
    since 1970."""

    id: str
    generation: int
    selector: Selector
    erases: bool
    note: str
    made_at: float


class Log(Protocol):
    """A place that keeps the log. Any of it may raise TierAway."""

    name: str
    held: set[str]
    """The ids of the entries that the place is known to have."""

    async def make(self, selector: Selector, *, erases: bool, note: str, above: int) -> Invalidation:
        """Add an entry whose generation is higher than all before it in this place, and than `above`."""
        ...

    async def copy(self, entries: Sequence[Invalidation]) -> None:
        """Add entries that were made elsewhere."""
        ...

    async def news(self) -> list[Invalidation]:
        """Return what has been added since this was asked last; everything where the place has lost some of it."""
        ...

    async def drop(self, entries: Sequence[Invalidation]) -> None:
        """Remove entries that nobody needs any more."""
        ...


def next_generation(last: int) -> int:
    """Return a generation above the last one.

    It is the time in microseconds, so that it never restarts lower where a place has lost its log.
    """
    return max(last + 1, time.time_ns() // 1000)


def new_invalidation(selector: Selector, generation: int, *, erases: bool, note: str) -> Invalidation:
    """Return a new entry."""
    return Invalidation(str(uuid.uuid4()), generation, selector, erases, note, time.time())


def version_numbers(version: str) -> tuple[int, ...]:
    """Return a version such as "1.0.0" in the form that orders versions."""
    return tuple(int(number) for number in version.split("."))


def selector_json(selector: Selector) -> dict[str, str]:
    """Return a selector as plain JSON data."""
    return {
        "namespace": selector.namespace,
        "job": selector.job_id,
        "blob": selector.blob_sha256.hex(),
        "pipeline": selector.pipeline,
        "from": selector.from_version,
        "to": selector.to_version,
    }


def selector_of(data: dict[str, Any]) -> Selector:
    """Return the selector that `selector_json` wrote."""
    return Selector(
        data["namespace"],
        data["job"],
        bytes.fromhex(data["blob"]),
        data["pipeline"],
        data["from"],
        data["to"],
    )


def invalidation_json(entry: Invalidation) -> dict[str, Any]:
    """Return an entry as plain JSON data."""
    return {
        "id": entry.id,
        "generation": entry.generation,
        "selector": selector_json(entry.selector),
        "erases": entry.erases,
        "note": entry.note,
        "made_at": entry.made_at,
    }


def invalidation_of(data: dict[str, Any]) -> Invalidation:
    """Return the entry that `invalidation_json` wrote."""
    return Invalidation(
        data["id"],
        data["generation"],
        selector_of(data["selector"]),
        data["erases"],
        data["note"],
        data["made_at"],
    )
