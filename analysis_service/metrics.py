"""What the analysis service counts and times."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from rpc.tracing import Tracer

_STAGE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class PoolMetrics:
    """The worker pool, seen from outside."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.busy = Gauge("analysis_workers_busy", "Worker processes that compute now.", registry=registry)
        self.queued = Gauge("analysis_queue_length", "Computations that wait for a worker.", registry=registry)
        self.lost = Counter("analysis_workers_lost", "Worker processes that died by themselves.", registry=registry)


class TaskMetrics:
    """The queued tasks that this process has claimed: each claim is counted once, when it ends."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter(
            "analysis_tasks",
            "Claims of queued tasks ended by outcome: done, failed, retried, given_back, lost.",
            ["outcome"],
            registry=registry,
        )

    def ended(self, outcome: str) -> None:
        """Count a claim that has ended."""
        self._ended.labels(outcome).inc()


class ComputationMetrics:
    """The computations of this process: each is counted once, when it ends; its stages are timed, and traced."""

    def __init__(self, registry: CollectorRegistry, tracer: Tracer | None = None) -> None:
        self._tracer = tracer
        self._started = Counter(
            "analysis_computations_started", "Computations begun by pipeline.", ["pipeline"], registry=registry
        )
        self._ended = Counter(
            "analysis_computations",
            "Computations ended by pipeline and outcome: committed, superseded, or the reason of the error.",
            ["pipeline", "outcome"],
            registry=registry,
        )
        self._stages = Histogram(
            "analysis_stage_seconds",
            "Time of a computation's stages.",
            ["pipeline", "stage"],
            registry=registry,
            buckets=_STAGE_BUCKETS,
        )

        self._parts = Counter(
            "analysis_parts",
            "Parts of computations by pipeline and origin: cached, computed, damaged (and then computed).",
            ["pipeline", "origin"],
            registry=registry,
        )

    def parts(self, pipeline: str, origin: str, count: int) -> None:
        """Count parts by where they came from."""
        self._parts.labels(pipeline, origin).inc(count)

    def started(self, pipeline: str) -> None:
        """Count a computation that begins."""
        self._started.labels(pipeline).inc()

    def ended(self, pipeline: str, outcome: str) -> None:
        """Count a computation that has ended."""
        self._ended.labels(pipeline, outcome).inc()

    def stage(self, pipeline: str, stage: str, seconds: float) -> None:
        """Record how long a stage took that has just ended."""
        self._stages.labels(pipeline, stage).observe(seconds)
        if self._tracer is not None:
            self._tracer.stage(f"{pipeline} {stage}", seconds)
