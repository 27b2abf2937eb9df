"""Jobs and submissions in PostgreSQL."""

from collections.abc import Sequence
from datetime import UTC, datetime

from cache_service.engines.postgres import Postgres, Row, Transaction, json_value
from cache_service.entries import Submission, failure_json, failure_of
from cache_service.invalidations.face import Selector
from cache_service.invalidations.statements import meant, values_of
from cache_service.jobs.face import Event, Filter, Job, Page, Status, submission_id
from cache_service.keys import Blob, Identity, Pipeline
from cache_service.sample_metadata import origin_of

_WRITE_JOB = """
INSERT INTO analysis_jobs (key, job_id, namespace, pipeline, pipeline_version, params, params_json,
    reference_digest, blob_sha256, blob_size_bytes, status, status_at, failure, compute_cost_ms, created_at, updated_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, 'asked'), %s, %s, %s, %s, %s)
ON CONFLICT (key) DO UPDATE SET
    status = CASE WHEN excluded.status_at >= analysis_jobs.status_at
                  THEN excluded.status ELSE analysis_jobs.status END,
    failure = CASE WHEN excluded.status_at >= analysis_jobs.status_at
                   THEN excluded.failure ELSE analysis_jobs.failure END,
    status_at = greatest(excluded.status_at, analysis_jobs.status_at),
    params_json = CASE WHEN excluded.params_json = '{}' THEN analysis_jobs.params_json ELSE excluded.params_json END,
    compute_cost_ms = CASE WHEN excluded.compute_cost_ms > 0 THEN excluded.compute_cost_ms
                           ELSE analysis_jobs.compute_cost_ms END,
    updated_at = greatest(excluded.updated_at, analysis_jobs.updated_at)
"""
_WRITE_SUBMISSION = """
INSERT INTO submissions (submission_id, job_key, file_name, uploader, metadata, first_seen_at, last_seen_at, seen_count,
    location, latitude, longitude, depth_m, collected_at, environment)
VALUES (%s, %s, %s, %s, %s, %s, %s, 1, %s, %s, %s, %s, %s, %s)
ON CONFLICT (submission_id) DO UPDATE SET
    last_seen_at = greatest(excluded.last_seen_at, submissions.last_seen_at),
    seen_count = submissions.seen_count + 1
"""
_JOB_COLUMNS = """
    j.key, j.job_id, j.namespace, j.pipeline, j.pipeline_version, j.params, j.params_json, j.reference_digest,
    j.blob_sha256, j.blob_size_bytes, coalesce(j.failure, t.failure) AS failure, j.compute_cost_ms, j.created_at,
    j.updated_at,
    CASE WHEN l.job_key IS NOT NULL THEN 'running'
         WHEN r.key IS NOT NULL THEN CASE WHEN r.failure IS NULL THEN 'succeeded' ELSE 'failed' END
         WHEN t.is_open THEN CASE WHEN t.is_claimed THEN 'running' ELSE 'queued' END
         WHEN j.status = 'succeeded' THEN 'gone'
         WHEN t.failure IS NOT NULL THEN 'failed'
         WHEN j.status = 'running' THEN 'asked'
         ELSE j.status END AS status,
    coalesce(r.size_bytes, 0) AS result_size_bytes, t.task_id
"""
_JOINS = """
    FROM analysis_jobs j
    LEFT JOIN analysis_results r ON r.key = j.key AND r.expires_at > now()
    LEFT JOIN leases l ON l.job_key = j.key AND l.expires_at > now()
    LEFT JOIN LATERAL (
        SELECT q.task_id, q.failure, q.ended_at IS NULL AS is_open,
               q.owner_id IS NOT NULL AND q.ready_at > now() AS is_claimed
        FROM tasks q WHERE q.job_id = j.job_id ORDER BY q.ended_at IS NULL DESC, q.number DESC LIMIT 1
    ) t ON true
"""
# A task as a job, before its bytes have been fetched and tell which job it is.
_TASK_COLUMNS = """
    ''::bytea AS key, NULL::uuid AS job_id, q.namespace, q.pipeline, q.pipeline_version, ''::bytea AS params,
    q.params_json, ''::bytea AS reference_digest, ''::bytea AS blob_sha256, 0::bigint AS blob_size_bytes, q.failure,
    0::float8 AS compute_cost_ms, q.enqueued_at AS created_at, q.updated_at,
    CASE WHEN q.failure IS NOT NULL THEN 'failed'
         WHEN q.ended_at IS NOT NULL THEN 'gone'
         WHEN q.owner_id IS NOT NULL AND q.ready_at > now() THEN 'running'
         ELSE 'queued' END AS status,
    0::bigint AS result_size_bytes, q.task_id,
    q.file_name, q.uploader, '{}'::jsonb AS metadata, q.enqueued_at AS first_seen_at, q.enqueued_at AS last_seen_at,
    1::bigint AS seen_count
"""
_FIND = f"""
SELECT {_JOB_COLUMNS} {_JOINS} WHERE j.namespace = %(namespace)s AND j.job_id = coalesce(
    (SELECT job_id FROM tasks WHERE namespace = %(namespace)s AND task_id = %(id)s), %(id)s)
"""  # noqa: S608 - constants
_FIND_TASK = f"SELECT {_TASK_COLUMNS} FROM tasks q WHERE q.namespace = %s AND q.task_id = %s"  # noqa: S608 - constants
_FIND_SUBMISSIONS = """
SELECT file_name, uploader, metadata, first_seen_at, last_seen_at, seen_count FROM submissions
WHERE job_key = %s ORDER BY last_seen_at DESC, submission_id LIMIT 1000
"""
_LIST_JOBS = f"""
SELECT *, job_id AS id FROM (
    SELECT {_JOB_COLUMNS}, s.file_name, s.uploader, s.metadata, s.first_seen_at, s.last_seen_at, s.seen_count
    {_JOINS}
    LEFT JOIN LATERAL (
        SELECT * FROM submissions WHERE job_key = j.key ORDER BY last_seen_at DESC, submission_id LIMIT 1
    ) s ON true
    WHERE j.namespace = %(namespace)s
      AND (%(pipeline)s = '' OR j.pipeline = %(pipeline)s)
      AND (%(version)s = '' OR j.pipeline_version = %(version)s)
      AND (%(blob)s = ''::bytea OR j.blob_sha256 = %(blob)s)
      AND j.updated_at >= %(since)s
      AND (%(after_time)s::timestamptz IS NULL OR (j.updated_at, j.job_id) < (%(after_time)s, %(after_id)s))
      AND (%(name)s = '' OR EXISTS (
          SELECT 1 FROM submissions n WHERE n.job_key = j.key AND strpos(lower(n.file_name), lower(%(name)s)) > 0))
) found
WHERE cardinality(%(statuses)s::text[]) = 0 OR found.status = ANY(%(statuses)s)
ORDER BY updated_at DESC, job_id DESC
LIMIT %(limit)s
"""  # noqa: S608 - constants
_LIST_TASKS = f"""
SELECT *, task_id AS id FROM (
    SELECT {_TASK_COLUMNS} FROM tasks q
    WHERE q.namespace = %(namespace)s AND q.job_id IS NULL
      AND (%(pipeline)s = '' OR q.pipeline = %(pipeline)s)
      AND (%(version)s = '' OR q.pipeline_version = %(version)s)
      AND %(blob)s = ''::bytea
      AND q.updated_at >= %(since)s
      AND (%(after_time)s::timestamptz IS NULL OR (q.updated_at, q.task_id) < (%(after_time)s, %(after_id)s))
      AND (%(name)s = '' OR strpos(lower(q.file_name), lower(%(name)s)) > 0)
) found
WHERE cardinality(%(statuses)s::text[]) = 0 OR found.status = ANY(%(statuses)s)
ORDER BY updated_at DESC, task_id DESC
LIMIT %(limit)s
"""  # noqa: S608 - constants
_LIST = f"({_LIST_JOBS}) UNION ALL ({_LIST_TASKS}) ORDER BY updated_at DESC, id DESC LIMIT %(limit)s"


