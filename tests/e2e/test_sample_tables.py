"""A lab posts a sample and asks for it in SQL."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from assaycache import Client
from assaycache.launcher import EmbeddedPostgres, Stack, StackAddresses, StackOptions
from tests.conftest import a_database
from tests.e2e.conftest import ANY_PORTS, quiet
from tests.support.synthetic_marker import RANKS, Marker, evolved

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def database(postgres_engine: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The database of the lab."""
    with a_database(postgres_engine, template) as url:
        yield url


@pytest.fixture(scope="module")
def stack(home: Path, database: str) -> Iterator[StackAddresses]:
    """A stack on it."""
    options = StackOptions(home=home, database_url=database, environment={"ANALYSIS_WORKERS": "1"}, **ANY_PORTS)
    with Stack(options, quiet) as running:
        yield running.addresses


@pytest.fixture
def marker(stack: StackAddresses, tmp_path: Path) -> Marker:
    """A marker, to whose reference the lab compares."""
    marker = evolved(seed=7)
    source, fasta = marker.source, tmp_path / "marker.fasta"
    records = zip(source.accessions, source.lineages, source.letters, strict=True)
    fasta.write_text("".join(f">{name}\t{';'.join(taxa)}\n{letters.decode()}\n" for name, taxa, letters in records))
    with Client.connect(",".join(stack.cache), ",".join(stack.analysis)) as client:
        client.add_reference("marker", fasta, ranks=RANKS)
    return marker


def until_written(connection: psycopg.Connection[Any]) -> None:
    """Return when the submission is there, which is written behind the answer."""
    until = time.monotonic() + 15
    while not connection.execute("SELECT 1 FROM submissions").fetchall():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_sample_that_was_posted_is_asked_for_in_sql(rest: httpx.Client, marker: Marker, database: str) -> None:
    content = b"".join(b">read%d\n%s\n" % item for item in enumerate(marker.reads))
    form = {"metadata": '{"location": "Gullmarsfjord", "depth": "116 m", "date": "2026-03-01", "habitat": "sediment"}'}
    said: dict[str, Any] = rest.post("/analyze", files={"file": ("pond.fasta", content)}, data=form).json()
    with psycopg.connect(database, autocommit=True) as connection:
        until_written(connection)
        samples = connection.execute(
            "SELECT job_id::text, file_name, location, depth_m, collected_at::date::text, environment, reads,"
            " reference_name FROM samples"
        ).fetchall()
        rows = connection.execute(
            "SELECT record_id, length, status, confidence FROM sequences WHERE job_id = %s ORDER BY position",
            [said["job_id"]],
        ).fetchall()
    reads = len(marker.reads)
    assert samples == [
        (said["job_id"], "pond.fasta", "Gullmarsfjord", 116.0, "2026-03-01", "sediment", reads, "marker")
    ]
    told = [(one["accession"], one["length"], one["status"]) for one in said["data"]["sequences"]]
    assert [row[:3] for row in rows] == told
    assert all(0.0 <= row[3] <= 1.0 for row in rows if row[3] is not None)
    assert any(row[3] is not None for row in rows)
