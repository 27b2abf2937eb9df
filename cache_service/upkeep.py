"""What keeping the tiers in order has done: numbers for the metrics and for GetStats."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class Upkeep:
    """Counts of what the janitor, the pending log and the quotas did in this process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._pending = Gauge("cache_pending_commits", "Commits that wait for PostgreSQL.", registry=registry)
        self._drained = Counter(
            "cache_pending_drained", "Commits that waited and were brought into PostgreSQL.", registry=registry
        )
        self._set_aside = Counter(
            "cache_pending_damaged",
            "Commits that waited and could not be read; they were set aside.",
            registry=registry,
        )
        self._evictions = Counter(
            "cache_evictions", "Entries and blobs removed, by tier and reason.", ["tier", "reason"], registry=registry
        )
        self._rounds = Counter(
            "cache_janitor_rounds", "Rounds of the janitor by duty and outcome.", ["duty", "outcome"], registry=registry
        )
        self._last_success = Gauge(
            "cache_janitor_last_success_timestamp_seconds",
            "When a duty of the janitor last went well in this process.",
            ["duty"],
            registry=registry,
        )
        self._swept = Counter("cache_leftovers_swept", "Files of crashed processes removed.", registry=registry)
        self._uses_dropped = Counter(
            "cache_uses_dropped", "Uses that were not written down: too many waited.", registry=registry
        )
        self._blob_bytes = Gauge("cache_blob_bytes", "Bytes of all blobs, when last counted.", registry=registry)
        self._durable_bytes = Gauge(
            "cache_durable_bytes", "Bytes of results and parts in PostgreSQL, when last measured.", registry=registry
        )

    def pending(self, count: int) -> None:
        """Say how many commits wait."""
        self._pending.set(count)

    def drained(self) -> None:
        """Count a commit that waits no longer."""
        self._drained.inc()

    def set_aside(self) -> None:
        """Count a pending commit that could not be read."""
        self._set_aside.inc()

    def evicted(self, tier: str, reason: str, count: int = 1) -> None:
        """Count what was removed."""
        self._evictions.labels(tier, reason).inc(count)

    def round(self, duty: str, outcome: str) -> None:
        """Count a round of a duty."""
        self._rounds.labels(duty, outcome).inc()
        if outcome == "done":
            self._last_success.labels(duty).set_to_current_time()

    def swept(self, count: int) -> None:
        """Count files of crashed processes."""
        self._swept.inc(count)

    def use_dropped(self) -> None:
        """Count a use that is not written down."""
        self._uses_dropped.inc()

    def blob_bytes(self, size_bytes: int) -> None:
        """Say how large all blobs are."""
        self._blob_bytes.set(size_bytes)

    def durable_bytes(self, size_bytes: int) -> None:
        """Say how large results and parts are."""
        self._durable_bytes.set(size_bytes)
