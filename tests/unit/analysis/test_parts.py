"""Results in parts: what the cache has is not computed, and nothing else depends on what it has."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pytest
from google.protobuf.wrappers_pb2 import StringValue
from prometheus_client import CollectorRegistry

from analysis_service.metrics import ComputationMetrics
from analysis_service.pipelines import PartsOf, Pipeline
from analysis_service.service.computation import Assignment, Computation, Source
from analysis_service.service.part_columns import columns_of, contents_of
from analysis_service.service.parted import Parts, jobs_of, payload_of, plain_of
from analysis_service.service.steps import Plan
from analysis_service.service.tasks import Tasks
from analysis_service.workers.pool import Progress, Queued
from assaycache.cache.v1.cache_service_pb2 import BatchLookupRequest
from assaycache.cache.v1.entry_pb2 import ENCODING_IDENTITY, ENCODING_ZSTD, Encoding, Payload
from assaycache.cache.v1.identity_pb2 import BlobRef, Identity, PipelineRef, Question
from rpc.errors import AssayError, Cancelled, FailedPrecondition, InputError, Unavailable
from rpc.reasons import Reason
from tests.support.cache_standin import CacheStandIn
from tests.support.job_pool import JobPool

TEXT = b"the cat saw the other cat run"
RESULT = "3,3,3,3,5,3,3"
TOKEN = b"lease token"


def pipeline(words_a_task: int = 2) -> Pipeline:
    words = Pipeline("text.word", "1.0.0", True, "", (), object, "", "")
    return Pipeline("text.lengths", "1.0.0", True, "", (), object, "", "", parts=PartsOf(words, words_a_task))


class Lengths:  # some steps need less than they are given
    """The lengths of a text's words; a word's length is its part."""

    def prepare(self, data: Any, question: Question, report: Any) -> Plan | StringValue:
        report("reading", 1.0)
        text = bytes(data)
        if not text:
            return StringValue(value="nothing")
        if text == b"bad":
            raise InputError(Reason.FILE_CORRUPT, "Bad.")
        return self._plan(text.split(), b"lengths of ")

    def compute(
        self, data: Any, question: Question, state: Any, indexes: Sequence[int], report: Any
    ) -> Iterator[StringValue]:
        assert bytes(state) in {b"lengths of ", b"second round"}
        for done, index in enumerate(indexes, 1):
            yield StringValue(value=str(len(bytes(data).split()[index])))
            report("counting", done / len(indexes))

    def assemble(self, data: Any, question: Question, state: Any, parts: Parts, report: Any) -> Plan | StringValue:
        found = list(parts.decoded(lambda plain: str(int(StringValue.FromString(plain).value))))
        assert len(found) == len(parts)
        if b"again" in bytes(data) and bytes(state) != b"second round":
            return self._plan(bytes(data).split()[:2], b"second round")
        return StringValue(value=",".join(found))

    def _plan(self, words: list[bytes], state: bytes) -> Plan:
        wanted = BatchLookupRequest(pipeline=PipelineRef(name="text.word", version="1.0.0"))
        wanted.part_columns.CopyFrom(contents_of((hashlib.sha256(word).digest(), len(word)) for word in words))
        return Plan(wanted, state)


@dataclass
class Bench:
    """A computation's surroundings."""

    cache: CacheStandIn = field(default_factory=CacheStandIn)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    events: list[Queued | Progress] = field(default_factory=list)
    stopped_by: AssayError | None = None

    def __post_init__(self) -> None:
        self.cache.tokens.append(TOKEN)
        self.metrics = ComputationMetrics(self.registry)
        self.pool = JobPool(jobs_of("text.lengths", Lengths()))

    def compute(self, text: bytes = TEXT, words_a_task: int = 2) -> Payload:
        self.pool.ran.clear()
        self.events.clear()
        question = Question(blob=BlobRef(sha256=hashlib.sha256(text).digest(), size_bytes=len(text)))
        assignment = Assignment(question, Identity(namespace="lab"), pipeline(words_a_task), TOKEN)
        self.tasks = Tasks(self.pool)
        computation = Computation(assignment, self.cache, self.tasks, self.metrics, self.events.append, self._check)
        with tempfile.TemporaryFile() as file:
            return computation.payload(Source(file, lambda empty: _written(empty, text)))

    def value(self, text: bytes = TEXT, words_a_task: int = 2) -> str:
        payload = self.compute(text, words_a_task)
        return StringValue.FromString(plain_of(payload)).value

    def count(self, origin: str) -> float:
        labels = {"pipeline": "text.lengths", "origin": origin}
        return self.registry.get_sample_value("analysis_parts_total", labels) or 0.0

    def _check(self) -> None:
        if self.stopped_by is not None:
            raise self.stopped_by


