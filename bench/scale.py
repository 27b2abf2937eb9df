"""Look-ups in PostgreSQL alone at 10^3, 10^5 and 10^6 durable results: their time, the plan, and the disk of a result.

`python -m bench.scale [--quick]`. Goal: flat. Memory and Valkey are off, so each look-up is one of the table.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psycopg
from rich.table import Table

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import identity_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.launcher import EmbeddedPostgres
from bench.pairs import Effort, effort_of, show, spread
from bench.stack import announce, running, standing
from rpc.channels import connect_aio

ASKED = 50
RESULT_BYTES = 512

_COLUMNS = (
    "SELECT string_agg(column_name, ', ') FROM information_schema.columns"
    " WHERE table_name = 'analysis_results' AND is_generated = 'NEVER'"
)
_FILL = (
    "INSERT INTO analysis_results ({columns}) SELECT {others} FROM analysis_results AS one,"
    " generate_series(%s::int, %s::int) AS number,"
    " LATERAL jsonb_populate_record(one,"
    " jsonb_build_object('key', '\\x' || encode(sha256(number::text::bytea), 'hex'))) AS other"
    " WHERE one.key = (SELECT key FROM analysis_results LIMIT 1)"
)
_EXPLAIN = "EXPLAIN SELECT * FROM analysis_results WHERE key = ANY(%s) AND expires_at > now()"


def filled(url: str, present: int, wanted: int) -> None:
    """Bring the table to so many results, copies of one under other keys."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(_COLUMNS).fetchone()
        assert row is not None
        others = ", ".join(f"other.{name}" for name in row[0].split(", "))
        insert = _FILL.format(columns=row[0], others=others)
        connection.execute(insert.encode(), (present + 1, wanted))
        connection.execute("VACUUM ANALYZE analysis_results")


def described(url: str, count: int) -> tuple[str, str]:
    """Return how the look-up is planned, and the disk that a result takes with its indexes."""
    with psycopg.connect(url) as connection:
        plan = " ".join(line[0].strip() for line in connection.execute(_EXPLAIN, ([os.urandom(32)],)).fetchall())
        size = connection.execute("SELECT pg_total_relation_size('analysis_results')").fetchone()
    assert size is not None
    return plan.split("  (")[0], f"{size[0] / count:,.0f} B"


async def let_stand(cache: str) -> list[identity_pb2.Question]:
    """Let the results stand that are asked for."""
    async with connect_aio(cache) as channel:
        stub = CacheServiceStub(channel)
        await announce(stub)
        return [await standing(stub, os.urandom(RESULT_BYTES)) for _ in range(ASKED)]


async def asked(cache: str, questions: Sequence[identity_pb2.Question], rounds: int) -> list[float]:
    """Return the median time of a look-up, one after the other, in milliseconds, for each round."""
    medians = []
    async with connect_aio(cache) as channel:
        stub = CacheServiceStub(channel)
        for _ in range(rounds + 1):
            times = []
            for question in questions:
                started = time.perf_counter()
                answer = await stub.Lookup(pb.LookupRequest(question=question))
                times.append(1000 * (time.perf_counter() - started))
                assert answer.HasField("hit")
            medians.append(statistics.median(times))
    return medians[1:]


def measure(table: Table, url: str, cache: str, effort: Effort) -> None:
    """Add a row for each size."""
    questions = asyncio.run(let_stand(cache))
    present = ASKED
    for count in (1_000, 10_000, 100_000) if effort.quick else (1_000, 100_000, 1_000_000):
        filled(url, present, count)
        present = count
        times = asyncio.run(asked(cache, questions, effort.pairs))
        table.add_row(f"{count:,}", f"{spread(times)} ms", *described(url, count))


def main() -> None:
    """Start what is measured, measure, print."""
    effort = effort_of(__doc__)
    table = Table("results", "Lookup, median (spread)", "plan", "disk of a result")
    with tempfile.TemporaryDirectory() as folder, EmbeddedPostgres(Path(folder) / "postgres") as postgres:
        settings = {"MEMORY_CACHE_BYTES": "0"}
        with running(database_url=postgres.url, redis_url="", environment=settings) as stack:
            measure(table, postgres.url, stack.addresses.cache[0], effort)
    show(table)


if __name__ == "__main__":
    main()
