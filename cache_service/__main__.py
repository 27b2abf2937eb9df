"""`python -m cache_service`: reads the settings once, builds the objects, serves until SIGTERM."""

import asyncio
import contextlib
import sys
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry

from assaycache.cache.v1 import cache_service_pb2, cache_service_pb2_grpc
from cache_service import schema
from cache_service.audit import Audit
from cache_service.blobs import BlobStore
from cache_service.breaker import NOT_NOW
from cache_service.cache import Cache, Retention
from cache_service.commits import Commits, DurableSide
from cache_service.duties import janitor_of
from cache_service.engines.postgres import Postgres
from cache_service.engines.valkey import Valkey
from cache_service.files import Files
from cache_service.forgetting import Forgetting, Sweeps
from cache_service.invalidations.coherence import Coherence, View, clearing
from cache_service.invalidations.durable import DurableLog
from cache_service.invalidations.face import Log
from cache_service.invalidations.hot import HotLog
from cache_service.invalidations.stored import StoredLog
from cache_service.janitor import Janitor
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import JobBook
from cache_service.jobs.hot import HotJobs
from cache_service.jobs.process import ProcessJobs
from cache_service.journal import Journal
from cache_service.leases.durable import DurableLeases
from cache_service.leases.face import Leases
from cache_service.leases.hot import HotLeases
from cache_service.leases.process import ProcessLeases
from cache_service.manifests.durable import DurableManifests
from cache_service.manifests.face import ManifestChain, Manifests
from cache_service.manifests.hot import HotManifests
from cache_service.manifests.process import ProcessManifests
from cache_service.offers import DurableOffers, HotOffers, Offers, OfferShelf
from cache_service.pending import PendingLog
from cache_service.queue.durable import DurableQueue
from cache_service.records import Records
from cache_service.reservations import Reservations
from cache_service.sample_tables import SampleTables
from cache_service.service.sequence_rows import PROJECTIONS
from cache_service.service.servicer import CacheServicer
from cache_service.settings import CacheSettings
from cache_service.statistics import Statistics
from cache_service.sweep import DurableSweep
from cache_service.tasks import Tasks
from cache_service.tiers.durable import PARTS, RESULTS, DurableTier
from cache_service.tiers.hot import HotTier
from cache_service.tiers.memory import MemoryTier
from cache_service.upkeep import Upkeep
from cache_service.usage import Uses
from cache_service.waiting import WaitingRoom
from rpc.aio_server import AioServer, CallGuard, until_asked_to_stop
from rpc.garbage import collect_seldom
from rpc.gates import Gate, Gates
from rpc.logs import configure_logs, get_logger
from rpc.metrics import CallMetrics, MetricsServer
from rpc.ready import announce_ready
from rpc.settings import read_settings
from rpc.tracing import Tracer

log = get_logger(__name__)

_MIGRATION_SECONDS = 1.0
"""How long after an attempt at a database that is away the next one follows."""

_FAULT_SECONDS = 30.0
"""How much longer it takes after an attempt that failed for another reason."""

_SERVICE = cache_service_pb2.DESCRIPTOR.services_by_name["CacheService"].full_name


@dataclass(frozen=True)
class Engines:
    """The connections of one process. The log of invalidations has one of its own, which never waits behind others."""

    database: Postgres | None
    log_database: Postgres | None
    valkey: Valkey | None
    blobs: BlobStore

    async def open(self) -> None:
        """Begin to connect."""
        for database in filter(None, (self.database, self.log_database)):
            await database.open()

    async def close(self) -> None:
        """Close all connections."""
        if self.valkey is not None:
            await self.valkey.close()
        for database in filter(None, (self.database, self.log_database)):
            await database.close()


@dataclass(frozen=True)
class Built:
    """The objects of one process."""

    cache: Cache
    tasks: Tasks
    offers: Offers
    journal: Journal
    audit: Audit
    room: WaitingRoom
    coherence: Coherence
    forgetting: Forgetting
    janitor: Janitor
    uses: Uses | None
    engines: Engines

    @property
    def endless(self) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """What runs as long as the process."""
        works = [
            self.journal.run,
            self.audit.run,
            self.room.listen,
            self.tasks.run,
            self.coherence.run,
            self.forgetting.run,
            self.janitor.run,
        ]
        return works if self.uses is None else [*works, self.uses.run]


