"""One file and one question on their way to the answer: look up, upload what is missing, wait."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from assaycache.analysis.v1 import analysis_service_pb2, analysis_service_pb2_grpc
from assaycache.cache.v1 import cache_service_pb2, cache_service_pb2_grpc, entry_pb2, identity_pb2
from assaycache.client import translate
from assaycache.client.calls import ANALYSIS, CACHE, Patience, errors_of
from assaycache.client.records import Event
from assaycache.client.sources import Source
from assaycache.client.uploads import upload
from rpc.errors import FailedPrecondition, Internal
from rpc.reasons import Reason

Progress = Callable[[Event], None]

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Inquiry:
    """The question, whose blob is the source, and everybody who is needed to answer it."""

    cache: cache_service_pb2_grpc.CacheServiceStub
    analysis: analysis_service_pb2_grpc.AnalysisServiceStub
    question: identity_pb2.Question
    source: Source
    patience: Patience
    told: Progress

    def answer(self, submission: identity_pb2.Submission, retry_failed: bool) -> analysis_service_pb2.Analyzed:
        """Return the entry, and what is promised for it where it was computed."""
        self.told(Event("looking up"))
        found = self._look_up(submission)
        if found.HasField("hit"):
            return analysis_service_pb2.Analyzed(entry=found.hit, durability=entry_pb2.DURABILITY_UNSPECIFIED)
        if found.HasField("failure") and not retry_failed:
            raise translate.error_of_failure(found.failure)
        if found.HasField("miss") and not found.miss.blob_present:
            self._upload()
        return self._with_blob(lambda: self._computed(retry_failed))

    def signals(self, request: analysis_service_pb2.GetSignalsRequest) -> list[analysis_service_pb2.GetSignalsResponse]:
        """Return the signals that a request, with this question put in, asks for."""
        request.question.CopyFrom(self.question)

        def plotted() -> list[analysis_service_pb2.GetSignalsResponse]:
            with errors_of(ANALYSIS):
                return list(self.analysis.GetSignals(request, **self.patience.call()))

        return self._with_blob(plotted)

    def _with_blob(self, ask: Callable[[], Answer]) -> Answer:
        """Ask what needs the file, and once more with the file uploaded where it turns out not to be there."""
        try:
            return ask()
        except FailedPrecondition as error:
            if error.reason is not Reason.BLOB_MISSING:
                raise
        self._upload()
        return ask()

    def _look_up(self, submission: identity_pb2.Submission) -> cache_service_pb2.LookupResponse:
        request = cache_service_pb2.LookupRequest(question=self.question, submission=submission)
        with errors_of(CACHE):
            return self.cache.Lookup(request, **self.patience.call())

    def _upload(self) -> None:
        self.told(Event("uploading", 0.0))
        upload(
            self.cache,
            self.source,
            self.question.namespace,
            self.patience,
            lambda sent: self.told(Event("uploading", sent)),
        )

    def _computed(self, retry_failed: bool) -> analysis_service_pb2.Analyzed:
        request = analysis_service_pb2.AnalyzeRequest(question=self.question, retry_failed=retry_failed)
        call = self.analysis.Analyze(request, **self.patience.call())
        try:
            with errors_of(ANALYSIS):
                for message in call:
                    if message.HasField("result"):
                        return message.result
                    self.told(_event_of(message))
        finally:
            call.cancel()
        raise Internal(Reason.INTERNAL, "The analysis service ended its answer without a result.")


def _event_of(message: analysis_service_pb2.AnalyzeResponse) -> Event:
    if message.HasField("queued"):
        return Event("queued", queue_position=message.queued.position, joined=message.queued.joined)
    if message.HasField("progress"):
        told = message.progress
        return Event(told.stage, told.fraction, parts_done=told.parts_done, parts_total=told.parts_total)
    return Event("accepted")
