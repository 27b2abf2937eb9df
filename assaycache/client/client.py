"""The synchronous client: hash locally, ask first, upload only what is missing, wait for the answer."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from grpc_health.v1 import health_pb2, health_pb2_grpc

from assaycache.analysis.v1 import analysis_service_pb2, analysis_service_pb2_grpc
from assaycache.cache.v1 import cache_service_pb2, cache_service_pb2_grpc, identity_pb2
from assaycache.client import pipelines, translate
from assaycache.client.calls import ANALYSIS, CACHE, Patience, errors_of, one_request
from assaycache.client.forgetting import Forgetting
from assaycache.client.inquiry import Inquiry, Progress
from assaycache.client.params import message_of
from assaycache.client.payloads import result_in
from assaycache.client.plotting import Plotting
from assaycache.client.records import (
    Analysis,
    Capabilities,
    Event,
    Job,
    JobStatus,
    Pipeline,
    QueuedTask,
    ServiceHealth,
    Stats,
)
from assaycache.client.referring import Referring
from assaycache.client.sources import Given, Source, open_source
from assaycache.client.uploads import download, upload
from rpc.channels import Tls, connect
from rpc.errors import AssayError, FailedPrecondition, InputError, InvalidArgument, NotFound
from rpc.reasons import Reason

ANALYZE_SECONDS = 600.0
"""How long an analysis may take by default; the services themselves stop at 900 s."""
CALL_SECONDS = 15.0
"""How long any other question may take; all of them are look-ups."""

_DIGEST = re.compile("[0-9a-f]{64}")


class Client(Forgetting, Plotting, Referring):
    """A client of the two services.

    It takes the channels, which stay the caller's to close; `Client.connect` makes them from addresses and closes
    them with the client. One client may be used from several threads.

    Every method raises from the tree of `assaycache.AssayError`: `InputError` where the file cannot be analysed,
    `InvalidArgument` where the question is wrong, `Unavailable` where a service is away.

        with Client.connect() as client:
            analysis = client.analyze("session.c3d")
            print(analysis.job_id, analysis.cached)
    """

    def __init__(
        self, cache_channel: grpc.Channel, analysis_channel: grpc.Channel, *, namespace: str = "", token: str = ""
    ) -> None:
        """`token` is shown with every call; its namespace is meant where `namespace` is empty."""
        self._namespace = namespace
        self._token = token
        self._owned: tuple[grpc.Channel, ...] = ()
        self._cache = cache_service_pb2_grpc.CacheServiceStub(cache_channel)
        self._analysis = analysis_service_pb2_grpc.AnalysisServiceStub(analysis_channel)
        self._health = {
            "assaycache.cache.v1.CacheService": health_pb2_grpc.HealthStub(cache_channel),
            "assaycache.analysis.v1.AnalysisService": health_pb2_grpc.HealthStub(analysis_channel),
        }

    @classmethod
    def connect(
        cls,
        cache: str = "127.0.0.1:50051",
        analysis: str = "127.0.0.1:50052",
        ca_file: str | Path | None = None,
        *,
        server_name: str = "",
        namespace: str = "",
        token: str = "",
    ) -> Self:
        """Return a client of the services at these addresses; replicas are joined by commas.

        `ca_file` holds the PEM roots by which the services are known; without it there is no TLS, and a token can be
        read on its way. `server_name` is the name in their certificates, where it is not their address.

        Raises:
            ValueError: if an address is not host:port, or several, with TLS, and there is no `server_name`.
            OSError: if the roots cannot be read.
        """
        tls = None if ca_file is None else Tls(Path(ca_file), server_name)
        channels = connect(cache, tls), connect(analysis, tls)
        client = cls(*channels, namespace=namespace, token=token)
        client._owned = channels
        return client

    def close(self) -> None:
        """Close the channels that `connect` made."""
        for channel in self._owned:
            channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def analyze(
        self,
        given: Given,
        *,
        params: Mapping[str, Any] | Message | None = None,
        pipeline: str | None = None,
        pipeline_version: str = "",
        reference: str = "",
        file_name: str | None = None,
        uploader: str = "",
        metadata: Mapping[str, Any] | None = None,
        retry_failed: bool = False,
        progress: Progress | None = None,
        timeout_seconds: float = ANALYZE_SECONDS,
    ) -> Analysis:
        """Return the analysis of a file: from the cache, or computed now.

        Nothing is uploaded where the answer, or the file, is in the cache.

        Args:
            given: a path, bytes, or an open binary file (read from its start).
            params: the pipeline's parameters, by name, or its params message. None: all defaults.
            pipeline: its name. None: as the file's content says, "emg.session" or "sequence.taxonomy".
            pipeline_version: None asked for: the version that is active.
            reference: for sequences, the reference database's name or digest. None named: the default one.
            file_name: the name to record. None: the name that the file has by itself.
            uploader: who hands it in, to record.
            metadata: anything about the sample that JSON can say, to record.
            retry_failed: compute again although a failure is remembered.
            progress: told each step, in the calling thread.
            timeout_seconds: how long to wait for all of it.

        Raises:
            AssayError: see the class.
            OSError: if the file cannot be read.
        """
        told = progress or _ignored
        patience = self._patience(timeout_seconds)
        told(Event("hashing"))
        with one_request(), open_source(given, file_name) as source:
            if not source.size_bytes:
                raise InputError(Reason.FILE_EMPTY, "The file is empty: it has no bytes.")
            asked = pipeline or pipelines.pipeline_for(source.head)
            question = self._question(asked, pipeline_version, params, reference)
            question.blob.sha256, question.blob.size_bytes = source.sha256, source.size_bytes
            inquiry = Inquiry(self._cache, self._analysis, question, source, patience, told)
            answer = inquiry.answer(_submission(source.name, uploader, metadata), retry_failed)
            return self._analysis_of(answer, source.name, patience)

    def enqueue(
        self,
        given: Given | None = None,
        *,
        source_uri: str = "",
        params: Mapping[str, Any] | Message | None = None,
        pipeline: str | None = None,
        pipeline_version: str = "",
        reference: str = "",
        file_name: str | None = None,
        uploader: str = "",
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str = "",
        timeout_seconds: float = ANALYZE_SECONDS,
    ) -> QueuedTask:
        """Queue the analysis of a file and do not wait for it; `job(task_id)` tells what becomes of it.

        The file is `given`, and uploaded where the cache has it not; or it lies at `source_uri` and is fetched later,
        from storage that the analysis service allows.

        Args:
            idempotency_key: the same value gives the same task. Empty: each call is a task of its own.
            timeout_seconds: how long the upload may take.

        The others are those of `analyze`.

        Raises:
            ValueError: if there are both a file and a source, or neither.
            AssayError: see the class; `Unavailable` with DATABASE_UNAVAILABLE where there is no database.
            OSError: if the file cannot be read.
        """
        if (given is None) != bool(source_uri):
            raise ValueError("give either a file or a source_uri")
        request = cache_service_pb2.EnqueueRequest(
            source_uri=source_uri,
            submission=_submission(file_name or "", uploader, metadata),
            idempotency_key=idempotency_key,
        )
        patience = self._patience(timeout_seconds)
        with one_request():
            if given is None:
                asked = pipeline or pipelines.DEFAULT
                request.question.CopyFrom(self._question(asked, pipeline_version, params, reference))
                return self._enqueued(request, patience)
            with open_source(given, file_name) as source:
                if not source.size_bytes:
                    raise InputError(Reason.FILE_EMPTY, "The file is empty: it has no bytes.")
                asked = pipeline or pipelines.pipeline_for(source.head)
                request.question.CopyFrom(self._question(asked, pipeline_version, params, reference))
                return self._enqueued_file(request, source, patience)

    def _enqueued_file(
        self, request: cache_service_pb2.EnqueueRequest, source: Source, patience: Patience
    ) -> QueuedTask:
        request.submission.file_name = source.name
        request.question.blob.sha256, request.question.blob.size_bytes = source.sha256, source.size_bytes
        try:
            return self._enqueued(request, patience)
        except FailedPrecondition as error:
            if error.reason is not Reason.BLOB_MISSING:
                raise
        upload(self._cache, source, self._namespace, patience, lambda _fraction: None)
        return self._enqueued(request, patience)

    def _enqueued(self, request: cache_service_pb2.EnqueueRequest, patience: Patience) -> QueuedTask:
        with errors_of(CACHE):
            placed = self._cache.Enqueue(request, **patience.call())
        return QueuedTask(placed.task_id, placed.job_id, placed.position)

    def withdraw(self, job_id: str) -> bool:
        """Take queued work that nobody has begun out of the queue, by the task's id or by the job's.

        False where nothing is queued, it has been begun, or others have queued the same, whose tasks stay.

        Raises:
            Unavailable: DATABASE_UNAVAILABLE.
        """
        request = cache_service_pb2.WithdrawRequest(namespace=self._namespace, id=job_id)
        with errors_of(CACHE):
            answer = self._cache.Withdraw(request, **self._patience(CALL_SECONDS).call())
        return answer.withdrawn and not answer.left

    def jobs(
        self,
        *,
        statuses: tuple[JobStatus, ...] = (),
        pipeline: str = "",
        file_name_contains: str = "",
        page_size: int = 100,
    ) -> Iterator[Job]:
        """Yield the jobs, last changed first; further pages are fetched as they are needed."""
        page_token = ""
        while True:
            request = cache_service_pb2.ListJobsRequest(
                namespace=self._namespace,
                page_size=page_size,
                page_token=page_token,
                statuses=[f"JOB_STATUS_{status.name}" for status in statuses],
                pipeline=identity_pb2.PipelineRef(name=pipeline) if pipeline else None,
                file_name_contains=file_name_contains,
            )
            with errors_of(CACHE):
                page = self._cache.ListJobs(request, **self._patience(CALL_SECONDS).call())
            yield from map(translate.job_of, page.jobs)
            page_token = page.next_page_token
            if not page_token:
                return

    def job(self, job_id: str) -> Job:
        """Return one job with all its submissions, by its own id or by that of the task that it came by.

        Raises:
            NotFound: JOB_UNKNOWN.
        """
        return translate.job_of(self._get_job(job_id, include_result=False, patience=self._patience(CALL_SECONDS)).job)

    def result(self, job_id: str) -> Analysis:
        """Return the result that stands for a job, without the file.

        Raises:
            NotFound: JOB_UNKNOWN, also where the job is known and no result stands.
            InputError: if the job failed.
        """
        patience = self._patience(CALL_SECONDS)
        answer = self._get_job(job_id, include_result=True, patience=patience)
        if answer.HasField("entry"):
            newest = answer.job.submissions[0].file_name if answer.job.submissions else ""
            return self._analysis_of(analysis_service_pb2.Analyzed(entry=answer.entry), newest, patience)
        if answer.job.HasField("failure"):
            raise translate.error_of_failure(answer.job.failure)
        raise NotFound(Reason.JOB_UNKNOWN, f"Job {job_id} has no result now; analyse its file again.")

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Return the pipelines with all their parameters."""
        request = analysis_service_pb2.ListPipelinesRequest()
        with errors_of(ANALYSIS):
            answer = self._analysis.ListPipelines(request, **self._patience(CALL_SECONDS).call())
        return tuple(map(translate.pipeline_of, answer.pipelines))

    def stats(self) -> Stats:
        """Return what the cache holds and has done."""
        request = cache_service_pb2.GetStatsRequest(namespace=self._namespace)
        with errors_of(CACHE):
            return translate.stats_of(self._cache.GetStats(request, **self._patience(CALL_SECONDS).call()))

    def capabilities(self) -> Capabilities:
        """Return what the cache service can do: limits, tiers, pipelines."""
        request = cache_service_pb2.GetCapabilitiesRequest()
        with errors_of(CACHE):
            return translate.capabilities_of(
                self._cache.GetCapabilities(request, **self._patience(CALL_SECONDS).call())
            )

    def health(self, timeout_seconds: float = 3.0) -> tuple[ServiceHealth, ...]:
        """Return whether each service serves; one that does not answer is "UNREACHABLE", not an error."""
        return tuple(_health_of(name, stub, timeout_seconds) for name, stub in self._health.items())

    def _patience(self, seconds: float) -> Patience:
        return Patience(seconds, self._token)

    def _question(
        self, pipeline: str, version: str, params: Mapping[str, Any] | Message | None, reference: str = ""
    ) -> identity_pb2.Question:
        question = identity_pb2.Question(
            namespace=self._namespace, pipeline=identity_pb2.PipelineRef(name=pipeline, version=version)
        )
        if _DIGEST.fullmatch(reference):
            question.reference.digest = bytes.fromhex(reference)
        elif reference:
            question.reference.name = reference
        if isinstance(params, Message):
            question.params.Pack(params)
        elif params is not None:
            question.params.Pack(message_of(pipelines.params_kind_of(pipeline), params))
        return question

    def _get_job(self, job_id: str, *, include_result: bool, patience: Patience) -> cache_service_pb2.GetJobResponse:
        request = cache_service_pb2.GetJobRequest(
            namespace=self._namespace, job_id=job_id, include_result=include_result
        )
        with errors_of(CACHE):
            return self._cache.GetJob(request, **patience.call())

    def _analysis_of(self, answer: analysis_service_pb2.Analyzed, file_name: str, patience: Patience) -> Analysis:
        entry, namespace = answer.entry, answer.entry.identity.namespace
        return Analysis(
            identity=translate.identity_of(entry.identity),
            result=result_in(entry.payload, lambda blob: download(self._cache, blob, namespace, patience)),
            result_sha256=entry.payload.sha256.hex(),
            tier=translate.tier_of(entry.tier),
            durability=translate.durability_of(answer.durability),
            compute_seconds=translate.seconds_of(entry.compute_cost),
            age_seconds=translate.seconds_of(entry.age),
            created=translate.time_of(entry.created_time) if entry.HasField("created_time") else None,
            file_name=file_name,
        )


def _submission(file_name: str, uploader: str, metadata: Mapping[str, Any] | None) -> identity_pb2.Submission:
    submission = identity_pb2.Submission(file_name=file_name, uploader=uploader)
    if metadata is not None:
        struct = Struct()
        try:
            struct.update(dict(metadata))
        except (ValueError, TypeError) as error:
            raise InvalidArgument(
                Reason.METADATA_INVALID,
                "The metadata must be an object of values that JSON knows.",
                metadata={"field": "metadata"},
            ) from error
        submission.metadata.CopyFrom(struct)
    return submission


def _health_of(name: str, stub: Any, timeout_seconds: float) -> ServiceHealth:
    try:
        with errors_of(name):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=timeout_seconds)
    except AssayError as error:
        return ServiceHealth(name, "UNREACHABLE", error.message)
    return ServiceHealth(name, health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def _ignored(_event: Event) -> None:
    """Tell nobody."""
