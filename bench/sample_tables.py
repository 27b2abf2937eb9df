"""A commit of a sample with its rows for SQL against the same without: `python -m bench.sample_tables [--runs N]`.

Both go through the durable side of the cache into one PostgreSQL, in turns; large results are blobs, as in the service.
The last columns: the longest that the event loop stood still meanwhile, and what a removal of the result takes.
"""

import argparse
import asyncio
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from rich.table import Table

from assaycache.launcher import EmbeddedPostgres
from bench.pairs import show, spread
from cache_service import schema
from cache_service.blobs import BlobStore
from cache_service.commits import DurableSide
from cache_service.engines.postgres import Postgres
from cache_service.entries import Payload, scope_of
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import Event, Status
from cache_service.keys import Blob
from cache_service.leases.durable import DurableLeases
from cache_service.sample_rows import Projections
from cache_service.sample_tables import SampleTables
from cache_service.service.sequence_rows import PROJECTIONS
from cache_service.tiers.durable import RESULTS, DurableTier
from tests.support.records import some_identity, some_payload, some_record
from tests.support.taxonomy_message import taxonomy_message, taxonomy_payload

_COUNTS = (0, 1_000, 10_000, 100_000)
_LETTERS = 253
_INLINE_BYTES = 1024 * 1024
_TICK_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class Timing:
    """What one commit took, in milliseconds."""

    commit_ms: float
    stall_ms: float
    removal_ms: float


async def _stalls(longest: list[float]) -> None:
    """Note the longest time for which the event loop did not come round."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_TICK_SECONDS)
        longest[0] = max(longest[0], time.perf_counter() - began - _TICK_SECONDS)


async def _kept(blobs: BlobStore, count: int) -> Payload:
    """Return the result of a sample of so many sequences, as a blob where the service would keep it as one."""
    if count == 0:
        return some_payload()
    plain = await asyncio.to_thread(lambda: taxonomy_message(count, length=_LETTERS).SerializeToString())
    payload = taxonomy_payload(plain)
    if len(payload.data) <= _INLINE_BYTES:
        return payload
    async with blobs.upload("default") as upload:
        await upload.write(payload.data)
        blob: Blob = upload.measured()
        await upload.publish()
    return replace(payload, data=b"", blob=blob)


async def _commit(side: DurableSide, payload: Payload, content: bytes) -> Timing:
    identity = some_identity(content)
    record = replace(some_record(identity.key), outcome=payload, scope=scope_of(identity))
    longest = [0.0]
    watch = asyncio.create_task(_stalls(longest))
    began = time.perf_counter()
    await side.settle(record, Event(identity, time.time(), status=Status.SUCCEEDED))
    took = time.perf_counter() - began
    watch.cancel()
    began = time.perf_counter()
    await side.results.remove(identity.key)
    return Timing(1000 * took, 1000 * longest[0], 1000 * (time.perf_counter() - began))


async def _measure(folder: Path, url: str, runs: int) -> Table:
    database, blobs = Postgres(url, 4), BlobStore(folder.as_uri(), 10**9)
    await database.open()

    def side(projections: Projections) -> DurableSide:
        tier, samples = DurableTier(database, RESULTS), SampleTables(projections, blobs, _fail)
        return DurableSide(database, tier, DurableLeases(database), DurableJobs(database), samples)

    sides = [side({}), side(PROJECTIONS)]
    table = Table("sequences", "without, ms", "with, ms", "ratio", "loop stands still, ms", "removal, ms")
    for count in _COUNTS:
        payload = await _kept(blobs, count)
        pairs = [[await _commit(one, payload, b"%d %d" % (count, run)) for one in sides] for run in range(runs + 1)][
            1:
        ]  # the first warms up
        bare, full = ([pair[at] for pair in pairs] for at in range(2))
        table.add_row(
            f"{count:,}" if count else "no sample",
            spread([one.commit_ms for one in bare], ".1f"),
            spread([one.commit_ms for one in full], ".1f"),
            f"{median(with_rows.commit_ms / without.commit_ms for without, with_rows in pairs):.2f}",
            spread([one.stall_ms for one in full], ".0f"),
            spread([one.removal_ms for one in full], ".0f"),
        )
    await database.close()
    return table


def _fail(reason: str) -> None:
    raise AssertionError(f"rows were left out: {reason}")


def main() -> None:
    """Measure, and print the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, EmbeddedPostgres(Path(name) / "postgres") as engine:
        schema.up(engine.url)
        blobs = Path(name) / "blobs"
        blobs.mkdir()
        show(asyncio.run(_measure(blobs, engine.url, chosen.runs)))


if __name__ == "__main__":
    main()
