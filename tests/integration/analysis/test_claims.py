"""Queued work, from Enqueue to the end of the task: claimers and whole analysis services beside a real cache."""

import hashlib
import os
import signal
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from prometheus_client import CollectorRegistry

from analysis_service.metrics import ComputationMetrics, TaskMetrics
from analysis_service.pipelines import EMG_SESSION, Pipelines
from analysis_service.service.analyses import Analyses
from analysis_service.service.cache import RemoteCache
from analysis_service.service.claims import Claimer
from analysis_service.service.flights import Flights
from analysis_service.service.offers import offer_of
from analysis_service.service.queue import RemoteQueue
from analysis_service.sources import Sources
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.cache.v1.entry_pb2 import ENCODING_IDENTITY, Payload
from assaycache.cache.v1.identity_pb2 import PipelineRef, Question, Submission
from assaycache.cache.v1.jobs_pb2 import (
    JOB_STATUS_FAILED,
    JOB_STATUS_QUEUED,
    JOB_STATUS_RUNNING,
    JOB_STATUS_SUCCEEDED,
    Job,
)
from assaycache.errors.v1.errors_pb2 import ErrorReason
from rpc.channels import connect
from rpc.errors import AssayError, InputError, ResourceExhausted, Unavailable
from rpc.reasons import Reason
from tests.integration.analysis.test_analysis_process import Service, analysis_service, children_of, recording
from tests.unit.analysis.conftest import PoolStandIn

WHOLE = replace(EMG_SESSION, parts=None)
"""One task a question, so that a stand-in can play the worker."""

PATIENCE_SECONDS = 60.0
RESULT = b"a result"


class Asker:
    """Somebody who queues work and looks after it."""

    def __init__(self, cache: Service) -> None:
        self.channel = connect(cache.listen)
        self.stub: Any = CacheServiceStub(self.channel)

    def enqueue(self, source_uri: str = "", content: bytes = b"", **fields: Any) -> str:
        question = Question(pipeline=PipelineRef(name="emg.session"), namespace="clinic")
        if content:
            messages = [pb.IngestRequest(header=pb.IngestHeader(namespace="clinic")), pb.IngestRequest(chunk=content)]
            question.blob.CopyFrom(self.stub.Ingest(iter(messages), timeout=10, wait_for_ready=True).blob)
        request = pb.EnqueueRequest(question=question, source_uri=source_uri, **fields)
        return str(self.stub.Enqueue(request, timeout=10).task_id)

    def job(self, task_id: str) -> Job:
        job: Job = self.stub.GetJob(pb.GetJobRequest(namespace="clinic", job_id=task_id), timeout=10).job
        return job

    def wait(self, task_id: str, *statuses: int) -> Job:
        """Return the job when it has one of these statuses."""
        until = time.monotonic() + PATIENCE_SECONDS
        while (job := self.job(task_id)).status not in statuses:
            assert time.monotonic() < until, f"the task stays as {job}"
            time.sleep(0.05)
        return job

    def claim(self, wait_seconds: int = 0) -> pb.ClaimResponse:
        request = pb.ClaimRequest(owner_id=uuid.uuid4().hex, wait=Duration(seconds=wait_seconds))
        claimed: pb.ClaimResponse = self.stub.Claim(request, timeout=wait_seconds + 10)
        return claimed


def reason_of(job: Job) -> str:
    assert job.status == JOB_STATUS_FAILED
    return ErrorReason.Name(job.failure.reason).removeprefix("ERROR_REASON_")


@contextmanager
def durable_cache(database_url: str, redis_url: str, folder: Path, listen: str = "127.0.0.1:0") -> Iterator[Service]:
    service = Service(
        "cache_service",
        CACHE_LISTEN=listen,
        CACHE_METRICS_LISTEN="127.0.0.1:0",
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        BLOB_URL=folder.as_uri(),
        MAX_BLOB_BYTES="1000000",
        DRAIN_SECONDS="1",
    )
    try:
        yield service
    finally:
        service.stop()


@pytest.fixture
def cache(database_url: str, redis_url: str, blob_folder: Path) -> Iterator[Service]:
    with durable_cache(database_url, redis_url, blob_folder) as service:
        channel = connect(service.listen)
        RemoteCache(channel).announce([offer_of(EMG_SESSION)])
        channel.close()
        yield service


@pytest.fixture
def asker(cache: Service) -> Iterator[Asker]:
    asker = Asker(cache)
    yield asker
    asker.channel.close()


@pytest.fixture
def uploads(tmp_path: Path) -> Path:
    """A folder that may be fetched from."""
    folder = tmp_path / "uploads"
    folder.mkdir()
    return folder


@pytest.fixture
def pool() -> PoolStandIn:
    payload = Payload(
        data=RESULT,
        encoding=ENCODING_IDENTITY,
        sha256=hashlib.sha256(RESULT).digest(),
        uncompressed_size_bytes=len(RESULT),
        message_type="x.Y",
    )
    return PoolStandIn(outcome=payload.SerializeToString())


Stop = Callable[[], None]


