"""`python -m cache_service`: reads the settings once, builds the objects, serves until SIGTERM."""

import asyncio
import contextlib
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from assaycache.cache.v1 import cache_service_pb2, cache_service_pb2_grpc
from cache_service import schema
from cache_service.audit import Audit
from cache_service.blobs import BlobStore
from cache_service.breaker import NOT_NOW
from cache_service.cache import Cache, Retention
from cache_service.commits import Commits, DurableSide
from cache_service.engines.postgres import Postgres
from cache_service.engines.valkey import Valkey
from cache_service.entries import Record
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import JobBook
from cache_service.jobs.hot import HotJobs
from cache_service.jobs.process import ProcessJobs
from cache_service.journal import Journal
from cache_service.leases.durable import DurableLeases
from cache_service.leases.face import Leases
from cache_service.leases.hot import HotLeases
from cache_service.leases.process import ProcessLeases
from cache_service.offers import DurableOffers, HotOffers, Offers, OfferShelf
from cache_service.records import Found, Records
from cache_service.reservations import Reservations
from cache_service.service.servicer import CacheServicer
from cache_service.settings import CacheSettings
from cache_service.statistics import Statistics
from cache_service.tiers.durable import PARTS, RESULTS, DurableTier
from cache_service.tiers.hot import HotTier
from cache_service.tiers.memory import MemoryTier
from cache_service.waiting import WaitingRoom
from rpc.aio_server import AioServer, CallGuard, until_asked_to_stop
from rpc.gates import Gate, Gates
from rpc.logs import configure_logs, get_logger
from rpc.metrics import CallMetrics, MetricsServer
from rpc.ready import announce_ready
from rpc.settings import read_settings

log = get_logger(__name__)

_MIGRATION_SECONDS = 1.0
"""How long after an attempt at a database that is away the next one follows."""

_FAULT_SECONDS = 30.0
"""How much longer it takes after an attempt that failed for another reason."""

_SERVICE = cache_service_pb2.DESCRIPTOR.services_by_name["CacheService"].full_name


@dataclass(frozen=True)
class Built:
    """The objects of one process."""

    cache: Cache
    offers: Offers
    journal: Journal
    audit: Audit
    room: WaitingRoom
    database: Postgres | None
    valkey: Valkey | None


def build(settings: CacheSettings, registry: CollectorRegistry) -> Built:
    """Build the cache out of its settings."""
    statistics = Statistics(registry)
    database = None
    if settings.use_database:
        database = Postgres(settings.database_url.get_secret_value(), settings.database_pool_size)
    redis_url = settings.redis_url.get_secret_value()
    valkey = Valkey(redis_url) if redis_url else None
    hot = HotTier(valkey, settings.hot_ttl_seconds, statistics.corrupt) if valkey else None
    half = settings.memory_cache_bytes // 2
    results = Records(MemoryTier(half), hot, DurableTier(database, RESULTS, statistics.corrupt) if database else None)
    parts = Records(MemoryTier(half), hot, DurableTier(database, PARTS, statistics.corrupt) if database else None)
    book = _book(database, valkey, settings.hot_ttl_seconds)
    journal = Journal(book)
    room = WaitingRoom(valkey)
    authorities = _authorities(database, valkey, results)
    durable = None
    if database is not None and results.durable is not None:
        durable = DurableSide(database, results.durable, DurableLeases(database), DurableJobs(database))
    cache = Cache(
        blobs=BlobStore(settings.blob_url, settings.max_blob_bytes),
        results=results,
        parts=parts,
        reservations=Reservations(results, authorities, room, process_id=uuid.uuid4().hex),
        commits=Commits(results, durable, authorities, journal),
        room=room,
        book=book,
        journal=journal,
        statistics=statistics,
        retention=Retention(settings.cache_ttl_seconds, settings.negative_ttl_seconds),
    )
    shelves: list[OfferShelf] = [DurableOffers(database)] if database else []
    shelves += [HotOffers(valkey)] if valkey else []
    audit = Audit(database, accesses=settings.audit_access)
    return Built(cache, Offers(shelves), journal, audit, room, database, valkey)


def _book(database: Postgres | None, valkey: Valkey | None, ttl_seconds: int) -> JobBook:
    if database is not None:
        return DurableJobs(database)
    return ProcessJobs() if valkey is None else HotJobs(valkey, ttl_seconds)


