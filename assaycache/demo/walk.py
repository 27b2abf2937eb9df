"""The steps of the demo, each with what must come of it."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from assaycache import Analysis, Client, Tier
from assaycache.cli.references import fetched
from assaycache.demo.expectations import ExpectationFailed, expect
from assaycache.demo.rest import RestAnswer, post_recording
from assaycache.demo.sequences import Sample, Samples, analysed
from assaycache.launcher import Stack, StackAddresses, StackOptions

__all__ = ["ExpectationFailed", "Step", "Walk", "expect"]

OTHER_NAME = "patient-042-jump.c3d"
_HITS = 50
"""Hits over gRPC that the median is taken of; the first few open the connection and warm the code."""


@dataclass(frozen=True)
class Step:
    """One row of the demo's table."""

    what: str
    answer: str
    seconds: float


@dataclass
class Walk:
    """The demo on its way: options and recording in, steps and the analysis out."""

    options: StackOptions
    recording: Path
    report: Callable[[str], None]
    steps: list[Step] = field(default_factory=list)
    analysis: Analysis | None = None
    job_id: str = ""
    samples: Samples | None = None
    """Of sequences; without them the demo is of recordings only."""
    sample_folder: Path = Path()
    analysed: list[Sample] = field(default_factory=list)

    def run(self) -> None:
        """Go all the way.

        Raises:
            ExpectationFailed: naming the expectation.
            LauncherError: if the stack does not start.
            AssayError: if a service answers amiss.
        """
        with Stack(self.options, self.report) as stack:
            self._first_day(stack.addresses)
        self.report("Everything was stopped; starting it again on the same data.")
        with Stack(self.options, self.report) as stack:
            self._second_day(stack.addresses)

    def _first_day(self, addresses: StackAddresses) -> None:
        what = "First analysis, over REST"
        first = self._post(addresses, what, self.recording.name)
        expect(first.body.get("cached") is False, "the first analysis is computed, not cached")
        self._note(what, "computed", first.seconds)
        self.job_id = str(first.body.get("job_id"))
        self._hit(addresses, "The same file again", self.recording.name)
        self._hit(addresses, f"The same bytes as {OTHER_NAME}", OTHER_NAME)
        self._ask_over_grpc(addresses)
        if self.samples is not None:
            self.report("Building a reference of marker sequences, and analysing samples by it …")
            with _client_of(addresses) as client:
                fetched(client, self.sample_folder)
                self.analysed = analysed(client, self.samples)

    def _hit(self, addresses: StackAddresses, what: str, file_name: str) -> None:
        answer = self._post(addresses, what, file_name)
        self._expect_same_job(answer, what)
        expect(answer.body.get("cached") is True, f"“{what}” is answered from the cache")
        expect(answer.body.get("data", {}).get("file_name") == file_name, "the answer carries the name of this request")
        self._note(what, "cached", answer.seconds)

    def _ask_over_grpc(self, addresses: StackAddresses) -> None:
        with _client_of(addresses) as client:
            times = [self._timed_hit(client) for _ in range(_HITS)]
            self.analysis = client.analyze(self.recording)
        what = f"Over gRPC, hashing included (median of {_HITS})"
        self._note(what, f"cached, {self.analysis.tier} tier", statistics.median(times))

    def _timed_hit(self, client: Client) -> float:
        started = time.perf_counter()
        analysis = client.analyze(self.recording)
        seconds = time.perf_counter() - started
        expect(analysis.cached, "a hit over gRPC is answered from the cache")
        expect(analysis.job_id == self.job_id, "the job has the same id over gRPC")
        return seconds

    def _second_day(self, addresses: StackAddresses) -> None:
        what = "After a restart of everything"
        with _client_of(addresses) as client:
            before = _hits_of(client, Tier.DURABLE)
            after_restart = self._post(addresses, what, self.recording.name)
            hits = _hits_of(client, Tier.DURABLE) - before
        if self.samples is not None:
            with _client_of(addresses) as client:
                expect(len(client.references()) == 1, "a reference survives a restart of everything")
        self._expect_same_job(after_restart, what)
        if self.options.use_database:
            expect(after_restart.body.get("cached") is True, "a result survives a restart of everything")
            expect(hits > 0, "after a restart the answer comes out of PostgreSQL")
            self._note(what, "cached, out of PostgreSQL", after_restart.seconds)
        else:
            expect(after_restart.body.get("cached") is False, "without a database a restart forgets the result")
            self._note(what, "computed again", after_restart.seconds)

    def _post(self, addresses: StackAddresses, what: str, file_name: str) -> RestAnswer:
        expect(addresses.gateway is not None, "the gateway runs")
        self.report(f"{what} …")
        answer = post_recording(addresses.gateway or "", self.recording, file_name)
        said = answer.body.get("message") or answer.body.get("detail") or answer.body
        expect(
            answer.status == 200 and answer.body.get("status") == "success",
            f"“{what}” is answered with success, not with {answer.status}: {said}",
        )
        return answer

    def _note(self, what: str, answer: str, seconds: float) -> None:
        self.steps.append(Step(what, answer, seconds))

    def _expect_same_job(self, answer: RestAnswer, which: str) -> None:
        expect(answer.body.get("job_id") == self.job_id, f"“{which}” has the same job id")


def _client_of(addresses: StackAddresses) -> Client:
    return Client.connect(",".join(addresses.cache), ",".join(addresses.analysis))


def _hits_of(client: Client, tier: Tier) -> int:
    return sum(item.hits for item in client.stats().tiers if item.tier is tier)
