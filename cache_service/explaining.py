"""Explaining: why a question has no answer, or which tiers have it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from cache_service.breaker import NOT_NOW
from cache_service.entries import Failure, Record, scope_of
from cache_service.invalidations.coherence import Coherence
from cache_service.jobs.face import Filter, Job, JobBook, Status
from cache_service.keys import Identity
from cache_service.records import Records
from cache_service.reservations import Reservations

_MOST_OTHERS = 20

_SENTENCES = {
    "present": "It has an answer.",
    "failed": "It failed for a reason that follows from the input; ask with retry_failed to compute it again.",
    "in_progress": "It is being computed just now.",
    "invalidated": "It had an answer, which was invalidated; asking again computes it.",
    "expired": "It had an answer, whose time ran out; asking again computes it.",
    "evicted": "It had an answer, which made room for others; asking again computes it.",
    "other_question": "It was never asked; the same file has answers to other questions, which differ as listed.",
    "never_seen": "It was never asked here, or all trace of it is gone.",
    "tier_away": "A tier that may have it does not answer just now.",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which another question about the same file differs."""

    job_id: str
    field: str
    asked: str
    known: str


@dataclass(frozen=True, slots=True)
class Explained:
    """What is known of a question."""

    explanation: str
    tiers: tuple[str, ...] = ()
    failed: Record | None = None
    differences: tuple[Difference, ...] = ()
    message: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "message", _SENTENCES[self.explanation])


class Explaining:
    """Looks where an answer is, and for traces of one."""

    def __init__(self, results: Records, reservations: Reservations, coherence: Coherence, book: JobBook) -> None:
        self._results = results
        self._reservations = reservations
        self._coherence = coherence
        self._book = book

    async def of(self, identity: Identity, params_json: str) -> Explained:
        """Explain a question."""
        found, away = await self._standing(identity)
        if found:
            tiers = tuple(found)
            record = found[tiers[-1]]  # the slowest tier is the one to be believed
            if isinstance(record.outcome, Failure):
                return Explained("failed", tiers, failed=record)
            return Explained("present", tiers)
        if await self._reservations.progress(identity.key) is not None:
            return Explained("in_progress")
        if self._coherence.invalidated(identity.key, scope_of(identity)) is not None:
            return Explained("invalidated")
        trace = await self._trace(identity)
        if trace != "never_seen":
            return Explained(trace)
        differences = await self._differences(identity, params_json)
        if differences:
            return Explained("other_question", differences=differences)
        return Explained("tier_away" if away else "never_seen")

    async def _standing(self, identity: Identity) -> tuple[dict[str, Record], bool]:
        """Return the record by tier, and whether a tier did not answer."""
        found, away = {}, False
        for tier in self._results.tiers:
            try:
                record = await tier.get(identity.key)
            except NOT_NOW:
                away = True
                continue
            if record is not None and self._coherence.stands(record):
                found[tier.name] = record
        return found, away

    async def _trace(self, identity: Identity) -> str:
        if self._results.durable is None:
            return "never_seen"
        try:
            return await self._results.durable.absence(identity.key)
        except NOT_NOW:
            return "never_seen"

    async def _differences(self, identity: Identity, params_json: str) -> tuple[Difference, ...]:
        wanted = Filter(identity.namespace, frozenset({Status.SUCCEEDED}), blob_sha256=identity.blob.sha256)
        try:
            page = await self._book.list(wanted, _MOST_OTHERS, None)
        except NOT_NOW:
            return ()
        others = [job for job in page.jobs if job.identity.key != identity.key]
        return tuple(difference for job in others for difference in _between(identity, params_json, job))


def _between(identity: Identity, params_json: str, job: Job) -> Iterator[Difference]:
    asked, known = _fields(identity, params_json), _fields(job.identity, job.params_json)
    for name in sorted(asked.keys() | known.keys()):
        if asked.get(name) != known.get(name):
            yield Difference(job.identity.job_id, name, asked.get(name, "the default"), known.get(name, "the default"))


def _fields(identity: Identity, params_json: str) -> dict[str, str]:
    fields = {"pipeline.name": identity.pipeline.name, "pipeline.version": identity.pipeline.version}
    if identity.reference_digest:
        fields["reference"] = identity.reference_digest.hex()
    for name, value in orjson.loads(params_json).items():
        fields[name] = orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return fields