@pytest.fixture
def claimer(cache: Service, uploads: Path, pool: PoolStandIn) -> Iterator[Stop]:
    """A claimer at work; gives the way to stop it as SIGTERM does."""
    channel = connect(cache.listen)
    registry = CollectorRegistry()
    remote, queue = RemoteCache(channel), RemoteQueue(channel)
    flights = Flights(remote, pool, ComputationMetrics(registry), 8)
    analyses = Analyses(remote, flights, Pipelines((WHOLE,)))
    refs = [PipelineRef(name="emg.session", version=EMG_SESSION.version)]
    one = Claimer(queue, analyses, Sources(uploads.as_uri()), refs, TaskMetrics(registry))
    one.start()

    def stop() -> None:
        one.stop()
        queue.stop()
        flights.stop(0.0)
        one.join(PATIENCE_SECONDS)

    yield stop
    stop()
    channel.close()


# -- one claimer -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("claimer")
def test_a_task_whose_bytes_are_in_the_cache_is_analysed(asker: Asker) -> None:
    task_id = asker.enqueue(content=b"recording", submission=Submission(file_name="a.c3d"))
    job = asker.wait(task_id, JOB_STATUS_SUCCEEDED)
    assert (job.task_id, job.identity.namespace) == (task_id, "clinic")
    assert [item.file_name for item in job.submissions] == ["a.c3d"]


@pytest.mark.usefixtures("claimer")
def test_bytes_elsewhere_are_fetched_kept_in_the_tasks_namespace_and_analysed(
    asker: Asker, uploads: Path, pool: PoolStandIn
) -> None:
    (uploads / "a b.c3d").write_bytes(b"from elsewhere")
    task_id = asker.enqueue((uploads / "a b.c3d").as_uri(), submission=Submission(uploader="lab 3"))
    job = asker.wait(task_id, JOB_STATUS_SUCCEEDED)
    assert pool.ticket().input == b"from elsewhere"
    assert (job.identity.namespace, job.identity.blob.size_bytes) == ("clinic", 14)
    assert [(item.file_name, item.uploader) for item in job.submissions] == [("a b.c3d", "lab 3")]
    again = asker.wait(asker.enqueue((uploads / "a b.c3d").as_uri()), JOB_STATUS_SUCCEEDED)
    assert again.identity.job_id == job.identity.job_id
    assert len(pool.tickets) == 1


@pytest.mark.usefixtures("claimer")
def test_a_source_that_is_not_allowed_missing_empty_or_too_large_fails_the_task_at_once(
    asker: Asker, uploads: Path, tmp_path: Path
) -> None:
    (uploads / "large.c3d").write_bytes(bytes(1_000_001))
    (uploads / "empty.c3d").write_bytes(b"")
    (tmp_path / "secret").write_bytes(b"secret")
    (uploads / "link.c3d").symlink_to(tmp_path / "secret")
    reasons = {
        (tmp_path / "secret").as_uri(): "SOURCE_FORBIDDEN",
        f"{uploads.as_uri()}/../secret": "SOURCE_FORBIDDEN",
        f"{uploads.as_uri()}/%2e%2e/secret": "SOURCE_FORBIDDEN",
        f"{uploads.as_uri()}/link.c3d": "SOURCE_FORBIDDEN",
        "s3://recordings/a.c3d": "SOURCE_FORBIDDEN",
        f"{uploads.as_uri()}/none.c3d": "SOURCE_MISSING",
        f"{uploads.as_uri()}/large.c3d": "BLOB_TOO_LARGE",
        f"{uploads.as_uri()}/empty.c3d": "FILE_EMPTY",
    }
    tasks = {uri: asker.enqueue(uri) for uri in reasons}
    assert {uri: reason_of(asker.wait(task, JOB_STATUS_FAILED)) for uri, task in tasks.items()} == reasons


@pytest.mark.usefixtures("claimer")
def test_a_file_that_cannot_be_analysed_fails_the_task_with_its_reason(asker: Asker, pool: PoolStandIn) -> None:
    pool.outcome = InputError(Reason.FILE_NOT_C3D, "It is no C3D.")
    job = asker.wait(asker.enqueue(content=b"no recording"), JOB_STATUS_FAILED)
    assert (reason_of(job), job.failure.message) == ("FILE_NOT_C3D", "It is no C3D.")


@pytest.mark.usefixtures("claimer")
def test_a_fetched_file_that_cannot_be_analysed_is_listed_once(asker: Asker, uploads: Path, pool: PoolStandIn) -> None:
    pool.outcome = InputError(Reason.FILE_NOT_C3D, "It is no C3D.")
    (uploads / "a.c3d").write_bytes(b"no recording")
    task_id = asker.enqueue((uploads / "a.c3d").as_uri())
    failed = asker.wait(task_id, JOB_STATUS_FAILED)
    listed = asker.stub.ListJobs(pb.ListJobsRequest(namespace="clinic"), timeout=10).jobs
    assert [(job.task_id, job.identity.job_id) for job in listed] == [(task_id, failed.identity.job_id)]


