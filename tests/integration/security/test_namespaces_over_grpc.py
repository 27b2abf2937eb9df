"""What one namespace holds, no other one sees: not its jobs, files, leases, numbers, nor that they are there."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from assaycache.errors.v1 import errors_pb2
from rpc.errors import NotFound, PermissionDenied
from rpc.reasons import Reason
from tests.integration.cache.conftest import a_payload, a_question
from tests.integration.security.conftest import Guarded, refusal_of
from tests.support.people import ADMIN, OTHER, OTHER_ADMIN, OTHER_WRITER, OWN, READER, SERVICE, WRITER

BLOB = identity_pb2.BlobRef(sha256=hashlib.sha256(b"walk").digest(), size_bytes=4)
PIPELINE = identity_pb2.PipelineRef(name="emg.session")

NAMING: dict[str, Callable[[str], Any]] = {
    "Lookup": lambda name: pb.LookupRequest(question=a_question(namespace=name, blob=BLOB)),
    "Reserve": lambda name: pb.ReserveRequest(question=a_question(namespace=name, blob=BLOB), owner_id="one"),
    "FindMissingBlobs": lambda name: pb.FindMissingBlobsRequest(namespace=name, blobs=[BLOB]),
    "ListJobs": lambda name: pb.ListJobsRequest(namespace=name),
    "GetJob": lambda name: pb.GetJobRequest(namespace=name, job_id="6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00"),
    "GetStats": lambda name: pb.GetStatsRequest(namespace=name),
}
STREAMED: dict[str, Callable[[str], Any]] = {
    "Download": lambda name: pb.DownloadRequest(namespace=name, blob=BLOB),
    "BatchLookup": lambda name: pb.BatchLookupRequest(namespace=name, pipeline=PIPELINE),
}
SENT: dict[str, Callable[[str], Any]] = {
    "Ingest": lambda name: pb.IngestRequest(header=pb.IngestHeader(namespace=name)),
    "BatchStore": lambda name: pb.BatchStoreRequest(context=pb.BatchStoreContext(namespace=name, pipeline=PIPELINE)),
}
BY_TOKEN: dict[str, Callable[[bytes], Any]] = {
    "Extend": lambda token: pb.ExtendRequest(token=token),
    "Commit": lambda token: pb.CommitRequest(token=token, payload=a_payload(b"forged")),
    "Fail": lambda token: pb.FailRequest(token=token, reason=errors_pb2.ERROR_REASON_FILE_NOT_C3D),
    "Release": lambda token: pb.ReleaseRequest(token=token),
}


@pytest.mark.parametrize("method", [*NAMING, *STREAMED, *SENT])
async def test_naming_another_namespace_is_refused_whether_or_not_it_is_there(guarded: Guarded, method: str) -> None:
    await guarded.by(OTHER_WRITER).ingest(b"walk")
    caller = guarded.by(ADMIN)
    for name in (OTHER, "nobodys", "default"):
        if method in NAMING:
            call = caller.ask(method, NAMING[method](name))
        elif method in STREAMED:
            call = caller.stream(method, STREAMED[method](name))
        else:
            call = caller.send(method, SENT[method](name))
        refused = await refusal_of(call)
        assert isinstance(refused, PermissionDenied)
        assert (refused.reason, refused.metadata) == (Reason.NAMESPACE_FORBIDDEN, {"namespace": name})
        assert refused.message == "The token does not open this namespace."


@pytest.mark.parametrize("method", BY_TOKEN)
async def test_a_lease_of_another_namespace_cannot_be_used(guarded: Guarded, method: str) -> None:
    reserved = await guarded.by(WRITER).reserve(b"walk")
    refused = await refusal_of(guarded.by(OTHER_WRITER).ask(method, BY_TOKEN[method](reserved.lease.token)))
    assert refused.reason is Reason.NAMESPACE_FORBIDDEN
    committed = await guarded.by(WRITER).ask(
        "Commit", pb.CommitRequest(token=reserved.lease.token, payload=a_payload(b"mine"))
    )
    assert not committed.superseded
    assert committed.entry.identity.namespace == OWN


async def test_a_lease_of_another_namespace_cannot_carry_parts(guarded: Guarded) -> None:
    token = (await guarded.by(WRITER).reserve(b"walk")).lease.token
    other = guarded.by(OTHER_WRITER)
    context = pb.BatchStoreContext(pipeline=PIPELINE, lease_token=token)
    calls = [
        other.stream("BatchLookup", pb.BatchLookupRequest(pipeline=PIPELINE, lease_token=token)),
        other.send("BatchStore", pb.BatchStoreRequest(context=context)),
    ]
    for call in calls:
        assert (await refusal_of(call)).reason is Reason.NAMESPACE_FORBIDDEN


async def test_the_same_file_and_question_are_another_job_in_another_namespace(guarded: Guarded) -> None:
    entry = await guarded.by(WRITER).compute(b"walk")
    other = guarded.by(OTHER_WRITER)
    question = a_question(blob=BLOB)  # byte for byte the one that was asked before
    found = await guarded.by(READER).ask("Lookup", pb.LookupRequest(question=question))
    assert found.hit.identity.job_id == entry.identity.job_id
    missed = await other.ask("Lookup", pb.LookupRequest(question=question))
    assert missed.miss.reason == entry_pb2.MISS_REASON_NEVER_SEEN
    assert not missed.miss.blob_present
    assert missed.identity.namespace == OTHER
    assert missed.identity.job_id != entry.identity.job_id


async def test_jobs_of_another_namespace_are_neither_listed_nor_known_by_id(guarded: Guarded) -> None:
    entry = await guarded.by(WRITER).compute(b"walk")
    other = guarded.by(OTHER_ADMIN)
    assert not (await other.ask("ListJobs", pb.ListJobsRequest())).jobs
    refused = await refusal_of(other.ask("GetJob", pb.GetJobRequest(job_id=entry.identity.job_id)))
    unknown = await refusal_of(other.ask("GetJob", pb.GetJobRequest(job_id="6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00")))
    assert isinstance(refused, NotFound)
    assert (refused.reason, refused.metadata) == (unknown.reason, unknown.metadata)
    own = await guarded.by(READER).ask("ListJobs", pb.ListJobsRequest())
    assert [job.identity.job_id for job in own.jobs] == [entry.identity.job_id]


async def test_a_file_of_another_namespace_is_missing(guarded: Guarded) -> None:
    blob = await guarded.by(WRITER).ingest(b"walk")
    other = guarded.by(OTHER_WRITER)
    missing = await other.ask("FindMissingBlobs", pb.FindMissingBlobsRequest(blobs=[blob]))
    assert list(missing.missing) == [blob]
    assert (await refusal_of(other.stream("Download", pb.DownloadRequest(blob=blob)))).reason is Reason.BLOB_MISSING
    request = pb.ReserveRequest(question=a_question(blob=blob), owner_id="one")
    assert (await refusal_of(other.ask("Reserve", request))).reason is Reason.BLOB_MISSING
    answer = await other.send("Ingest", pb.IngestRequest(header=pb.IngestHeader()), pb.IngestRequest(chunk=b"walk"))
    assert not answer.existed


async def test_a_result_cannot_be_made_of_a_file_of_another_namespace(guarded: Guarded) -> None:
    blob = await guarded.by(WRITER).ingest(b"a secret result")
    token = (await guarded.by(OTHER_WRITER).reserve(b"walk")).lease.token
    payload = a_payload(b"a secret result")
    payload.ClearField("data")
    payload.blob.CopyFrom(blob)
    refused = await refusal_of(guarded.by(OTHER_WRITER).ask("Commit", pb.CommitRequest(token=token, payload=payload)))
    assert refused.reason is Reason.BLOB_MISSING


async def test_an_admins_statistics_are_those_of_its_namespace_only(guarded: Guarded) -> None:
    own = guarded.by(WRITER)
    await own.compute(b"walk")
    await own.ask("Lookup", pb.LookupRequest(question=a_question(blob=BLOB)))
    await own.reserve(b"run")
    parts = [entry_pb2.PartRef(sha256=hashlib.sha256(b"part").digest(), size_bytes=4)]
    await own.stream("BatchLookup", pb.BatchLookupRequest(pipeline=PIPELINE, parts=parts))
    seen = await guarded.by(ADMIN).ask("GetStats", pb.GetStatsRequest())
    assert (seen.jobs, seen.blobs, seen.hits_total, seen.running) == (2, 2, 1, 1)
    assert [miss.count for miss in seen.misses] == [1]
    other = await guarded.by(OTHER_ADMIN).ask("GetStats", pb.GetStatsRequest())
    told = {field.name for field, _ in other.ListFields()}
    assert told <= {"tiers", "compute_saved"}
    assert other.compute_saved.ToNanoseconds() == 0
    for tier in other.tiers:
        assert {field.name for field, _ in tier.ListFields()} == {"tier", "configured", "available"}
    whole = await guarded.by(SERVICE).ask("GetStats", pb.GetStatsRequest(namespace=OWN))
    assert (whole.jobs, whole.hits_total) == (2, 1)
    assert any(tier.entries for tier in whole.tiers)


async def test_a_service_works_in_the_namespace_that_it_names(guarded: Guarded) -> None:
    blob = await guarded.by(WRITER).ingest(b"walk")
    service = guarded.by(SERVICE)
    question = a_question(blob=blob, namespace=OWN)
    reserved = await service.ask("Reserve", pb.ReserveRequest(question=question, owner_id="queue"))
    await service.ask("Commit", pb.CommitRequest(token=reserved.lease.token, payload=a_payload(b"done")))
    found = await guarded.by(READER).ask("Lookup", pb.LookupRequest(question=a_question(blob=blob)))
    assert found.hit.identity.job_id == reserved.identity.job_id
