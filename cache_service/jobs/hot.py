"""Jobs in Valkey: shared by the replicas where there is no PostgreSQL. They go when Valkey goes."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson

from cache_service.engines.valkey import Valkey
from cache_service.entries import Failure, Submission, failure_json, failure_of
from cache_service.invalidations.face import Selector
from cache_service.jobs.face import (
    Event,
    Filter,
    Job,
    Page,
    Status,
    applied,
    identity_json,
    identity_of,
    means,
    page_of,
)
from rpc.logs import get_logger

log = get_logger(__name__)

_MOST_JOBS = 10_000


class HotJobs:
    """Each job as one JSON string; the namespace's jobs as a sorted set by the time of their last change."""

    def __init__(self, valkey: Valkey, ttl_seconds: int) -> None:
        self._valkey = valkey
        self._ttl_seconds = ttl_seconds

    async def write(self, events: Sequence[Event]) -> None:
        """Write down what happened."""
        for event in events:
            await self._valkey.call(partial(self._apply, event))

    async def _apply(self, event: Event, client: Any) -> None:
        """Write one event into its job, and again if another replica wrote meanwhile."""
        name = _job_name(event.identity.job_id)
        async with client.pipeline(transaction=True) as pipe:
            while True:
                await pipe.watch(name)
                raw = await pipe.get(name)
                job = applied(_job(raw), event)
                pipe.multi()
                pipe.set(name, _packed(job), ex=self._ttl_seconds)
                try:
                    await pipe.execute()
                except self._valkey.conflict:
                    continue
                break
        await self._list(client, job)

    async def _list(self, client: Any, job: Job) -> None:
        """Put a job into the list of its namespace, which lies on another node than the job."""
        index = _index_name(job.identity.namespace)
        pipe = client.pipeline(transaction=False)
        pipe.zadd(index, {job.identity.job_id: job.updated_at})
        pipe.zremrangebyrank(index, 0, -_MOST_JOBS - 1)
        pipe.expire(index, self._ttl_seconds)
        await pipe.execute()

    async def find(self, namespace: str, job_id: str) -> Job | None:
        """Return a job with all its submissions."""
        raw = await self._valkey.call(lambda client: client.get(_job_name(job_id)))
        job = _job(raw)
        return job if job is not None and job.identity.namespace == namespace else None

    async def list(self, wanted: Filter, limit: int, after: tuple[float, str] | None) -> Page:
        """Return a page of jobs."""
        return page_of(await self._all(wanted.namespace), wanted, limit, after)

    async def count(self, namespace: str) -> int:
        """Return how many jobs there are."""
        count: int = await self._valkey.call(lambda client: client.zcard(_index_name(namespace)))
        return count

    async def keys(self, selector: Selector) -> Sequence[bytes]:
        """Return the keys of the jobs that a selector means."""
        return [job.identity.key for job in await self._all(selector.namespace) if means(selector, job)]

    async def erase(self, namespace: str, blob_sha256: bytes, until: float) -> int:
        """Remove the jobs of a blob and their submissions up to a time."""
        selector = Selector(namespace, blob_sha256=blob_sha256)
        erased = [job for job in await self._all(namespace) if means(selector, job) and job.updated_at <= until]
        for job in erased:
            job_id = job.identity.job_id
            await self._valkey.call(lambda client, job_id=job_id: client.unlink(_job_name(job_id)))
            await self._valkey.call(lambda client, job_id=job_id: client.zrem(_index_name(namespace), job_id))
        return sum(len(job.submissions) for job in erased)

    async def _all(self, namespace: str) -> Sequence[Job]:
        ids = await self._valkey.call(lambda client: client.zrevrange(_index_name(namespace), 0, _MOST_JOBS - 1))

        async def fetch(client: Any) -> list[bytes | None]:
            pipe = client.pipeline(transaction=False)
            for job_id in ids:
                pipe.get(_job_name(job_id.decode()))
            return list(await pipe.execute())

        rows = await self._valkey.call(fetch) if ids else []
        return [job for raw in rows if (job := _job(raw)) is not None]


def _job_name(job_id: str) -> str:
    return f"ac:{{{job_id}}}:job"


def _index_name(namespace: str) -> str:
    return f"ac:jobs:{namespace}"


def _packed(job: Job) -> bytes:
    return orjson.dumps(
        {
            "identity": identity_json(job.identity),
            "status": job.status,
            "params_json": job.params_json,
            "failure": failure_json(job.failure) if job.failure else None,
            "cost_ms": job.compute_cost_ms,
            "size": job.result_size_bytes,
            "created_at": job.created_at,
            "updated_at": job.updated_at,
            "status_at": job.status_at,
            "submissions": [
                [s.file_name, s.uploader, s.metadata, s.first_seen_at, s.last_seen_at, s.seen_count]
                for s in job.submissions
            ],
        }
    )


def _job(raw: bytes | None) -> Job | None:
    """Return a job, if it is there and whole; one that is damaged is written anew by what happens next to it."""
    try:
        return None if raw is None else _unpacked(raw)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        log.error("a job is damaged", place="valkey", error=type(error).__name__)  # noqa: TRY400 - one line says it
        return None


def _unpacked(raw: bytes) -> Job:
    data = orjson.loads(raw)
    failure: Failure | None = failure_of(data["failure"]) if data["failure"] else None
    return Job(
        identity_of(data["identity"]),
        Status(data["status"]),
        data["params_json"],
        failure,
        data["cost_ms"],
        data["size"],
        data["created_at"],
        data["updated_at"],
        tuple(Submission(*values) for values in data["submissions"]),
        data["status_at"],
    )
