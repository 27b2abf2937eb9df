"""What this process has done since it started: one set of numbers for GetStats and for the metrics."""

from collections import Counter as Tally
from collections.abc import Callable
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge


class Statistics:
    """Counts of hits, misses and reservations, and the time that hits saved."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.hits: Tally[str] = Tally()
        self.misses: Tally[str] = Tally()
        self.compute_saved_ms = 0.0
        self._hits = Counter("cache_hits", "Look-ups answered, by tier.", ["tier"], registry=registry)
        self._hits_of: Callable[[str], Counter] = cache(self._hits.labels)  # finding a child takes longer than counting
        self._misses = Counter("cache_misses", "Look-ups not answered, by reason.", ["reason"], registry=registry)
        self._saved = Counter(
            "cache_compute_saved_seconds",
            "What the analyses that were not repeated cost when they were computed.",
            registry=registry,
        )
        self._reservations = Counter("cache_reservations", "Reservations by outcome.", ["outcome"], registry=registry)
        self._commits = Counter("cache_commits", "Commits by durability.", ["durability"], registry=registry)
        self._failures = Counter("cache_failures", "Failures remembered, by reason.", ["reason"], registry=registry)
        self._corrupt = Counter(
            "cache_corrupt_records", "Damaged records removed, by tier.", ["tier"], registry=registry
        )
        self._without_rows = Counter(
            "cache_results_without_rows",
            "Results kept without their rows in samples and sequences, by what was in the way.",
            ["reason"],
            registry=registry,
        )
        self._tasks = Counter("cache_tasks", "Events of queued tasks, by kind.", ["event"], registry=registry)
        self._queue_waiting = Gauge("cache_queue_waiting", "Tasks that wait to be claimed.", registry=registry)
        self._queue_claimed = Gauge("cache_queue_claimed", "Tasks that are claimed now.", registry=registry)
        self._queue_oldest = Gauge(
            "cache_queue_oldest_seconds", "How long the oldest waiting task has waited.", registry=registry
        )
        self._ingested = Counter("cache_ingested_bytes", "Bytes of uploads taken in.", registry=registry)
        self._waiters = Gauge("cache_waiters", "Reserve calls that are being answered or wait.", registry=registry)
        self._memory_bytes = Gauge("cache_memory_bytes", "Bytes held in this process's memory.", registry=registry)

    def watch(self, waiters: Callable[[], int], memory_bytes: Callable[[], int]) -> None:
        """Show what can be read at any time."""
        self._waiters.set_function(waiters)
        self._memory_bytes.set_function(memory_bytes)

    def hit(self, tier: str, compute_cost_ms: float, count: int = 1) -> None:
        """Count look-ups that were answered, and what all of them cost to compute."""
        self.hits[tier] += count
        self.compute_saved_ms += compute_cost_ms
        self._hits_of(tier).inc(count)
        self._saved.inc(compute_cost_ms / 1000)

    def miss(self, reason: str, count: int = 1) -> None:
        """Count look-ups that were not answered."""
        self.misses[reason] += count
        self._misses.labels(reason).inc(count)

    def reservation(self, outcome: str) -> None:
        """Count a reservation."""
        self._reservations.labels(outcome).inc()

    def commit(self, durability: str) -> None:
        """Count a commit."""
        self._commits.labels(durability).inc()

    def failure(self, reason: str) -> None:
        """Count a failure that is remembered."""
        self._failures.labels(reason).inc()

    def corrupt(self, tier: str) -> None:
        """Count a damaged record."""
        self._corrupt.labels(tier).inc()

    def without_rows(self, reason: str) -> None:
        """Count a result that is kept without its rows for SQL: its payload cannot be read, or the database refused."""
        self._without_rows.labels(reason).inc()

    def task(self, event: str) -> None:
        """Count an event of a task: enqueued, claimed, released, done, failed."""
        self._tasks.labels(event).inc()

    def queue(self, waiting: float, claimed: float, oldest_seconds: float) -> None:
        """Show how much there is to do; NaN where that cannot be told just now."""
        self._queue_waiting.set(waiting)
        self._queue_claimed.set(claimed)
        self._queue_oldest.set(oldest_seconds)

    def ingested(self, size_bytes: int) -> None:
        """Count an upload."""
        self._ingested.inc(size_bytes)
