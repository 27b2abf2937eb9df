"""A cache in memory with the face that the analysis service needs: one key, one lease, and strings to pull."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from google.protobuf.duration_pb2 import Duration

from analysis_service.pipelines import EMG_SESSION
from analysis_service.service.part_columns import Contents, columns_of
from assaycache.cache.v1.cache_service_pb2 import (
    BatchLookupColumns,
    BatchLookupRequest,
    BatchStoreContext,
    BatchStoreItem,
    BatchStoreResponse,
    CommitResponse,
    InProgress,
    Lease,
    ReserveResponse,
)
from assaycache.cache.v1.entry_pb2 import (
    DURABILITY_DURABLE,
    TIER_MEMORY,
    Entry,
    Failure,
    Payload,
    Progress,
)
from assaycache.cache.v1.identity_pb2 import BlobRef, Identity, PipelineRef, Question
from assaycache.cache.v1.pipelines_pb2 import PipelineOffer
from rpc.errors import AssayError, FailedPrecondition
from rpc.reasons import Reason

LEASE_SECONDS = 0.2
_PATIENCE_SECONDS = 20.0


@dataclass
class CacheStandIn:
    """One key, one lease: what a question says beyond its blob is not looked at."""

    blobs: dict[bytes, bytes] = field(default_factory=dict)
    resolved_version: str = EMG_SESSION.version
    inline_limit: int = 1024**2
    away: AssayError | None = None
    """Raised by every method while it is set."""
    commit_error: AssayError | None = None
    """Raised by the next commit, once."""
    extend_error: AssayError | None = None
    """Raised by every heartbeat while it is set."""
    waiters: int = 0
    standing: Payload | None = None
    failure: AssayError | None = None
    holder: str = ""
    leader_progress: Progress = field(default_factory=Progress)
    log: list[str] = field(default_factory=list)
    progress_seen: list[Progress] = field(default_factory=list)
    offers: list[PipelineOffer] = field(default_factory=list)
    parts: dict[tuple[str, bytes, bytes], Payload] = field(default_factory=dict)
    """By pipeline, params and content."""
    parts_error: AssayError | None = None
    """Raised by every batch while it is set."""
    lookups: list[BatchLookupRequest] = field(default_factory=list)
    results: dict[str, Entry] = field(default_factory=dict)
    """By job id."""
    stores: list[BatchStoreContext] = field(default_factory=list)
    cost_seconds: float = 0.0
    tokens: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()

    def keep(self, data: bytes) -> BlobRef:
        """Put a blob in."""
        digest = hashlib.sha256(data).digest()
        self.blobs[digest] = data
        return BlobRef(sha256=digest, size_bytes=len(data))

    def change(self, act: Callable[[], None]) -> None:
        """Change something and wake those who wait."""
        with self._changed:
            act()
            self._changed.notify_all()

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so."""
        with self._changed:
            assert self._changed.wait_for(condition, _PATIENCE_SECONDS), f"it did not come so; log: {self.log}"

    def said(self, line: str) -> bool:
        """Whether something has happened."""
        return line in self.log

    # -- the face --

    def reserve(self, question: Question, owner_id: str, wait_seconds: float, retry_failed: bool) -> ReserveResponse:
        with self._changed:
            self._note("reserve" if not wait_seconds else "wait")
            if wait_seconds:
                self._changed.wait_for(lambda: not self._is_held(), wait_seconds)
            self._check()
            answer = ReserveResponse(identity=self._identity(question))
            if self.standing is not None:
                answer.hit.CopyFrom(self._entry(answer.identity, self.standing))
            elif self.failure is not None and not retry_failed:
                answer.failure.CopyFrom(
                    Failure(reason=f"ERROR_REASON_{self.failure.reason}", message=self.failure.message)
                )
            elif self._is_held():
                answer.in_progress.CopyFrom(InProgress(waiters=1, progress=self.leader_progress))
            else:
                self.holder = owner_id
                self.tokens.append(owner_id.encode())
                lasts = Duration(nanos=int(LEASE_SECONDS * 1e9))
                answer.lease.CopyFrom(Lease(token=owner_id.encode(), expires_in=lasts))
            return answer

    def extend(self, token: bytes, progress: Progress) -> int:
        with self._changed:
            self._note("extend")
            assert token in self.tokens
            self._check()
            if self.extend_error is not None:
                raise self.extend_error
            self.progress_seen.append(progress)
            return self.waiters

    def download(self, namespace: str, blob: BlobRef) -> Iterator[bytes]:
        assert namespace == "default"
        self._check()
        if blob.sha256 not in self.blobs:
            raise FailedPrecondition(Reason.BLOB_MISSING, "Upload it.")
        data = self.blobs[blob.sha256]
        yield data[:1]
        yield data[1:]

    def upload(self, namespace: str, data: bytes, sha256: bytes) -> BlobRef:
        assert namespace == "default"
        self._note("upload")
        assert hashlib.sha256(data).digest() == sha256
        return self.keep(data)

    def commit(self, token: bytes, payload: Payload, cost_seconds: float) -> CommitResponse:
        with self._changed:
            self._note("commit")
            assert token in self.tokens
            self._check()
            error, self.commit_error = self.commit_error, None
            if error is not None:
                raise error
            self.cost_seconds = cost_seconds
            superseded = self.standing is not None
            entry = Entry(tier=TIER_MEMORY)
            if superseded:
                entry.payload.CopyFrom(self.standing)
            else:
                self.standing = payload
            self.holder = ""
            return CommitResponse(entry=entry, durability=DURABILITY_DURABLE, superseded=superseded)

    def fail(self, token: bytes, error: AssayError) -> None:
        with self._changed:
            assert token in self.tokens
            self.failure, self.holder = error, ""
            self._note(f"fail {error.reason}")

    def release(self, token: bytes) -> None:
        with self._changed:
            assert token in self.tokens
            self.holder = ""
            self._note("release")
            self._check()

    def find_parts(self, wanted: BatchLookupRequest) -> Iterator[BatchLookupColumns]:
        self._note("lookup parts")
        self.lookups.append(wanted)
        self._check_parts()
        contents = Contents(wanted.part_columns)
        for index in reversed(range(len(contents))):
            found = self.parts.get((wanted.pipeline.name, wanted.params.value, contents.one(index).sha256))
            if found:
                yield from columns_of([(index, found)])

    def store_parts(self, context: BatchStoreContext, items: Iterable[BatchStoreItem]) -> BatchStoreResponse:
        self._note("store parts")
        self._check_parts()
        self.stores.append(context)
        kept = list(items)
        for item in kept:
            self.parts[context.pipeline.name, context.params.value, item.part.sha256] = item.payload
        return BatchStoreResponse(stored_count=len(kept))

    def announce(self, offers: Sequence[PipelineOffer]) -> None:
        with self._changed:
            self._note("announce")
            self._check()
            self.offers = list(offers)

    def result(self, namespace: str, job_id: str) -> Entry | None:
        self._check()
        return self.results.get(job_id)

    def inline_limit_bytes(self) -> int:
        return self.inline_limit

    # -- inside --

    def _note(self, line: str) -> None:
        with self._changed:
            self.log.append(line)
            self._changed.notify_all()

    def _check(self) -> None:
        if self.away is not None:
            raise self.away

    def _check_parts(self) -> None:
        if self.parts_error is not None:
            raise self.parts_error

    def _is_held(self) -> bool:
        return bool(self.holder) and self.standing is None

    def _identity(self, question: Question) -> Identity:
        return Identity(
            job_id="job",
            namespace=question.namespace or "default",
            blob=question.blob,
            pipeline=PipelineRef(name=question.pipeline.name, version=self.resolved_version),
        )

    def _entry(self, identity: Identity, payload: Payload) -> Entry:
        return Entry(identity=identity, payload=payload, tier=TIER_MEMORY)