def connect(settings: CacheSettings) -> Engines:
    """Return the connections that the settings name, not yet open."""
    url, redis_url = settings.database_url.get_secret_value(), settings.redis_url.get_secret_value()
    return Engines(
        Postgres(url, settings.database_pool_size) if settings.use_database else None,
        Postgres(url, 1) if settings.use_database else None,
        Valkey(redis_url) if redis_url else None,
        BlobStore(settings.blob_url, settings.max_blob_bytes),
    )


@dataclass(frozen=True)
class Watching:
    """The log of invalidations in its places, and what is known of it."""

    durable: DurableLog | None
    logs: list[Log]
    """All places, the authority first, that beside the blobs last."""
    manifests: ManifestChain
    coherence: Coherence


@dataclass(frozen=True)
class Held:
    """What is kept, by kind, and what keeps it in order."""

    results: Records
    parts: Records
    hot: HotTier | None
    pending: PendingLog | None
    upkeep: Upkeep


def build(settings: CacheSettings, registry: CollectorRegistry) -> Built:
    """Build the cache out of its settings."""
    engines = connect(settings)
    database, valkey = engines.database, engines.valkey
    statistics = Statistics(registry)
    watching = _watching(engines)
    coherence = watching.coherence
    held = _held(settings, engines, coherence, statistics, Upkeep(registry))
    uses = Uses(database, engines.blobs.uses, held.upkeep) if database else None
    book = _book(database, valkey, settings.hot_ttl_seconds)
    journal = Journal(book)
    room = WaitingRoom(valkey)
    statistics.watch(lambda: room.inside, lambda: held.results.memory.size_bytes + held.parts.memory.size_bytes)
    authorities = _authorities(database, valkey, held.results)
    reservations = Reservations(held.results, authorities, room, coherence, process_id=uuid.uuid4().hex)
    durable = _durable_side(database, held.results, SampleTables(PROJECTIONS, engines.blobs, statistics.without_rows))
    commits = Commits(held.results, durable, authorities, journal, coherence, held.pending)
    forgetting = Forgetting(
        coherence=coherence,
        durable=watching.durable,
        logs=watching.logs,
        manifests=watching.manifests,
        sweeps=_sweeps(engines, held),
        reservations=reservations,
        book=book,
        journal=journal,
        hot_seconds=settings.hot_ttl_seconds,
    )
    cache = Cache(
        files=Files(engines.blobs, statistics),
        results=held.results,
        parts=held.parts,
        reservations=reservations,
        commits=commits,
        room=room,
        book=book,
        journal=journal,
        coherence=coherence,
        manifests=watching.manifests,
        forgetting=forgetting,
        statistics=statistics,
        retention=Retention(settings.cache_ttl_seconds, settings.negative_ttl_seconds),
        uses=uses,
    )
    janitor = janitor_of(settings, engines.blobs, database, commits, held.pending, held.upkeep)
    queue = DurableQueue(database, DurableJobs(database), settings.task_attempts) if database else None
    tasks = Tasks(queue, room, statistics, settings.task_ttl_seconds)
    offers = Offers(_shelves(engines))
    audit = Audit(database, accesses=settings.audit_access)
    return Built(cache, tasks, offers, journal, audit, room, coherence, forgetting, janitor, uses, engines)


def _watching(engines: Engines) -> Watching:
    durable = DurableLog(engines.log_database) if engines.log_database else None
    hot = HotLog(engines.valkey) if engines.valkey else None
    stored = StoredLog(engines.blobs.objects)
    places: list[Manifests] = []
    if engines.database is not None and durable is not None:
        places.append(DurableManifests(engines.database, durable))
    if engines.valkey is not None:
        places.append(HotManifests(engines.valkey))
    manifests = ManifestChain(places or [ProcessManifests()])
    shared: list[Log] = [place for place in (durable, hot) if place is not None]
    return Watching(durable, [*shared, stored], manifests, Coherence(shared, stored, manifests))