def _written(file: BinaryIO, text: bytes) -> None:
    file.write(text)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_result_is_put_together_of_its_parts_in_the_order_of_the_plan(bench: Bench) -> None:
    assert bench.value() == RESULT
    assert bench.pool.count("text.lengths:compute") == 4
    assert bench.count("computed") == 7


def test_parts_that_the_cache_has_are_not_computed_and_the_result_is_the_same_to_the_bit(bench: Bench) -> None:
    first = bench.compute()
    second = bench.compute()
    assert second == first
    assert bench.pool.count("text.lengths:compute") == 0
    assert bench.count("cached") == 7


@pytest.mark.parametrize(("size_bytes", "encoding"), [(9, ENCODING_IDENTITY), (9000, ENCODING_ZSTD)])
def test_what_is_small_travels_as_it_is_and_what_is_large_compressed(size_bytes: int, encoding: Encoding) -> None:
    message = StringValue(value="x" * size_bytes)
    payload = payload_of(message)
    assert payload.encoding == encoding
    assert plain_of(payload) == message.SerializeToString()


def test_workers_compute_while_the_cache_is_asked_for_the_rest(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis_service.service.gathering._LOOKUP_PARTS", 4)
    looked_up_at_submission: list[int] = []
    submit = bench.pool.submit

    def watched(task: Any, listener: Any) -> Any:
        looked_up_at_submission.append(len(bench.cache.lookups))
        return submit(task, listener)

    monkeypatch.setattr(bench.pool, "submit", watched)
    assert bench.value() == RESULT
    prepare, *computed, assemble = looked_up_at_submission
    assert (prepare, computed, assemble) == (0, [1, 1, 2, 2], 2)


def test_only_what_is_missing_is_computed(bench: Bench) -> None:
    bench.compute(b"the cat")
    before = bench.count("computed")
    assert bench.value() == RESULT
    assert bench.count("computed") - before == 3  # saw, other, run


def test_the_result_does_not_depend_on_how_the_parts_are_spread_over_tasks(bench: Bench) -> None:
    payloads = {Bench().compute(words_a_task=size).SerializeToString() for size in (1, 2, 3, 100)}
    assert len(payloads) == 1


def test_every_batch_carries_the_lease_and_the_namespace(bench: Bench) -> None:
    bench.compute()
    assert {(batch.lease_token, batch.namespace) for batch in bench.cache.lookups} == {(TOKEN, "lab")}
    assert {(batch.lease_token, batch.namespace) for batch in bench.cache.stores} == {(TOKEN, "lab")}
    assert {batch.pipeline.name for batch in bench.cache.stores} == {"text.word"}


def test_many_parts_are_looked_up_in_several_batches(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis_service.service.gathering._LOOKUP_PARTS", 3)
    assert bench.value() == bench.value() == RESULT
    assert [len(batch.part_columns.size_bytes) for batch in bench.cache.lookups] == [3, 3, 1] * 2
    assert bench.pool.count("text.lengths:compute") == 0


def test_parts_that_nobody_asked_for_are_not_taken(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    stray = columns_of([(7, sound_payload(StringValue(value="9").SerializeToString()))])
    monkeypatch.setattr(bench.cache, "find_parts", lambda _: stray)
    assert bench.value() == RESULT


def test_a_pipeline_may_finish_without_parts(bench: Bench) -> None:
    assert bench.value(b"") == "nothing"
    assert bench.cache.log == []


def test_a_pipeline_may_ask_for_further_parts(bench: Bench) -> None:
    assert bench.value(b"once again please") == "4,5"
    assert bench.pool.count("text.lengths:assemble") == 2
    assert bench.pool.count("text.lengths:compute") == 2  # the second round finds its parts in the cache


def test_a_cache_that_fails_costs_the_parts_but_not_the_analysis(bench: Bench) -> None:
    bench.cache.parts_error = Unavailable(Reason.CACHE_UNAVAILABLE, "Away.")
    assert bench.value() == RESULT
    assert bench.cache.log == ["lookup parts", "store parts"], "a store that failed is not tried for every task"


@pytest.mark.parametrize("reason", [Reason.LEASE_LOST, Reason.LEASE_VOIDED])
def test_a_lease_that_has_ended_ends_the_computation(bench: Bench, reason: Reason) -> None:
    bench.cache.parts_error = FailedPrecondition(reason, "Ended.")
    with pytest.raises(FailedPrecondition):
        bench.compute()
    assert bench.pool.count("text.lengths:compute") == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda payload: payload.ClearField("data"),
        lambda payload: setattr(payload, "data", b"no zstd frame"),
        lambda payload: setattr(payload, "sha256", bytes(32)),
        lambda payload: setattr(payload, "encoding", 77),
        lambda payload: setattr(payload, "uncompressed_size_bytes", 2**40),
        lambda payload: payload.CopyFrom(sound_payload(b"\xff")),
        lambda payload: payload.CopyFrom(sound_payload(StringValue(value="many").SerializeToString())),
    ],
)
def test_a_part_that_cannot_be_read_is_computed_anew_and_replaced(bench: Bench, damage: Any) -> None:
    expected = bench.compute()
    (key,) = [key for key in bench.cache.parts if key[2] == hashlib.sha256(b"other").digest()]
    sound = Payload()
    sound.CopyFrom(bench.cache.parts[key])
    damaged = Payload()
    damaged.CopyFrom(sound)
    damage(damaged)
    bench.cache.parts[key] = damaged
    assert bench.compute() == expected
    assert bench.pool.count("text.lengths:compute") == 1
    assert bench.count("damaged") == 1
    assert bench.cache.parts[key] == sound


def sound_payload(plain: bytes) -> Payload:
    return Payload(
        data=plain,
        encoding=ENCODING_IDENTITY,
        sha256=hashlib.sha256(plain).digest(),
        uncompressed_size_bytes=len(plain),
    )


def test_an_input_that_was_damaged_on_its_way_is_not_analysed(bench: Bench) -> None:
    prepare = bench.pool.jobs["text.lengths:prepare"]
    asked = Question(blob=BlobRef(sha256=hashlib.sha256(TEXT).digest())).SerializeToString()
    assert prepare(TEXT, asked, lambda *_: None)
    with pytest.raises(Unavailable) as refused:
        prepare(TEXT + b" away", asked, lambda *_: None)
    assert refused.value.reason is Reason.BLOB_STORE_UNAVAILABLE


def test_an_error_of_a_step_is_that_of_the_computation(bench: Bench) -> None:
    with pytest.raises(InputError):
        bench.compute(b"bad")


def test_work_that_is_to_stop_stops_between_the_parts(bench: Bench) -> None:
    bench.stopped_by = Cancelled(Reason.CANCELLED, "Nobody waits.")
    with pytest.raises(Cancelled):
        bench.compute()
    assert bench.pool.count("text.lengths:compute") == 0


def test_the_progress_counts_the_parts_and_never_goes_back(bench: Bench) -> None:
    bench.compute(b"the cat")
    bench.compute()
    told = [event for event in bench.events if isinstance(event, Progress)]
    fractions = [event.fraction for event in told]
    assert fractions == sorted(fractions)
    assert fractions[-1] <= 1.0
    counted = [event for event in told if event.parts_total]
    assert {(event.parts_total, event.parts_known) for event in counted} == {(7, 4)}
    assert [counted[0].parts_done, counted[-1].parts_done] == [4, 7]


def test_the_cost_is_that_of_all_tasks(bench: Bench) -> None:
    bench.compute()
    assert bench.tasks.cost_seconds == 0.25 * len(bench.pool.ran)


def test_all_tasks_of_a_computation_share_their_turns(bench: Bench) -> None:
    bench.compute()
    assert {task.group for task in bench.pool.ran} == {bench.tasks}
