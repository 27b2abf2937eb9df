"""Manifests in PostgreSQL."""

from collections.abc import Collection
from datetime import UTC, datetime

from cache_service.engines.postgres import Postgres, Row
from cache_service.entries import scope_of
from cache_service.invalidations.durable import DurableLog
from cache_service.invalidations.face import Selector
from cache_service.invalidations.statements import meant, values_of
from cache_service.keys import Identity, Pipeline

_JOIN_JOB = """
INSERT INTO manifest_jobs
    (job_key, part_pipeline, part_version, namespace, pipeline, pipeline_version, blob_sha256)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (job_key, part_pipeline, part_version) DO UPDATE SET joined_at = now()
"""
_JOIN_PARTS = """
INSERT INTO manifests (job_key, part_key) SELECT %s, unnest(%s::bytea[]) ON CONFLICT DO NOTHING
"""
_MEANT = meant("job_key")
_PARTS = f"""
SELECT DISTINCT part_key FROM manifests
WHERE job_key IN (SELECT job_key FROM manifest_jobs WHERE {_MEANT})
"""  # noqa: S608 - constants
_PIPELINES = f"SELECT DISTINCT part_pipeline, part_version FROM manifest_jobs WHERE {_MEANT}"  # noqa: S608 - constants
_FORGET = f"""
WITH jobs AS (DELETE FROM manifest_jobs WHERE joined_at < %(before)s AND {_MEANT} RETURNING job_key)
DELETE FROM manifests WHERE job_key IN (SELECT job_key FROM jobs)
"""  # noqa: S608 - constants


class DurableManifests:
    """Manifests as rows."""

    def __init__(self, database: Postgres, log: DurableLog) -> None:
        self._database = database
        self._log = log

    async def join(self, job: Identity, generation: int, parts: Pipeline, keys: Collection[bytes]) -> bool:
        """Note that a job uses parts.

        The log is locked meanwhile: an invalidation comes either before, and is seen here, or after, and sees this.
        """
        async with self._database.transaction() as transaction:
            for entry in await self._log.unseen(transaction):
                if entry.generation > generation and entry.selector.means(job.key, scope_of(job)):
                    return False
            await transaction.fetch(
                _JOIN_JOB,
                job.key,
                parts.name,
                parts.version,
                job.namespace,
                job.pipeline.name,
                job.pipeline.version,
                job.blob.sha256,
            )
            await transaction.fetch(_JOIN_PARTS, job.key, sorted(keys))
        return True

    async def parts_of(self, selector: Selector) -> set[bytes]:
        """Return the keys of the parts of all jobs that a selector means."""
        rows = await self._fetch(_PARTS, selector)
        return {bytes(row["part_key"]) for row in rows}

    async def part_pipelines(self, selector: Selector) -> set[Pipeline]:
        """Return the pipelines of the parts of all jobs that a selector means."""
        rows = await self._fetch(_PIPELINES, selector)
        return {Pipeline(row["part_pipeline"], row["part_version"]) for row in rows}

    async def forget(self, selector: Selector, before: float) -> None:
        """Remove the manifests of all jobs that a selector means."""
        await self._fetch(_FORGET, selector, before=datetime.fromtimestamp(before, UTC))

    async def _fetch(self, sql: str, selector: Selector, **values: object) -> list[Row]:
        async with self._database.transaction() as transaction:
            return await transaction.fetch_named(sql, **values_of(selector), **values)