def _held(
    settings: CacheSettings, engines: Engines, coherence: Coherence, statistics: Statistics, upkeep: Upkeep
) -> Held:
    database, valkey = engines.database, engines.valkey
    hot = HotTier(valkey, settings.hot_ttl_seconds, statistics.corrupt) if valkey else None
    pending = PendingLog(engines.blobs.objects, upkeep) if database else None

    def tiers(table: str, view: View, pending: PendingLog | None) -> Records:
        memory = MemoryTier(settings.memory_cache_bytes // 2, on_evicted=upkeep.evicted)
        durable = None
        if database is not None:
            durable = DurableTier(database, table, statistics.corrupt, settings.durable_quota_bytes)
        return Records(memory, hot, durable, view, pending, engines.blobs)

    results = tiers(RESULTS, View(coherence, coherence.stands), pending)
    parts = tiers(PARTS, View(coherence, coherence.part_stands), None)
    coherence.on_news(clearing(results.memory.remove_where, coherence.stands))
    coherence.on_news_of_parts(clearing(parts.memory.remove_where, coherence.part_stands))
    return Held(results, parts, hot, pending, upkeep)


def _durable_side(database: Postgres | None, results: Records, samples: SampleTables) -> DurableSide | None:
    if database is None or results.durable is None:
        return None
    return DurableSide(database, results.durable, DurableLeases(database), DurableJobs(database), samples)


def _sweeps(engines: Engines, held: Held) -> Sweeps:
    database = engines.database
    results, parts = (DurableSweep(database, table) if database else None for table in (RESULTS, PARTS))
    return Sweeps(results, parts, held.hot, engines.blobs, held.pending)


def _shelves(engines: Engines) -> list[OfferShelf]:
    shelves: list[OfferShelf] = [DurableOffers(engines.database)] if engines.database else []
    return [*shelves, HotOffers(engines.valkey)] if engines.valkey else shelves


def _book(database: Postgres | None, valkey: Valkey | None, ttl_seconds: int) -> JobBook:
    if database is not None:
        return DurableJobs(database)
    return ProcessJobs() if valkey is None else HotJobs(valkey, ttl_seconds)


def _authorities(database: Postgres | None, valkey: Valkey | None, results: Records) -> dict[str, Leases]:
    async def stands(key: bytes, failures: bool, bar: int) -> bool:
        return await results.stands(key, bar, failures=failures)

    chain: list[Leases] = []
    if database is not None:
        chain.append(DurableLeases(database))
    if valkey is not None:
        chain.append(HotLeases(valkey))
    chain.append(ProcessLeases(stands))
    return {leases.authority: leases for leases in chain}


def gates(settings: CacheSettings) -> Gates:
    """Return the bounds on running calls: waiters apart, and a leader is never refused."""
    free = Gate(None)
    never_refused = dict.fromkeys(("Commit", "Extend", "Fail", "Release", "Settle", "AnnouncePipelines"), free)
    waiting = {"Reserve": Gate(settings.max_waiters), "Claim": Gate(settings.max_waiters)}
    return Gates(Gate(settings.max_running_calls), {**waiting, **never_refused})


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
async def running(settings: CacheSettings, tracer: Tracer | None = None) -> AsyncIterator[tuple[str, str]]:
    """Serve while the body runs; yields the addresses of the service and of its metrics."""
    registry = CollectorRegistry()
    access = settings.access()
    built = build(settings, registry)
    endless = built.endless
    if settings.use_database:
        migration = Migration(settings)
        await migration.attempt()
        endless.append(migration.run)
    await built.engines.open()
    await built.coherence.start()
    calls = CallMetrics(registry, "cache")
    guard = CallGuard(calls, gates(settings), settings.max_deadline_seconds, access, tracer)
    server = AioServer(settings, guard, (_SERVICE,))
    servicer = CacheServicer(
        built.cache,
        built.tasks,
        built.offers,
        built.audit,
        settings.max_deadline_seconds,
        durable=settings.use_database,
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


async def serve(settings: CacheSettings, tracer: Tracer | None) -> None:
    """Serve until asked to stop."""
    async with running(settings, tracer) as (address, metrics):
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
        if built.uses is not None:
            await built.uses.flush()
        await built.audit.flush()
    await built.engines.close()


def main() -> int:
    """Run the service; the exit code is 2 where the settings do not allow it."""
    settings = read_settings(CacheSettings, "cache_service")
    configure_logs("cache", settings.log_level, settings.log_format)
    try:
        settings.check_protection("CACHE_LISTEN", settings.cache_listen)
        settings.check_metrics("CACHE_METRICS_LISTEN", settings.cache_metrics_listen)
        if settings.use_database and not settings.database_url.get_secret_value():
            raise ValueError("DATABASE_URL is not set; set it, or USE_DATABASE=false to do without a database")
        collect_seldom()
        with settings.tracing("cache") as tracer:
            asyncio.run(serve(settings, tracer))
    except (ValueError, OSError) as error:
        print(f"cache_service: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
