"""Samples of sequences in SQL: their rows come in the transaction that keeps the result, and go with it."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from google.protobuf import descriptor_pb2, duration_pb2
from prometheus_client import CollectorRegistry

from assaycache.analysis.v1 import sequence_pb2
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, pipelines_pb2
from cache_service import retention as retention_module
from cache_service import sample_tables
from cache_service.blobs import BlobStore
from cache_service.commits import DurableSide
from cache_service.engines.postgres import Postgres
from cache_service.entries import Payload, Record, scope_of
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import Event, Status
from cache_service.keys import Blob, Identity
from cache_service.leases.durable import DurableLeases
from cache_service.retention import DurableRetention
from cache_service.sample_tables import SampleTables
from cache_service.service.sequence_rows import PROJECTIONS
from cache_service.tiers.durable import RESULTS, DurableTier
from cache_service.upkeep import Upkeep
from tests.integration.cache.conftest import Caller, a_question, message_of
from tests.support.records import some_failure, some_identity, some_record
from tests.support.taxonomy_message import RANKS, taxonomy_message, taxonomy_payload

FILE = b">read0\nACGT\n"
TAXONOMY = identity_pb2.PipelineRef(name="sequence.taxonomy", version="1.0.0")
DOCS = Path(__file__).parents[3] / "docs" / "sequences.md"


def asked(url: str, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(sql.encode(), values).fetchall()


def counted(url: str) -> tuple[int, int, int]:
    """How many rows there are: the table of results, the view of samples, the sequences."""
    results, samples, sequences = (
        asked(url, f"SELECT count(*) FROM {table}")[0][0] for table in ("sample_results", "samples", "sequences")
    )
    return results, samples, sequences


# -- over gRPC ---------------------------------------------------------------------------------------------------------


def an_offer_of_taxonomy() -> pipelines_pb2.PipelineOffer:
    file = descriptor_pb2.FileDescriptorProto()
    sequence_pb2.DESCRIPTOR.CopyToProto(file)
    offer = pipelines_pb2.PipelineOffer(
        pipeline=TAXONOMY, active=True, params_schema=descriptor_pb2.FileDescriptorSet(file=[file])
    )
    offer.defaults.Pack(sequence_pb2.SequenceTaxonomyParams(min_length=0))
    return offer


@pytest.fixture
async def lab(caller: Caller) -> Caller:
    """A caller to whom samples of sequences are offered."""
    request = pb.AnnouncePipelinesRequest(announcer="test", offers=[an_offer_of_taxonomy()])
    await caller.stub.AnnouncePipelines(request, timeout=5)
    return caller


async def handed_in(lab: Caller, name: str = "pond.fasta", **metadata: object) -> identity_pb2.Question:
    """Hand a file in under a name and with metadata; return the question about it."""
    submission = identity_pb2.Submission(file_name=name)
    submission.metadata.update(metadata)
    said = {"question": identity_pb2.Question(pipeline=TAXONOMY), "submission": submission}
    answer = await lab.ingest(FILE, **said)
    return a_question(pipeline=TAXONOMY, blob=answer.blob)


async def committed(lab: Caller, token: bytes, payload: Payload | None = None) -> pb.CommitResponse:
    message = message_of(payload or taxonomy_payload())
    request = pb.CommitRequest(token=token, payload=message, compute_cost=duration_pb2.Duration(seconds=1))
    answer: pb.CommitResponse = await lab.stub.Commit(request, timeout=20)
    assert answer.durability == entry_pb2.DURABILITY_DURABLE
    return answer


async def analysed(lab: Caller, payload: Payload | None = None, **metadata: object) -> identity_pb2.Question:
    question = await handed_in(lab, **metadata)
    await committed(lab, (await lab.reserve(question)).lease.token, payload)
    return question


async def eventually(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not holds():
            await asyncio.sleep(0.05)


async def test_a_commit_brings_the_rows_of_its_sample(lab: Caller, database_url: str) -> None:
    question = await analysed(lab, depth_m=116, location="Gullmarsfjord", collected_at="2026-03-01", vessel="Skagerak")
    await eventually(lambda: asked(database_url, "SELECT 1 FROM submissions") != [])
    job_id = (await lab.lookup(question)).identity.job_id
    [sample] = asked(
        database_url,
        "SELECT job_id::text, namespace, file_name, location, depth_m, collected_at::date::text, latitude, metadata,"
        " reads, unique_sequences, known_reads, novel_reads, other_marker_reads, shannon, shannon_base, simpson,"
        " ranks, reference_name, reference_digest FROM samples",
    )
    assert sample == (
        job_id, "default", "pond.fasta", "Gullmarsfjord", 116.0, "2026-03-01", None,
        {"depth_m": 116, "location": "Gullmarsfjord", "collected_at": "2026-03-01", "vessel": "Skagerak"},
        36, 8, 22, 8, 6, 1.5, "e", None, RANKS, "oomycetes", b"\x01" * 32,
    )  # fmt: skip
    rows = asked(
        database_url,
        "SELECT position, record_id, letters, length, reads, status, taxon, taxon_rank, taxa, confidence,"
        " hit_accession, identity, cluster, namespace, mean_quality FROM sequences WHERE job_id = %s ORDER BY position",
        job_id,
    )
    letters = [one.letters for one in taxonomy_message().sequences]
    pythium = {"family": "Pythiaceae", "genus": "Pythium", "species": "Pythium ultimum"}
    phytophthora = {"family": "Peronosporaceae", "genus": "Phytophthora"}
    assert len(rows) == 8
    assert rows[0] == (
        1, "read0", letters[0], 40, 8, "known", "Pythium ultimum", "species", pythium, 0.5,
        "REF0", 0.5, "C1", "default", None,
    )  # fmt: skip
    assert rows[1][5:10] == ("known", "Phytophthora", "genus", phytophthora, 0.75)
    assert rows[2][5:8] == ("potentially_novel", "Peronosporaceae", "family")
    assert rows[3][5:13] == ("not_this_marker", None, None, {}, None, None, None, None)


async def test_a_result_that_is_no_sample_brings_none(lab: Caller, database_url: str) -> None:
    token = (await lab.reserve(await lab.ask(b"walk"))).lease.token
    assert (await lab.commit(token)).durability == entry_pb2.DURABILITY_DURABLE
    assert counted(database_url) == (0, 0, 0)
    assert asked(database_url, "SELECT rows_bytes FROM analysis_results") == [(0,)]


async def test_a_commit_that_is_repeated_brings_its_rows_once(lab: Caller, database_url: str) -> None:
    token = (await lab.reserve(await handed_in(lab))).lease.token
    for _ in range(2):
        await committed(lab, token)
    assert counted(database_url)[::2] == (1, 8)


async def test_a_file_that_is_handed_in_as_two_samples_is_two_samples_of_one_analysis(
    lab: Caller, database_url: str
) -> None:
    await analysed(lab, depth_m=3)
    await handed_in(lab, depth_m=3)
    await handed_in(lab, depth_m="40 m", environment="sediment")
    await handed_in(lab, "lake.fasta", depth_m="it is deep")
    await eventually(lambda: counted(database_url)[1] == 3)
    assert counted(database_url) == (1, 3, 8)
    assert asked(database_url, "SELECT file_name, depth_m, environment FROM samples ORDER BY submitted_at") == [
        ("pond.fasta", 3.0, None),
        ("pond.fasta", 40.0, "sediment"),
        ("lake.fasta", None, None),
    ]


async def test_an_invalidation_takes_the_rows_along_and_the_next_commit_brings_them_again(
    lab: Caller, database_url: str
) -> None:
    question = await analysed(lab)
    await lab.stub.Invalidate(pb.InvalidateRequest(pipeline=pb.PipelineRange(name="sequence.taxonomy")), timeout=20)
    assert counted(database_url) == (0, 0, 0)
    await committed(lab, (await lab.reserve(question)).lease.token)
    assert counted(database_url)[::2] == (1, 8)


async def test_an_erasure_takes_the_rows_and_the_metadata_along(lab: Caller, database_url: str) -> None:
    await analysed(lab, location="Gullmarsfjord")
    await lab.stub.EraseBlob(pb.EraseBlobRequest(sha256=hashlib.sha256(FILE).digest()), timeout=30)
    assert counted(database_url) == (0, 0, 0)
    assert asked(database_url, "SELECT location FROM submissions") == []


async def test_a_result_that_is_a_blob_brings_its_rows(lab: Caller, database_url: str) -> None:
    payload = taxonomy_payload()
    blob = (await lab.ingest(payload.data)).blob
    as_blob = replace(payload, data=b"", blob=Blob(blob.sha256, blob.size_bytes))
    await analysed(lab, as_blob)
    assert counted(database_url)[::2] == (1, 8)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xff\xff no message at all",
        taxonomy_message(2).SerializeToString()[:-5],
    ],
)
async def test_a_result_that_cannot_be_read_is_kept_without_rows(
    lab: Caller, database_url: str, content: bytes
) -> None:
    question = await analysed(lab, taxonomy_payload(content))
    assert (await lab.lookup(question)).HasField("hit")
    assert counted(database_url) == (0, 0, 0)


async def test_values_that_postgresql_cannot_keep_leave_the_rows_out_and_the_result_in(
    lab: Caller, database_url: str
) -> None:
    message = taxonomy_message(3000)
    message.sequences[2500].id = "nul\x00"
    question = await analysed(lab, taxonomy_payload(message.SerializeToString()))
    assert (await lab.lookup(question)).HasField("hit")
    assert counted(database_url) == (0, 0, 0)


async def test_rows_that_take_too_long_are_left_out_and_the_result_is_in(
    lab: Caller, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample_tables, "_FIRST_SECONDS", 0.2)
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE sequences IN SHARE MODE")
        question = await analysed(lab)
    assert (await lab.lookup(question)).HasField("hit")
    assert counted(database_url) == (0, 0, 0)


# -- at the durable side -----------------------------------------------------------------------------------------------


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Postgres]:
    database = Postgres(database_url, 4)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def left_out() -> list[str]:
    """Why rows were left out."""
    return []


@pytest.fixture
def side(database: Postgres, blob_folder: Path, left_out: list[str]) -> DurableSide:
    samples = SampleTables(PROJECTIONS, BlobStore(blob_folder.as_uri(), 1), left_out.append)
    tier = DurableTier(database, RESULTS)
    return DurableSide(database, tier, DurableLeases(database), DurableJobs(database), samples)


@pytest.fixture
def retention(database: Postgres) -> DurableRetention:
    return DurableRetention(database, 1, Upkeep(CollectorRegistry()))


def a_sample(identity: Identity, seconds: float = 60.0, count: int = 8) -> Record:
    payload = taxonomy_payload(taxonomy_message(count).SerializeToString())
    return replace(some_record(identity.key, seconds=seconds), outcome=payload, scope=scope_of(identity))


def succeeded(identity: Identity) -> Event:
    return Event(identity, time.time(), status=Status.SUCCEEDED)


async def settled(side: DurableSide, *contents: bytes, seconds: float = 60.0, count: int = 8) -> list[Identity]:
    identities = [some_identity(content, "lab") for content in contents]
    for identity in identities:
        await side.settle(a_sample(identity, seconds, count), succeeded(identity))
    return identities


async def test_a_commit_that_is_settled_twice_brings_its_rows_once(side: DurableSide, database_url: str) -> None:
    await settled(side, b"one", b"one", b"two")
    assert counted(database_url)[::2] == (2, 16)


async def test_rows_say_whose_they_are(side: DurableSide, database_url: str) -> None:
    await settled(side, b"one")
    for table in ("samples", "sequences"):
        assert asked(database_url, f"SELECT DISTINCT namespace FROM {table}") == [("lab",)]


async def test_rows_go_with_a_result_past_its_time(
    side: DurableSide, retention: DurableRetention, database_url: str
) -> None:
    await settled(side, b"old", b"older", seconds=-3600.0)
    await settled(side, b"new", count=5)
    await retention.expire()
    assert counted(database_url)[::2] == (1, 5)


async def test_rows_count_toward_the_quota_and_go_with_what_is_over_it(
    side: DurableSide, retention: DurableRetention, database_url: str, database: Postgres
) -> None:
    await settled(side, b"one", b"two", count=500)
    [(stored_bytes, payload_bytes)] = asked(
        database_url, "SELECT min(stored_bytes), max(octet_length(payload)) FROM analysis_results"
    )
    [(on_disk_bytes,)] = asked(database_url, "SELECT pg_total_relation_size('sequences') / 2")
    assert 0.5 < (stored_bytes - payload_bytes) / on_disk_bytes < 1.5
    await retention.keep_quota()
    assert counted(database_url) == (0, 0, 0)


async def test_more_rows_than_one_statement_removes_go_in_one_round(
    side: DurableSide, retention: DurableRetention, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention_module, "_BATCH_BYTES", 1)
    await settled(side, b"one", b"two", b"three", seconds=-3600.0)
    await retention.expire()
    assert counted(database_url) == (0, 0, 0)


async def test_rows_go_with_a_result_that_was_found_damaged(side: DurableSide, database_url: str) -> None:
    [identity] = await settled(side, b"one")
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE analysis_results SET payload = 'x'")
    assert await side.results.get(identity.key) is None
    assert counted(database_url) == (0, 0, 0)


@pytest.mark.parametrize(("seconds", "count"), [(60.0, 5), (-3600.0, 5)])
async def test_a_result_that_takes_anothers_place_takes_that_of_its_rows(
    side: DurableSide, database_url: str, seconds: float, count: int
) -> None:
    [identity] = await settled(side, b"one", seconds=-3600.0)
    await side.settle(a_sample(identity, seconds, count), succeeded(identity))
    assert counted(database_url)[::2] == (1, count)


async def test_a_failure_that_takes_a_samples_place_leaves_none_of_its_rows(
    side: DurableSide, database_url: str
) -> None:
    [identity] = await settled(side, b"one", seconds=-3600.0)
    await side.settle(some_failure(identity.key), succeeded(identity))
    assert counted(database_url) == (0, 0, 0)
    assert asked(database_url, "SELECT rows_bytes FROM analysis_results") == [(0,)]


async def test_of_two_commits_at_once_one_brings_its_rows(
    side: DurableSide, database_url: str, left_out: list[str]
) -> None:
    identity = some_identity(b"one", "lab")
    records = [a_sample(identity, count=count) for count in (300, 400, 500)]
    await asyncio.gather(*(side.settle(record, succeeded(identity)) for record in records))
    results, _, sequences = counted(database_url)
    standing = await side.results.get(identity.key)
    assert standing is not None
    [winner] = [record for record in records if record.outcome == standing.outcome]
    assert (results, sequences, left_out) == (1, (300, 400, 500)[records.index(winner)], [])


async def test_why_rows_were_left_out_is_told(side: DurableSide, left_out: list[str]) -> None:
    message = taxonomy_message()
    message.sequences[0].abundance = 2**64 - 1
    for content in (b"\xff no message", message.SerializeToString()):
        identity = some_identity(content)
        record = replace(a_sample(identity), outcome=taxonomy_payload(content))
        await side.settle(record, succeeded(identity))
        assert await side.results.get(identity.key) is not None
    assert left_out == ["payload", "database"]


# -- the schema and its page -------------------------------------------------------------------------------------------


def test_every_column_says_what_it_is(database_url: str) -> None:
    bare = asked(
        database_url,
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.oid IN ('public.sample_results'::regclass, 'public.sequences'::regclass) AND NOT a.attisdropped"
        " AND col_description(c.oid, a.attnum) IS NULL",
    )
    assert bare == []
    for name in ("samples", "sample_results", "sequences"):
        [(said,)] = asked(database_url, "SELECT obj_description(%s::regclass)", f"public.{name}")
        assert said


def queries() -> list[str]:
    """Return the queries that the page shows."""
    return [part.split("```")[0] for part in DOCS.read_text().split("```sql\n")[1:]]


async def test_the_queries_of_the_page_find_what_is_there(lab: Caller, database_url: str) -> None:
    await analysed(lab, depth_m=116, location="Gullmarsfjord")
    await handed_in(lab, depth_m=116, location="Gullmarsfjord", vessel="Skagerak")
    await eventually(lambda: counted(database_url)[1] == 2)
    found, deep, novel = (asked(database_url, query) for query in queries())
    assert found == [("pond.fasta", "Gullmarsfjord", 116.0, None, 10, 36)] * 2
    assert deep == [("pond.fasta", 116.0, None, 8, 1.5, pytest.approx(8 / 36))] * 2
    assert [row[1:] for row in novel] == [(0.125, 6, 1), (0.125, 2, 1)]
