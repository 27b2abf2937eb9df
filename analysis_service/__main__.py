"""`python -m analysis_service`: reads the settings once, builds the objects, serves until SIGTERM."""

import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import grpc
from prometheus_client import CollectorRegistry

from analysis_service.metrics import ComputationMetrics, PoolMetrics, TaskMetrics
from analysis_service.pipelines import EMG_SESSION, SEQUENCE_TAXONOMY, Pipelines
from analysis_service.sequence.reference.library import Library
from analysis_service.service.analyses import Analyses
from analysis_service.service.announcer import Announcer
from analysis_service.service.cache import RemoteCache
from analysis_service.service.claims import Claimer
from analysis_service.service.comparisons import Comparisons
from analysis_service.service.flights import Flights
from analysis_service.service.offers import offer_of
from analysis_service.service.queue import RemoteQueue
from analysis_service.service.reference_files import REFERENCE_FOLDER
from analysis_service.service.references import References, offers_of
from analysis_service.service.servicer import AnalysisServicer
from analysis_service.service.signals import Signals
from analysis_service.settings import AnalysisSettings
from analysis_service.sources import Sources
from analysis_service.workers.pool import WorkerPool
from analysis_service.workers.worker import Limits
from assaycache.analysis.v1 import analysis_service_pb2, analysis_service_pb2_grpc
from rpc.channels import connect
from rpc.gates import Gate, Gates
from rpc.logs import configure_logs, get_logger
from rpc.metrics import CallMetrics, MetricsServer
from rpc.ready import announce_ready
from rpc.settings import read_settings
from rpc.sync_server import CallGuard, SyncServer, wait_until_asked_to_stop
from rpc.tracing import Tracer

log = get_logger(__name__)

_SERVICE = analysis_service_pb2.DESCRIPTOR.services_by_name["AnalysisService"].full_name

_JOBS = "analysis_service.service.jobs:JOBS"
"""Named, not imported: the jobs load scipy, which only the workers need."""

_ANALYSES_A_PLOT = 4
"""People look at a plot now and then; files come by the hundred."""

_RESERVE_THREADS = 8
"""For what is beside Analyze and GetSignals: health, reflection, the refusals."""

_FIRST_ANNOUNCEMENT_SECONDS = 5.0
"""How long "ready" waits for the cache to know what is offered; a cache that is away longer must not keep us from
serving."""

_LANDING_SHARE = 0.8
"""Of the time to drain, so that the errors of what did not land still reach their callers."""


_GIVING_BACK_SECONDS = 2.0
"""How long a claimer may take to give its task back when its analysis has ended."""


@dataclass(frozen=True)
class Built:
    """The objects of one process."""

    channels: list[grpc.Channel]
    announcers: list[Announcer]
    pool: WorkerPool
    flights: Flights
    queue: RemoteQueue
    claimers: list[Claimer]
    servicer: AnalysisServicer


def build(settings: AnalysisSettings, registry: CollectorRegistry, tracer: Tracer | None) -> Built:
    """Build the service out of its settings."""
    own_token = settings.own_token()
    limits = Limits(settings.analysis_memory_limit_bytes, settings.analysis_time_limit_seconds)
    folder = settings.reference_folder.absolute()
    library = Library(folder)
    if swept := library.sweep():
        log.warning("what builds of references left unfinished was removed", files=swept)
    pool = WorkerPool(_JOBS, settings.analysis_workers, limits, PoolMetrics(registry), {REFERENCE_FOLDER: str(folder)})
    pipelines = Pipelines((EMG_SESSION, SEQUENCE_TAXONOMY))
    channel = connect(settings.cache_address, settings.tls)
    cache = RemoteCache(channel, own_token)
    flights = Flights(cache, pool, ComputationMetrics(registry, tracer), settings.analysis_max_calls)
    gates = Gates(
        Gate(None), {"Analyze": Gate(settings.analysis_max_calls), "GetSignals": Gate(_signals_calls(settings))}
    )
    calls = CallMetrics(registry, "analysis")
    guard = CallGuard(calls, gates, settings.max_deadline_seconds, settings.access(), tracer)
    analyses = Analyses(cache, flights, pipelines)
    # Each replica is told by itself, since one without a database keeps what it hears to itself.
    replicas = [connect(address, settings.tls) for address in settings.cache_address.split(",") if address.strip()]
    offers = partial(offers_of, pipelines.announced(), library)
    announcers = [Announcer(RemoteCache(replica, own_token), offers, settings.announce_seconds) for replica in replicas]
    references = References(library, pool, settings.analysis_workers, partial(_announce, announcers))
    servicer = AnalysisServicer(guard, analyses, Signals(cache, pool), Comparisons(cache, pool), references, pipelines)
    queue = RemoteQueue(channel)
    claimers = _claimers(settings, queue, analyses, pipelines, TaskMetrics(registry))
    return Built([channel, *replicas], announcers, pool, flights, queue, claimers, servicer)


