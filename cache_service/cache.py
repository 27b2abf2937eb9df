"""The rules of the cache, over tiers, leases, blobs and the job book. Plain values in and out."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from cache_service.away import AwayAs
from cache_service.breaker import NOT_NOW
from cache_service.commits import Commits
from cache_service.entries import (
    Failure,
    Payload,
    Progress,
    Record,
    Submission,
    Usage,
    scope_of,
)
from cache_service.explaining import Explained, Explaining
from cache_service.files import Files
from cache_service.forgetting import Forgetting, Forgotten
from cache_service.invalidations.coherence import Coherence
from cache_service.invalidations.face import Selector
from cache_service.jobs.face import Event, Filter, Job, JobBook, Page, Status
from cache_service.journal import Journal
from cache_service.keys import Identity, Pipeline
from cache_service.manifests.face import ManifestChain
from cache_service.records import Absent, Found, FoundByTier, Records
from cache_service.reservations import Leased, Outcome, Reservations, lease_lost, lease_voided
from cache_service.statistics import Statistics
from cache_service.tokens import Token
from cache_service.usage import Uses
from cache_service.waiting import WaitingRoom
from rpc.errors import AssayError, InvalidArgument, NotFound
from rpc.reasons import REMEMBERED, Reason


@dataclass(frozen=True, slots=True)
class Retention:
    """How long things are kept, in seconds."""

    result_seconds: float
    failure_seconds: float


@dataclass(frozen=True, slots=True)
class Missed:
    """A look-up without an answer."""

    reason: str
    blob_present: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What a commit left standing."""

    record: Record
    durability: str
    superseded: bool


@dataclass(frozen=True, slots=True)
class Question:
    """An identity, with its params for display and who asks."""

    identity: Identity
    params_json: str = "{}"
    submission: Submission | None = None