def _authorities(database: Postgres | None, valkey: Valkey | None, results: Records) -> dict[str, Leases]:
    async def stands(key: bytes, failures: bool) -> bool:
        found = await results.find(key)
        return isinstance(found, Found) and (failures or not _failed(found.record))

    chain: list[Leases] = []
    if database is not None:
        chain.append(DurableLeases(database))
    if valkey is not None:
        chain.append(HotLeases(valkey))
    chain.append(ProcessLeases(stands))
    return {leases.authority: leases for leases in chain}


def _failed(record: Record) -> bool:
    return record.failed


def gates(settings: CacheSettings) -> Gates:
    """Return the bounds on running calls: waiters apart, and a leader is never refused."""
    free = Gate(None)
    never_refused = dict.fromkeys(("Commit", "Extend", "Fail", "Release", "AnnouncePipelines"), free)
    return Gates(Gate(settings.max_running_calls), {"Reserve": Gate(settings.max_waiters), **never_refused})


class Migration:
    """Brings the schema up to date: at once where the database answers, else behind the service that runs without."""

    def __init__(self, settings: CacheSettings) -> None:
        self._url = settings.database_url.get_secret_value()
        self._done = False

    async def attempt(self) -> None:
        """Apply the schema if the database answers."""
        try:
            applied = await asyncio.to_thread(schema.up, self._url)
        except schema.DatabaseAwayError:
            return
        self._done = True
        log.info("schema is up to date", applied=applied)

    async def run(self) -> None:
        """Attempt it until it is done."""
        if not self._done:
            log.warning("the database does not answer; serving without it until it does")
        while not self._done:
            await asyncio.sleep(_MIGRATION_SECONDS)
            try:
                await self.attempt()
            except Exception as error:
                log.warning("the schema could not be brought up to date; trying again", error=type(error).__name__)
                await asyncio.sleep(_FAULT_SECONDS)


@asynccontextmanager
async def running(settings: CacheSettings) -> AsyncIterator[tuple[str, str]]:
    """Serve while the body runs; yields the addresses of the service and of its metrics."""
    registry = CollectorRegistry()
    access = settings.access()
    built = build(settings, registry)
    endless = [built.journal.run, built.audit.run, built.room.listen]
    if built.database is not None:
        migration = Migration(settings)
        await migration.attempt()
        await built.database.open()
        endless.append(migration.run)
    calls = CallMetrics(registry, "cache")
    guard = CallGuard(calls, gates(settings), settings.max_deadline_seconds, access)
    server = AioServer(settings, guard, (_SERVICE,))
    servicer = CacheServicer(
        built.cache, built.offers, built.audit, settings.max_deadline_seconds, durable=built.database is not None
    )
    cache_service_pb2_grpc.add_CacheServiceServicer_to_server(servicer, server.server)
    metrics = MetricsServer(registry, settings.cache_metrics_listen)
    background = [asyncio.create_task(run()) for run in endless]
    try:
        yield await server.start(settings.cache_listen), metrics.address
    finally:
        await server.stop()
        metrics.stop()
        await _stop_background(background, built)


async def serve(settings: CacheSettings) -> None:
    """Serve until asked to stop."""
    async with running(settings) as (address, metrics):
        log.info("serving", address=address, metrics=metrics)
        announce_ready(address, metrics)
        await until_asked_to_stop()
        log.info("stopping")


async def _stop_background(background: list[asyncio.Task[None]], built: Built) -> None:
    running = set(background)
    while running:  # more than once, since a driver may swallow a cancellation that comes while it tidies up
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=1.0)
    with contextlib.suppress(*NOT_NOW):
        await built.journal.flush()
        await built.audit.flush()
    if built.valkey is not None:
        await built.valkey.close()
    if built.database is not None:
        await built.database.close()


def main() -> int:
    """Run the service; the exit code is 2 where the settings do not allow it."""
    settings = read_settings(CacheSettings, "cache_service")
    configure_logs("cache", settings.log_level, settings.log_format)
    try:
        settings.check_protection("CACHE_LISTEN", settings.cache_listen)
        settings.check_metrics("CACHE_METRICS_LISTEN", settings.cache_metrics_listen)
        if settings.use_database and not settings.database_url.get_secret_value():
            raise ValueError("DATABASE_URL is not set; set it, or USE_DATABASE=false to do without a database")
        asyncio.run(serve(settings))
    except (ValueError, OSError) as error:
        print(f"cache_service: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
