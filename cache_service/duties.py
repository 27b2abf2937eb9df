"""What the janitor of a process does, by what the process is connected to."""

import uuid
from functools import partial

from cache_service.blob_retention import FolderRetention, Limits, StoreRetention
from cache_service.blobs import BlobStore
from cache_service.commits import Commits
from cache_service.engines.postgres import Postgres
from cache_service.janitor import Duty, Janitor, by_lock, by_row, everybody
from cache_service.leftovers import REFRESH_SECONDS, Leftovers
from cache_service.pending import PendingLog
from cache_service.retention import DurableRetention
from cache_service.settings import CacheSettings
from cache_service.upkeep import Upkeep

_DRAIN_SECONDS = 2.0
_SWEEP_SECONDS = 10.0
_EXPIRE_SECONDS = 10.0
_QUOTA_SECONDS = 15.0
_BLOBS_SECONDS = 60.0
_TIDY_SECONDS = 60.0


def janitor_of(
    settings: CacheSettings,
    blobs: BlobStore,
    database: Postgres | None,
    commits: Commits,
    pending: PendingLog | None,
    upkeep: Upkeep,
) -> Janitor:
    """Return the janitor of a process."""
    duties: list[Duty] = []
    if database is not None:
        duties += _durable_duties(DurableRetention(database, settings.durable_quota_bytes, upkeep), database)
    if pending is not None:
        # By everybody: what it does twice changes nothing, and a replica may have a blob folder of its own.
        duties.append(Duty("drain", _DRAIN_SECONDS, everybody, partial(pending.drain, commits.settle)))
    return Janitor(duties + _blob_duties(settings, blobs, database, upkeep), upkeep)


def _durable_duties(retention: DurableRetention, database: Postgres) -> list[Duty]:
    holder = uuid.uuid4().hex
    works = {
        "expire": (_EXPIRE_SECONDS, retention.expire),
        "quota": (_QUOTA_SECONDS, retention.keep_quota),
        "tidy": (_TIDY_SECONDS, retention.tidy),
    }
    return [Duty(name, seconds, by_row(database, name, holder), work) for name, (seconds, work) in works.items()]


def _blob_duties(settings: CacheSettings, blobs: BlobStore, database: Postgres | None, upkeep: Upkeep) -> list[Duty]:
    limits = Limits(settings.blob_quota_bytes, settings.blob_ttl_seconds)
    if blobs.folder is not None:
        leftovers = Leftovers(blobs, blobs.folder, upkeep)
        guard = by_lock(blobs.folder)
        return [
            Duty("refresh", REFRESH_SECONDS, everybody, leftovers.refresh),
            Duty("sweep", _SWEEP_SECONDS, guard, leftovers.sweep),
            Duty("blobs", _BLOBS_SECONDS, guard, FolderRetention(blobs.folder, limits, upkeep).keep),
        ]
    if database is None:
        return []
    store = StoreRetention(blobs.store, database, limits, upkeep)
    return [Duty("blobs", _BLOBS_SECONDS, by_row(database, "blobs", uuid.uuid4().hex), store.keep)]