_KEYS = f"SELECT key FROM analysis_jobs WHERE {meant('key')}"  # noqa: S608 - constants
_RUNNING_KEYS = f"{_KEYS} AND key IN (SELECT job_key FROM leases)"  # noqa: S608 - constants
# What was handed in after the erasure is a new life of the same bytes.
_ERASE_SUBMISSIONS = """
DELETE FROM submissions USING analysis_jobs j
WHERE j.key = job_key AND j.namespace = %s AND j.blob_sha256 = %s AND last_seen_at <= %s RETURNING submission_id
"""
_ERASE_TASKS = """
DELETE FROM tasks WHERE enqueued_at <= %s
AND job_id IN (SELECT job_id FROM analysis_jobs WHERE namespace = %s AND blob_sha256 = %s)
"""
_ERASE_JOBS = """
DELETE FROM analysis_jobs j WHERE namespace = %s AND blob_sha256 = %s AND created_at <= %s
AND NOT EXISTS (SELECT 1 FROM submissions WHERE job_key = j.key)
"""


class DurableJobs:
    """Jobs as rows; the result's own row tells whether it still stands."""

    def __init__(self, database: Postgres) -> None:
        self._database = database

    async def write(self, events: Sequence[Event]) -> None:
        """Write down what happened, in one transaction, in key order so that two writers never deadlock."""
        ordered = sorted(events, key=lambda event: event.identity.key)
        submissions = [row for event in ordered if (row := _submission_values(event)) is not None]
        async with self._database.transaction() as transaction:
            await transaction.run_many(_WRITE_JOB, [_job_values(event) for event in ordered])
            if submissions:
                await transaction.run_many(_WRITE_SUBMISSION, submissions)

    async def write_in(self, transaction: Transaction, event: Event) -> None:
        """Write down one event in a running transaction."""
        await transaction.fetch(_WRITE_JOB, *_job_values(event))
        row = _submission_values(event)
        if row is not None:
            await transaction.fetch(_WRITE_SUBMISSION, *row)

    async def find(self, namespace: str, job_id: str) -> Job | None:
        """Return a job with all its submissions, by its own id or by that of a task."""
        async with self._database.transaction() as transaction:
            rows = await transaction.fetch_named(_FIND, namespace=namespace, id=job_id)
            if not rows:
                task = await transaction.fetch_one(_FIND_TASK, namespace, job_id)
                return None if task is None else _job(task, (_submission(task),))
            submissions = await transaction.fetch(_FIND_SUBMISSIONS, rows[0]["key"])
        return _job(rows[0], tuple(_submission(item) for item in submissions))

    async def list(self, wanted: Filter, limit: int, after: tuple[float, str] | None) -> Page:
        """Return a page of jobs."""
        pipeline = wanted.pipeline or Pipeline("", "")
        async with self._database.transaction() as transaction:
            rows = await transaction.fetch_named(
                _LIST,
                namespace=wanted.namespace,
                pipeline=pipeline.name,
                version=pipeline.version,
                blob=wanted.blob_sha256,
                since=_time(wanted.updated_since),
                after_time=None if after is None else _time(after[0]),
                after_id=None if after is None else after[1],
                name=wanted.file_name_contains,
                statuses=[str(status) for status in wanted.statuses],
                limit=limit + 1,
            )
        jobs = [_job(row, (_submission(row),) if row["file_name"] is not None else ()) for row in rows[:limit]]
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(jobs, None if last is None else (last["updated_at"].timestamp(), str(last["id"])))

    async def count(self, namespace: str) -> int:
        """Return how many jobs there are."""
        row = await self._database.fetch_one(
            "SELECT count(*) AS count FROM analysis_jobs WHERE namespace = %s", namespace
        )
        return 0 if row is None else int(row["count"])

    async def keys(self, selector: Selector) -> Sequence[bytes]:
        """Return the keys of the jobs that a selector means; of a wide one those that are running."""
        sql = _KEYS if selector.by_manifest else _RUNNING_KEYS
        async with self._database.transaction() as transaction:
            return [bytes(row["key"]) for row in await transaction.fetch_named(sql, **values_of(selector))]

    async def erase(self, namespace: str, blob_sha256: bytes, until: float) -> int:
        """Remove the jobs of a blob and their submissions up to a time."""
        async with self._database.transaction() as transaction:
            erased = await transaction.fetch(_ERASE_SUBMISSIONS, namespace, blob_sha256, _time(until))
            await transaction.fetch(_ERASE_TASKS, _time(until), namespace, blob_sha256)
            await transaction.fetch(_ERASE_JOBS, namespace, blob_sha256, _time(until))
        return len(erased)


