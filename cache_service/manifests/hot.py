"""Manifests in Valkey: where there is no database, by choice or by failure. Valkey may evict them."""

from collections.abc import Collection
from typing import Any

import orjson

from cache_service.engines.valkey import Valkey
from cache_service.entries import Scope
from cache_service.invalidations.face import Selector
from cache_service.keys import Identity, Pipeline, job_id_of
from rpc.logs import get_logger

log = get_logger(__name__)

_TTL_SECONDS = 30 * 24 * 3600
"""As long as a blob is kept by default."""


class HotManifests:
    """The parts of a job as a set; the jobs of a namespace as a hash."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    async def join(self, job: Identity, generation: int, parts: Pipeline, keys: Collection[bytes]) -> bool:  # noqa: ARG002 - the reader compares generations
        """Note that a job uses parts."""
        entry = orjson.dumps(
            {
                "pipeline": [job.pipeline.name, job.pipeline.version],
                "parts": [parts.name, parts.version],
                "blob": job.blob.sha256.hex(),
            }
        )

        async def write(client: Any) -> None:
            pipe = client.pipeline(transaction=False)
            pipe.hset(_jobs_name(job.namespace), f"{job.key.hex()} {parts.name}", entry)
            pipe.expire(_jobs_name(job.namespace), _TTL_SECONDS)
            if keys:
                pipe.sadd(_parts_name(job.key), *keys)
                pipe.expire(_parts_name(job.key), _TTL_SECONDS)
            await pipe.execute()

        await self._valkey.call(write)
        return True

    async def parts_of(self, selector: Selector) -> set[bytes]:
        """Return the keys of the parts of all jobs that a selector means."""
        parts: set[bytes] = set()
        for key in {key for key, _ in await self._meant(selector)}:
            name = _parts_name(key)
            parts |= set(await self._valkey.call(lambda client, name=name: client.smembers(name)))
        return parts

    async def part_pipelines(self, selector: Selector) -> set[Pipeline]:
        """Return the pipelines of the parts of all jobs that a selector means."""
        return {pipeline for _, pipeline in await self._meant(selector)}

    async def forget(self, selector: Selector, before: float) -> None:  # noqa: ARG002 - a manifest that comes back is written anew
        """Remove the manifests of all jobs that a selector means."""
        for key, parts in await self._meant(selector):
            name, field = _parts_name(key), f"{key.hex()} {parts.name}"
            await self._valkey.call(lambda client, name=name: client.unlink(name))
            await self._valkey.call(lambda client, field=field: client.hdel(_jobs_name(selector.namespace), field))

    async def _meant(self, selector: Selector) -> list[tuple[bytes, Pipeline]]:
        entries = await self._valkey.call(lambda client: client.hgetall(_jobs_name(selector.namespace)))
        meant = []
        for field, content in entries.items():
            try:
                key, entry = bytes.fromhex(field.decode().split(" ")[0]), orjson.loads(content)
                scope = Scope(selector.namespace, Pipeline(*entry["pipeline"]), bytes.fromhex(entry["blob"]))
                parts = Pipeline(*entry["parts"])
            except (ValueError, LookupError, TypeError) as error:
                log.error("a manifest is damaged", error=type(error).__name__)  # noqa: TRY400 - one line says it
                continue
            if selector.means(key, scope):
                meant.append((key, parts))
        return meant


def _parts_name(key: bytes) -> str:
    return f"ac:{{{job_id_of(key)}}}:parts"


def _jobs_name(namespace: str) -> str:
    return f"ac:manifests:{namespace}"