@pytest.mark.usefixtures("claimer")
def test_an_error_that_does_not_follow_from_the_input_is_tried_again(asker: Asker, pool: PoolStandIn) -> None:
    succeeds, pool.outcome = pool.outcome, ResourceExhausted(Reason.MEMORY_LIMIT, "Too large for now.")
    task_id = asker.enqueue(content=b"recording")
    asker.wait(task_id, JOB_STATUS_QUEUED)
    pool.ticket()
    pool.outcome = succeeds
    asker.wait(task_id, JOB_STATUS_SUCCEEDED)
    assert len(pool.tickets) == 2


def test_a_claimer_that_is_stopped_gives_its_task_back_untried(asker: Asker, pool: PoolStandIn, claimer: Stop) -> None:
    pool.outcome = None  # it never ends
    task_id = asker.enqueue(content=b"recording")
    pool.ticket()
    claimer()
    claimed = asker.claim()
    assert (claimed.task.task_id, claimed.task.attempt) == (task_id, 1)


def test_an_outage_while_a_task_is_worked_on_uses_up_no_attempt(asker: Asker, pool: PoolStandIn, claimer: Stop) -> None:
    pool.outcome = Unavailable(Reason.BLOB_STORE_UNAVAILABLE, "The blob store does not answer.")
    task_id = asker.enqueue(content=b"recording")
    pool.ticket(2)  # it goes back and is taken again, a little more slowly each time
    claimer()
    claimed = asker.claim()
    assert (claimed.task.task_id, claimed.task.attempt) == (task_id, 1)


def test_a_claimer_outlives_an_absence_of_the_cache(
    asker: Asker, cache: Service, claimer: Stop, database_url: str, redis_url: str, blob_folder: Path
) -> None:
    cache.stop()
    with durable_cache(database_url, redis_url, blob_folder, cache.listen):
        asker.wait(asker.enqueue(content=b"recording"), JOB_STATUS_SUCCEEDED)


# -- whole services --------------------------------------------------------------------------------------------------


@contextmanager
def frozen_worker(service: Service) -> Iterator[None]:
    """Stop the one worker of a service, so that what it computes does not end; kill it in the end."""
    (worker,) = children_of(service.process.pid)
    os.kill(worker, signal.SIGSTOP)
    try:
        yield
    finally:
        if Path(f"/proc/{worker}").exists():
            os.kill(worker, signal.SIGKILL)


def tasks_done(service: Service) -> float:
    with urllib.request.urlopen(f"http://{service.metrics}/metrics") as page:
        lines = page.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith('analysis_tasks_total{outcome="done"}'))


def test_a_service_fetches_and_analyses_a_recording(cache: Service, asker: Asker, uploads: Path) -> None:
    (uploads / "session.c3d").write_bytes(recording())
    with analysis_service(cache.listen, SOURCE_URLS=uploads.as_uri()) as service:
        job = asker.wait(asker.enqueue((uploads / "session.c3d").as_uri()), JOB_STATUS_SUCCEEDED, JOB_STATUS_FAILED)
        assert job.status == JOB_STATUS_SUCCEEDED
        assert job.result_size_bytes > 0
        until = time.monotonic() + PATIENCE_SECONDS
        while tasks_done(service) != 1:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_what_a_killed_service_had_claimed_another_one_finishes(cache: Service, asker: Asker) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(analysis_service(cache.listen))
        with frozen_worker(first):
            task_id = asker.enqueue(content=recording())
            running = asker.wait(task_id, JOB_STATUS_RUNNING)
            assert running.identity.job_id
            first.process.kill()
            first.process.wait()
        second = stack.enter_context(analysis_service(cache.listen))
        assert asker.wait(task_id, JOB_STATUS_SUCCEEDED, JOB_STATUS_FAILED).status == JOB_STATUS_SUCCEEDED
        assert second.process.poll() is None
    assert not asker.claim().HasField("task")


def test_a_service_asked_to_stop_gives_its_task_back_untried(cache: Service, asker: Asker) -> None:
    with analysis_service(cache.listen, DRAIN_SECONDS="1") as service, frozen_worker(service):
        task_id = asker.enqueue(content=recording())
        asker.wait(task_id, JOB_STATUS_RUNNING)
        assert service.stop() == 0
    claimed = asker.claim()
    assert (claimed.task.task_id, claimed.task.attempt) == (task_id, 1)


def test_storage_that_cannot_be_named_ends_the_service_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="SOURCE_URLS"):
        Sources("ftp://example.org/folder")
    assert isinstance(Sources("s3://recordings/2026, file:///tmp"), Sources)


def test_a_source_that_does_not_answer_is_tried_again_later(tmp_path: Path) -> None:
    with pytest.raises(AssayError) as error, (tmp_path / "file").open("wb") as file:
        Sources("http://127.0.0.1:9/recordings").fetch("http://127.0.0.1:9/recordings/a.c3d", file, 100)
    assert (error.value.code, error.value.reason) == ("UNAVAILABLE", Reason.SOURCE_UNAVAILABLE)