def _submission_values(event: Event) -> tuple[object, ...] | None:
    submission = event.submission
    if submission is None:
        return None
    return (
        submission_id(event.identity.key, submission),
        event.identity.key,
        submission.file_name,
        submission.uploader,
        json_value(submission.metadata),
        _time(event.at),
        _time(event.at),
        *origin_of(submission.metadata),
    )


def _job_values(event: Event) -> tuple[object, ...]:
    identity = event.identity
    changes = event.status is not None and event.status is not Status.ASKED
    return (
        identity.key,
        identity.job_id,
        identity.namespace,
        identity.pipeline.name,
        identity.pipeline.version,
        identity.params,
        event.params_json,
        identity.reference_digest,
        identity.blob.sha256,
        identity.blob.size_bytes,
        event.status,
        _time(event.at if changes else 0.0),
        json_value(failure_json(event.failure)) if event.failure else None,
        event.compute_cost_ms,
        _time(event.at),
        _time(event.at),
    )


def _job(row: Row, submissions: tuple[Submission, ...]) -> Job:
    identity = Identity(
        bytes(row["key"]),
        "" if row["job_id"] is None else str(row["job_id"]),
        row["namespace"],
        Pipeline(row["pipeline"], row["pipeline_version"]),
        bytes(row["params"]),
        bytes(row["reference_digest"]),
        Blob(bytes(row["blob_sha256"]), row["blob_size_bytes"]),
    )
    return Job(
        identity,
        Status(row["status"]),
        row["params_json"],
        failure_of(row["failure"]) if row["failure"] else None,
        row["compute_cost_ms"],
        row["result_size_bytes"],
        row["created_at"].timestamp(),
        row["updated_at"].timestamp(),
        submissions,
        task_id="" if row["task_id"] is None else str(row["task_id"]),
    )


def _submission(row: Row) -> Submission:
    return Submission(
        row["file_name"],
        row["uploader"],
        row["metadata"],
        row["first_seen_at"].timestamp(),
        row["last_seen_at"].timestamp(),
        row["seen_count"],
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