class Cache:
    """What the service does, without its protocol."""

    def __init__(
        self,
        *,
        files: Files,
        results: Records,
        parts: Records,
        reservations: Reservations,
        commits: Commits,
        room: WaitingRoom,
        book: JobBook,
        journal: Journal,
        coherence: Coherence,
        manifests: ManifestChain,
        forgetting: Forgetting,
        statistics: Statistics,
        retention: Retention,
        uses: Uses | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.files = files
        self.results = results
        self.statistics = statistics
        self._parts = parts
        self._reservations = reservations
        self._commits = commits
        self._room = room
        self._book = book
        self._explaining = Explaining(results, reservations, coherence, book)
        self._journal = journal
        self._coherence = coherence
        self._manifests = manifests
        self._forgetting = forgetting
        self._retention = retention
        self._uses = uses
        self._clock = clock

    # -- look-ups ------------------------------------------------------------------------------------------------

    async def lookup(self, question: Question) -> Found | Missed:
        """Answer from the tiers, or say why not; note who asked."""
        if question.submission is not None:
            self._note(question, status=Status.ASKED, submission=question.submission)
        found = await self.results.find(question.identity.key, question.identity.namespace)
        if isinstance(found, Found):
            self._count(found)
            return found
        missed = await self._missed(question.identity, found)
        self.statistics.miss(missed.reason)
        if question.submission is not None:
            await self._write_down()  # what begins here is slow anyhow, and every replica should list it at once
        return missed

    async def lookup_parts(self, keys: Sequence[bytes]) -> FoundByTier:
        """Return the parts that there are."""
        found = await self._parts.find_many(keys)
        for tier, parts in found.items():
            if self._uses is not None:
                self._uses.note_parts(parts)
            self.statistics.hit(tier, sum([part.compute_cost_ms for part in parts.values()]), len(parts))
        missed = len(keys) - sum(map(len, found.values()))
        if missed:
            self.statistics.miss("never_seen", missed)
        return found

    # -- reservations --------------------------------------------------------------------------------------------

    async def reserve(self, question: Question, owner_id: str, wait_seconds: float, *, retry_failed: bool) -> Outcome:
        """Return what stands, a lease, or the news that somebody else computes.

        Raises:
            FailedPrecondition: BLOB_MISSING.
        """
        identity = question.identity
        outcome = await self._reservations.reserve(identity, owner_id, wait_seconds, retry_failed=retry_failed)
        if isinstance(outcome, Leased):
            try:
                await self.files.require(identity)
            except AssayError:
                await self._reservations.release(outcome.token)
                raise
            self._note(question, status=Status.RUNNING)
        if isinstance(outcome, Found):
            self._count(outcome)
        self.statistics.reservation(type(outcome).__name__.lower())
        return outcome

    async def extend(self, token: Token, progress: Progress) -> int:
        """Let a lease last on; return how many wait."""
        await self.files.note_use(token.identity)
        return await self._reservations.extend(token, progress)

    async def release(self, token: Token) -> None:
        """End a lease without a result."""
        await self._reservations.release(token)

    async def commit(
        self, token: Token, payload: Payload, compute_cost_ms: float, retention_seconds: float | None = None
    ) -> Standing:
        """Let a result stand under its key, for the default retention unless its pipeline has one of its own.

        Raises:
            InvalidArgument: PAYLOAD_INVALID, PAYLOAD_TOO_LARGE.
            FailedPrecondition: LEASE_LOST, LEASE_VOIDED, BLOB_MISSING (of a payload that is a blob).
        """
        await self._reservations.check(token)
        await self.files.check(payload, token.identity.namespace)
        seconds = retention_seconds or self._retention.result_seconds
        record = self._record(token.identity, payload, compute_cost_ms, seconds, token.generation)
        return await self._settle(token, record, Status.SUCCEEDED)

    async def fail(self, token: Token, failure: Failure, retention_seconds: float | None) -> None:
        """Remember a failure that follows from the input.

        Raises:
            InvalidArgument: REASON_NOT_REMEMBERED.
            FailedPrecondition: LEASE_LOST, LEASE_VOIDED.
        """
        if failure.reason not in REMEMBERED:
            raise InvalidArgument(
                Reason.REASON_NOT_REMEMBERED,
                f"{failure.reason} does not follow from the input, so it is not remembered; release the lease instead.",
                metadata={"reason": failure.reason},
            )
        await self._reservations.check(token)
        seconds = min(retention_seconds or self._retention.failure_seconds, self._retention.result_seconds)
        record = self._record(token.identity, failure, 0.0, seconds, token.generation)
        await self._settle(token, record, Status.FAILED)
        self.statistics.failure(failure.reason)

    async def _settle(self, token: Token, record: Record, status: Status) -> Standing:
        event = Event(
            token.identity,
            self._clock(),
            status=status,
            failure=record.outcome if isinstance(record.outcome, Failure) else None,
            compute_cost_ms=record.compute_cost_ms,
            result_size_bytes=record.outcome.uncompressed_size_bytes if isinstance(record.outcome, Payload) else 0,
        )
        committed = await self._commits.commit(token, record, event)
        await self._room.wake(token.identity.key)
        if committed is None:
            raise lease_lost()
        self.statistics.commit(committed.durability)
        return Standing(committed.record, committed.durability, committed.superseded)

    # -- parts ---------------------------------------------------------------------------------------------------

    async def join_manifest(self, token: Token, parts: Pipeline, keys: Sequence[bytes]) -> bool:
        """Write parts into the manifest of a job that is being computed.

        False where no manifest can be written just now: then parts may be neither answered nor kept for this job,
        since an erasure of its input would not find them.

        Raises:
            FailedPrecondition: LEASE_VOIDED.
        """
        await self._reservations.check(token)
        try:
            if await self._manifests.join(token.identity, token.generation, parts, keys):
                return True
        except NOT_NOW:
            return False
        raise lease_voided()

    async def generation(self) -> int:
        """Return the generation of what is stored outside of any lease from now on."""
        await self._coherence.confirm()
        return self._coherence.generation

    async def part_record(
        self,
        identity: Identity,
        payload: Payload,
        compute_cost_ms: float,
        generation: int,
        retention_seconds: float | None = None,
    ) -> Record:
        """Return a part as a record, checked.

        Raises:
            InvalidArgument: PAYLOAD_INVALID, PAYLOAD_TOO_LARGE.
        """
        await self.files.check(payload, identity.namespace)
        seconds = retention_seconds or self._retention.result_seconds
        return self._record(identity, payload, compute_cost_ms, seconds, generation)

    async def store_parts(self, records: Sequence[Record]) -> bool:
        """Keep parts; return whether they are durable."""
        return await self._parts.keep(records, durably=True)

    async def remember_failure(self, question: Question, failure: Failure) -> None:
        """Remember a failure that shows before anybody computes, such as an empty file."""
        outcome = await self._reservations.reserve(question.identity, "ingest", 0.0, retry_failed=True)
        if isinstance(outcome, Leased):
            await self.fail(outcome.token, failure, None)

    # -- forgetting ----------------------------------------------------------------------------------------------

    async def invalidate(self, selector: Selector, note: str) -> Forgotten:
        """Forget results and parts.

        Raises:
            Unavailable: DATABASE_UNAVAILABLE.
        """
        return await self._forgetting.invalidate(selector, note)

    async def erase(self, namespace: str, blob_sha256: bytes, note: str) -> Forgotten:
        """Forget a blob and all that follows from it.

        Raises:
            NotFound: BLOB_MISSING: nothing of it is known.
            Unavailable: DATABASE_UNAVAILABLE.
        """
        forgotten = await self._forgetting.erase(namespace, blob_sha256, note)
        if forgotten.nothing:
            raise NotFound(
                Reason.BLOB_MISSING, "Nothing of this blob is known.", metadata={"sha256": blob_sha256.hex()}
            )
        return forgotten

    async def explain(self, question: Question) -> Explained:
        """Say why a question has no answer, or where its answer is."""
        await self._coherence.confirm()
        return await self._explaining.of(question.identity, question.params_json)

    async def explain_job(self, namespace: str, job_id: str) -> tuple[Identity, Explained]:
        """Say the same of a job.

        Raises:
            NotFound: JOB_UNKNOWN.
        """
        job = await self.job(namespace, job_id)
        return job.identity, await self.explain(Question(job.identity, job.params_json))

    # -- jobs and statistics -------------------------------------------------------------------------------------

    async def job(self, namespace: str, job_id: str) -> Job:
        """Return a job.

        Raises:
            NotFound: JOB_UNKNOWN.
        """
        with _book_errors():
            await self._journal.flush()
            job = await self._book.find(namespace, job_id)
        if job is None:
            raise NotFound(Reason.JOB_UNKNOWN, f"No job has the id {job_id!r}.")
        return await self._with_truth(job)

    async def jobs(self, wanted: Filter, limit: int, after: tuple[float, str] | None) -> Page:
        """Return a page of jobs."""
        with _book_errors():
            await self._journal.flush()
            return await self._book.list(wanted, limit, after)

    async def count_jobs(self, namespace: str) -> int:
        """Return how many jobs there are; 0 where that cannot be told just now."""
        try:
            await self._journal.flush()
            return await self._book.count(namespace)
        except NOT_NOW:
            return 0

    async def running(self) -> int:
        """Return how many computations are running."""
        return await self._reservations.running()

    async def usage(self) -> list[tuple[str, bool, Usage]]:
        """Return what each tier holds, and whether it answers."""
        usage = []
        for tier in self.results.tiers:
            try:
                held = await tier.usage()
            except NOT_NOW:
                held = Usage()
            usage.append((tier.name, tier.available, held))
        return usage

    async def _with_truth(self, job: Job) -> Job:
        """Return a job whose status agrees with the tiers; the book alone may be behind them without a database."""
        if job.status is Status.RUNNING and job.identity.key:
            return replace(job, progress=await self._reservations.progress(job.identity.key))
        if job.status is not Status.SUCCEEDED:
            return job
        found = await self.results.find(job.identity.key, job.identity.namespace)
        return replace(job, status=Status.GONE) if isinstance(found, Absent) else job

    # -- pieces --------------------------------------------------------------------------------------------------

    def _note(self, question: Question, *, status: Status, submission: Submission | None = None) -> None:
        self._journal.note(
            Event(question.identity, self._clock(), question.params_json, status=status, submission=submission)
        )

    async def _write_down(self) -> None:
        with contextlib.suppress(*NOT_NOW):  # then it is written when the book's place is back
            await self._journal.flush()

    def _record(
        self, identity: Identity, outcome: Payload | Failure, cost_ms: float, seconds: float, generation: int
    ) -> Record:
        now = self._clock()
        return Record(identity.key, outcome, cost_ms, now, now + seconds, generation, scope_of(identity))

    def _count(self, found: Found) -> None:
        if self._uses is not None:
            self._uses.note_result(found.record.key)
        self.statistics.hit(found.tier, _saved_ms(found))

    async def _missed(self, identity: Identity, absent: Absent) -> Missed:
        reason = "tier_away" if absent.tier_away else "never_seen"
        durable = self.results.durable
        if durable is not None and not absent.tier_away:
            try:
                reason = await durable.absence(identity.key)
            except NOT_NOW:
                reason = "tier_away"
        told = self._coherence.invalidated(identity.key, scope_of(identity))
        if told is not None and reason in {"never_seen", "expired"}:
            reason = "invalidated"
        return Missed(reason, await self.files.has(identity))


def _saved_ms(found: Found) -> float:
    return 0.0 if found.record.failed else found.record.compute_cost_ms


def _book_errors() -> AwayAs:
    return AwayAs(Reason.DATABASE_UNAVAILABLE, "The list of jobs cannot be read just now.")
