"""Queued work: the file goes up only where the cache has it not, and nobody waits for the analysis."""

import hashlib

import pytest

from assaycache import FailedPrecondition, InputError, JobStatus, QueuedTask, Reason
from assaycache.cache.v1 import cache_service_pb2, identity_pb2, jobs_pb2
from tests.unit.client.client_services import JOB_ID, SECONDS, Services

TASK_ID = "6a0f0e0d-0000-4000-8000-000000000001"
PLACED = cache_service_pb2.EnqueueResponse(task_id=TASK_ID, job_id=JOB_ID, position=3)


def test_a_file_that_the_cache_has_is_queued_by_one_call(services: Services) -> None:
    answer = services.asked(
        services.client.enqueue, b"recording", file_name="a.c3d", uploader="lab 3", idempotency_key="visit-7"
    )
    asked = services.unary("Enqueue", PLACED)
    assert asked.question.blob.sha256 == hashlib.sha256(b"recording").digest()
    assert asked.question.pipeline.name == "emg.session"
    assert (asked.submission.file_name, asked.submission.uploader) == ("a.c3d", "lab 3")
    assert (asked.idempotency_key, asked.source_uri) == ("visit-7", "")
    assert answer.result(SECONDS) == QueuedTask(TASK_ID, JOB_ID, 3)


def test_a_file_that_the_cache_has_not_is_uploaded_and_queued(services: Services) -> None:
    answer = services.asked(services.client.enqueue, b"recording")
    services.unary("Enqueue", FailedPrecondition(Reason.BLOB_MISSING, "Upload it."))
    assert b"".join(message.chunk for message in services.upload()) == b"recording"
    services.unary("Enqueue", PLACED)
    assert answer.result(SECONDS).task_id == TASK_ID


def test_a_source_is_queued_without_a_blob(services: Services) -> None:
    answer = services.asked(services.client.enqueue, source_uri="s3://recordings/a.c3d")
    asked = services.unary("Enqueue", cache_service_pb2.EnqueueResponse(task_id=TASK_ID))
    assert asked.source_uri == "s3://recordings/a.c3d"
    assert not asked.question.HasField("blob")
    assert answer.result(SECONDS).job_id == ""


def test_a_task_is_looked_up_like_a_job(services: Services) -> None:
    answer = services.asked(services.client.job, TASK_ID)
    job = jobs_pb2.Job(
        identity=identity_pb2.Identity(job_id=JOB_ID), status=jobs_pb2.JOB_STATUS_QUEUED, task_id=TASK_ID
    )
    asked = services.unary("GetJob", cache_service_pb2.GetJobResponse(job=job))
    assert asked.job_id == TASK_ID
    assert (answer.result(SECONDS).status, answer.result(SECONDS).task_id) == (JobStatus.QUEUED, TASK_ID)


@pytest.mark.parametrize(("left", "gone"), [(0, True), (1, False)])
def test_queued_work_is_withdrawn_unless_others_want_it_too(services: Services, left: int, gone: bool) -> None:
    answer = services.asked(services.client.withdraw, TASK_ID)
    asked = services.unary("Withdraw", cache_service_pb2.WithdrawResponse(withdrawn=True, left=left))
    assert asked.id == TASK_ID
    assert answer.result(SECONDS) is gone


def test_neither_or_both_of_file_and_source_are_refused(services: Services) -> None:
    for given, uri in ((None, ""), (b"recording", "s3://recordings/a.c3d")):
        with pytest.raises(ValueError, match="either a file or a source_uri"):
            services.client.enqueue(given, source_uri=uri)


def test_an_empty_file_is_refused_before_anything_is_asked(services: Services) -> None:
    with pytest.raises(InputError) as refused:
        services.client.enqueue(b"")
    assert refused.value.reason is Reason.FILE_EMPTY
