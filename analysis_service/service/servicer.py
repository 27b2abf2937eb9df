"""The servicer: requests are checked here, the answers come from `Analyses`."""

from collections.abc import Iterator
from typing import NoReturn

import grpc

from analysis_service.pipelines import Pipeline, Pipelines
from analysis_service.service.analyses import Analyses, Caller
from analysis_service.service.comparisons import Comparisons
from analysis_service.service.offers import described
from analysis_service.service.parameters import params_of
from analysis_service.service.references import References
from analysis_service.service.signals import Signals
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import AnalysisServiceServicer
from assaycache.cache.v1.identity_pb2 import Question
from rpc.access import namespace_to_name
from rpc.errors import InvalidArgument, field_invalid, field_missing
from rpc.reasons import Reason
from rpc.sync_server import CallGuard, answered, answered_stream

_SHA256_BYTES = 32


class AnalysisServicer(AnalysisServiceServicer):
    """AnalysisService of the contract."""

    def __init__(
        self,
        guard: CallGuard,
        analyses: Analyses,
        signals: Signals,
        comparisons: Comparisons,
        references: References,
        pipelines: Pipelines,
    ) -> None:
        self.guard = guard
        self._analyses = analyses
        self._signals = signals
        self._comparisons = comparisons
        self._references = references
        self._pipelines = pipelines

    @answered_stream
    def Analyze(self, request: pb2.AnalyzeRequest, context: grpc.ServicerContext) -> Iterator[pb2.AnalyzeResponse]:
        """Answer a question about a blob that the cache has."""
        request.question.namespace = namespace_to_name(request.question.namespace)
        try:
            self._check(request.question)
        except InvalidArgument as error:
            if error.reason is Reason.PARAMETER_INVALID:
                self._analyses.remember(request, error)
            raise
        return self._analyses.answer(request, Caller(context.is_active, context.add_callback))

    @answered
    def ListPipelines(
        self, request: pb2.ListPipelinesRequest, context: grpc.ServicerContext
    ) -> pb2.ListPipelinesResponse:
        """Describe the pipelines with all their parameters."""
        return pb2.ListPipelinesResponse(pipelines=[described(pipeline) for pipeline in self._pipelines])

    @answered_stream
    def GetSignals(
        self, request: pb2.GetSignalsRequest, context: grpc.ServicerContext
    ) -> Iterator[pb2.GetSignalsResponse]:
        """Stream signals for a plot."""
        pipeline = self._check(request.question)
        if not pipeline.has_signals:
            raise field_invalid("question.pipeline.name", f"is {pipeline.name}, which has no signals")
        return self._signals.answer(request, pipeline, Caller(context.is_active, context.add_callback))

    @answered
    def Compare(self, request: pb2.CompareRequest, context: grpc.ServicerContext) -> pb2.CompareResponse:
        """Compare the results of several jobs."""
        request.namespace = namespace_to_name(request.namespace)
        return self._comparisons.answer(request, Caller(context.is_active, context.add_callback))

    @answered
    def ListReferences(
        self, request: pb2.ListReferencesRequest, context: grpc.ServicerContext
    ) -> pb2.ListReferencesResponse:
        """List the references."""
        return pb2.ListReferencesResponse(references=self._references.described())

    @answered_stream
    def AddReference(
        self, request: Iterator[pb2.AddReferenceRequest], context: grpc.ServicerContext
    ) -> Iterator[pb2.AddReferenceResponse]:
        """Build a reference from the files that arrive."""
        return self._references.add(request, Caller(context.is_active, context.add_callback))

    @answered
    def RemoveReference(
        self, request: pb2.RemoveReferenceRequest, context: grpc.ServicerContext
    ) -> pb2.RemoveReferenceResponse:
        """Remove a reference; results that were made with it stay in the cache."""
        self._references.remove(request.digest)
        return pb2.RemoveReferenceResponse()

    def _check(self, question: Question) -> Pipeline:
        """Refuse what is wrong whatever the file is, before anything is reserved."""
        if not question.HasField("blob"):
            raise field_missing("question.blob")
        if len(question.blob.sha256) != _SHA256_BYTES:
            raise field_invalid("question.blob.sha256", f"must have {_SHA256_BYTES} bytes")
        if not question.pipeline.name:
            raise field_missing("question.pipeline.name")
        pipeline = self._pipelines.find(question.pipeline.name, question.pipeline.version)
        params_of(pipeline, question.params)
        if pipeline.has_references:
            self._references.require_any()
        elif question.HasField("reference"):
            _refuse_reference(question)
        return pipeline


def _refuse_reference(question: Question) -> NoReturn:
    named = question.reference.name or question.reference.digest.hex()
    raise InvalidArgument(
        Reason.REFERENCE_UNKNOWN,
        f"{question.pipeline.name} uses no reference database.",
        metadata={"reference": named},
    )