def _claimers(
    settings: AnalysisSettings, queue: RemoteQueue, analyses: Analyses, pipelines: Pipelines, metrics: TaskMetrics
) -> list[Claimer]:
    count = settings.analysis_workers if settings.analysis_claimers is None else settings.analysis_claimers
    asked = [offer_of(pipeline).pipeline for pipeline in pipelines]
    sources, own_token = Sources(settings.source_urls), settings.own_token()
    return [Claimer(queue, analyses, sources, asked, metrics, own_token) for _ in range(count)]


def _announce(announcers: Sequence[Announcer]) -> None:
    for announcer in announcers:
        announcer.announce()


def _signals_calls(settings: AnalysisSettings) -> int:
    """How many plots may be made at once: each holds its recording in a file of its own."""
    return max(1, settings.analysis_max_calls // _ANALYSES_A_PLOT)


def serve(settings: AnalysisSettings, tracer: Tracer | None) -> None:
    """Serve until asked to stop; nobody is answered, and so health is not told, before the workers are warm.

    Raises:
        OSError: if an address cannot be bound.
    """
    registry = CollectorRegistry()
    built = build(settings, registry, tracer)
    server = SyncServer(
        settings, settings.analysis_max_calls + _signals_calls(settings) + _RESERVE_THREADS, (_SERVICE,)
    )
    analysis_service_pb2_grpc.add_AnalysisServiceServicer_to_server(built.servicer, server.server)
    metrics = MetricsServer(registry, settings.analysis_metrics_listen)
    built.pool.start()
    for announcer in built.announcers:
        announcer.start()
    try:
        if not built.pool.wait_until_warm():  # before anybody is answered: else the first requests pay for it
            log.error("no worker came up; analyses will fail until one does")
        address = server.start(settings.analysis_listen)
        known = [announcer.wait_until_known(_FIRST_ANNOUNCEMENT_SECONDS) for announcer in built.announcers]
        log.info("serving", address=address, metrics=metrics.address, known_to_cache=all(known))
        for claimer in built.claimers:
            claimer.start()
        announce_ready(address, metrics.address)
        wait_until_asked_to_stop()
        log.info("stopping")
    finally:
        _stop(settings, built, server, metrics)


def _stop(settings: AnalysisSettings, built: Built, server: SyncServer, metrics: MetricsServer) -> None:
    """Let running analyses end, give back the leases of the others, close everything."""
    for announcer in built.announcers:
        announcer.stop()
    for claimer in built.claimers:
        claimer.stop()
    built.queue.stop()
    landing = threading.Thread(target=built.flights.stop, args=(settings.drain_seconds * _LANDING_SHARE,))
    landing.start()
    server.stop()
    landing.join()
    for claimer in built.claimers:
        claimer.join(_GIVING_BACK_SECONDS)
    built.pool.stop()
    for channel in built.channels:
        channel.close()
    metrics.stop()


def main() -> int:
    """Run the service; the exit code is 2 where the settings do not allow it."""
    settings = read_settings(AnalysisSettings, "analysis_service")
    configure_logs("analysis", settings.log_level, settings.log_format)
    try:
        settings.check_protection("ANALYSIS_LISTEN", settings.analysis_listen)
        settings.check_metrics("ANALYSIS_METRICS_LISTEN", settings.analysis_metrics_listen)
        with settings.tracing("analysis") as tracer:
            serve(settings, tracer)
    except (ValueError, OSError) as error:
        print(f"analysis_service: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
