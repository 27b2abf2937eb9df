"""The part of the client that fetches signals, for plots."""

import abc
from collections.abc import Mapping, Sequence
from typing import Any

from google.protobuf.json_format import Parse
from google.protobuf.message import Message

from assaycache.analysis.v1 import analysis_service_pb2, analysis_service_pb2_grpc
from assaycache.cache.v1 import cache_service_pb2, cache_service_pb2_grpc, identity_pb2, jobs_pb2
from assaycache.client import pipelines, translate
from assaycache.client.calls import ANALYSIS, Patience, errors_of, one_request
from assaycache.client.inquiry import Inquiry
from assaycache.client.records import Event, Signal
from assaycache.client.sources import Given, open_source

SIGNALS_SECONDS = 600.0
"""How long signals may take by default: where they are not at hand, the file is filtered anew."""


class Plotting(abc.ABC):
    """What `Client` can do for those who draw."""

    _cache: cache_service_pb2_grpc.CacheServiceStub
    _analysis: analysis_service_pb2_grpc.AnalysisServiceStub

    @abc.abstractmethod
    def _patience(self, seconds: float) -> Patience: ...

    @abc.abstractmethod
    def _question(
        self, pipeline: str, version: str, params: Mapping[str, Any] | Message | None, reference: str = ""
    ) -> identity_pb2.Question: ...

    @abc.abstractmethod
    def _get_job(
        self, job_id: str, *, include_result: bool, patience: Patience
    ) -> cache_service_pb2.GetJobResponse: ...

    def signals(
        self,
        given: Given,
        *,
        params: Mapping[str, Any] | Message | None = None,
        pipeline: str | None = None,
        pipeline_version: str = "",
        labels: Sequence[str] = (),
        start_seconds: float = 0.0,
        length_seconds: float | None = None,
        max_points: int = 0,
        timeout_seconds: float = SIGNALS_SECONDS,
    ) -> list[Signal]:
        """Return the signals behind an analysis, for a plot: raw, filtered, envelope, decimated by minimum and maximum.

        The file is uploaded only where the cache does not have it.

        Args:
            given: the file, as for `analyze`, and its question's `params`, `pipeline` and `pipeline_version`.
            labels: the channels wanted. None: all that are analysed.
            start_seconds: where to begin.
            length_seconds: how long a stretch. None: to the end.
            max_points: how many points a signal at the most. 0: 4000.
            timeout_seconds: how long to wait for all of it.

        Raises:
            AssayError: see the class.
            OSError: if the file cannot be read.
        """
        request = _request(labels, start_seconds, length_seconds, max_points)
        question = self._question(pipeline or pipelines.DEFAULT, pipeline_version, params)
        with one_request(), open_source(given, None) as source:
            question.blob.sha256, question.blob.size_bytes = source.sha256, source.size_bytes
            patience = self._patience(timeout_seconds)
            inquiry = Inquiry(self._cache, self._analysis, question, source, patience, _ignored)
            return [translate.signal_of(message) for message in inquiry.signals(request)]

    def job_signals(
        self,
        job_id: str,
        *,
        labels: Sequence[str] = (),
        start_seconds: float = 0.0,
        length_seconds: float | None = None,
        max_points: int = 0,
        timeout_seconds: float = SIGNALS_SECONDS,
    ) -> list[Signal]:
        """Return the signals behind a job, without the file; its arguments are those of `signals`.

        Raises:
            NotFound: JOB_UNKNOWN.
            FailedPrecondition: BLOB_MISSING: the cache does not have the file any more; `signals` uploads it.
        """
        request = _request(labels, start_seconds, length_seconds, max_points)
        patience = self._patience(timeout_seconds)
        with one_request():
            job = self._get_job(job_id, include_result=False, patience=patience).job
            request.question.CopyFrom(_question_of(job))
            with errors_of(ANALYSIS):
                return [
                    translate.signal_of(message) for message in self._analysis.GetSignals(request, **patience.call())
                ]


def _request(
    labels: Sequence[str], start_seconds: float, length_seconds: float | None, max_points: int
) -> analysis_service_pb2.GetSignalsRequest:
    request = analysis_service_pb2.GetSignalsRequest(labels=labels, max_points=max_points)
    request.start.FromNanoseconds(round(start_seconds * 1e9))
    if length_seconds is not None:
        request.length.FromNanoseconds(round(length_seconds * 1e9))
    return request


def _question_of(job: jobs_pb2.Job) -> identity_pb2.Question:
    """Return the question that a job answers."""
    identity = job.identity
    question = identity_pb2.Question(namespace=identity.namespace, blob=identity.blob, pipeline=identity.pipeline)
    if identity.reference_digest:
        question.reference.digest = identity.reference_digest
    if job.params_json:
        question.params.Pack(Parse(job.params_json, pipelines.params_kind_of(identity.pipeline.name)()))
    return question


def _ignored(_event: Event) -> None:
    """Tell nobody."""
