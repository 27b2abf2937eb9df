"""Analyze: one question, one computation, whatever the cache, the workers and the callers do."""

from collections.abc import Callable

import grpc
import pytest
from google.protobuf.any_pb2 import Any as PackedAny

from analysis_service.pipelines import EMG_SESSION
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.analysis.v1.emg_pb2 import EmgChannelReference, EmgSessionParams
from assaycache.cache.v1.entry_pb2 import (
    DURABILITY_DURABLE,
    DURABILITY_UNSPECIFIED,
    TIER_COMPUTED,
    TIER_MEMORY,
    Payload,
    Progress,
)
from assaycache.cache.v1.identity_pb2 import BlobRef, ReferenceRef
from rpc.errors import (
    AssayError,
    FailedPrecondition,
    InputError,
    ResourceExhausted,
    Unavailable,
)
from rpc.reasons import Reason
from tests.support.cache_standin import CacheStandIn
from tests.unit.analysis.conftest import MAX_CALLS, PAYLOAD, PoolStandIn, Service, answer_of

RequestFor = Callable[..., pb2.AnalyzeRequest]


def test_what_the_cache_has_is_answered_without_computing(service: Service, request_for: RequestFor) -> None:
    service.cache.standing = PAYLOAD
    answer = service.analyze(request_for())
    assert answer.kinds == ["accepted", "result"]
    assert answer.events[0].accepted.identity.pipeline.version == EMG_SESSION.version
    assert answer.events[-1].result.entry.payload == PAYLOAD
    assert answer.events[-1].result.entry.tier == TIER_MEMORY
    assert answer.events[-1].result.durability == DURABILITY_UNSPECIFIED
    assert service.computations() == {}


def test_what_the_cache_has_not_is_computed_once_and_committed(service: Service, request_for: RequestFor) -> None:
    answer = service.analyze(request_for())
    assert answer.code is grpc.StatusCode.OK
    assert answer.kinds == ["accepted", "progress", "queued", "progress", "progress", "result"]
    stages = [event.progress.stage for event in answer.events if event.HasField("progress")]
    assert stages == ["downloading", "channels", "storing"]
    result = answer.events[-1].result
    assert result.entry.payload == PAYLOAD
    assert result.entry.tier == TIER_COMPUTED
    assert result.durability == DURABILITY_DURABLE
    assert service.cache.standing == PAYLOAD
    assert service.cache.cost_seconds == 1.5
    assert service.computations() == {"committed": 1.0}
    assert service.analyze(request_for()).kinds == ["accepted", "result"]
    assert service.computations() == {"committed": 1.0}


def test_the_worker_gets_the_whole_file_and_the_question(service: Service, request_for: RequestFor) -> None:
    request = request_for(params=EmgSessionParams(threshold_k=7.0))
    service.analyze(request)
    ticket = service.pool.ticket()
    assert ticket.input == b"recording"
    assert ticket.task.job == "emg.session"
    assert ticket.task.arguments == request.question.SerializeToString()


def test_a_result_too_large_to_travel_inline_is_kept_as_a_blob(service: Service, request_for: RequestFor) -> None:
    service.cache.inline_limit = len(PAYLOAD.data) - 1
    payload = service.analyze(request_for()).events[-1].result.entry.payload
    assert payload.data == b""
    assert service.cache.blobs[payload.blob.sha256] == PAYLOAD.data
    assert (payload.sha256, payload.encoding) == (PAYLOAD.sha256, PAYLOAD.encoding)
    assert service.cache.standing == payload


@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError(Reason.FILE_NO_EMG, "No EMG."), grpc.StatusCode.INVALID_ARGUMENT, "fail FILE_NO_EMG"),
        (ResourceExhausted(Reason.TIME_LIMIT, "Too slow."), grpc.StatusCode.RESOURCE_EXHAUSTED, "release"),
        (ResourceExhausted(Reason.MEMORY_LIMIT, "Too big."), grpc.StatusCode.RESOURCE_EXHAUSTED, "release"),
        (Unavailable(Reason.WORKER_LOST, "Died."), grpc.StatusCode.UNAVAILABLE, "release"),
        (KeyError("Jane Doe"), grpc.StatusCode.INTERNAL, "release"),
    ],
)
def test_only_a_failure_of_the_input_is_remembered_and_every_lease_is_given_back(
    service: Service, request_for: RequestFor, error: Exception, code: grpc.StatusCode, line: str
) -> None:
    service.pool.outcome = error
    answer = service.analyze(request_for())
    assert answer.code is code
    assert "Jane Doe" not in answer.text
    assert service.cache.log[-1] == line
    assert service.cache.holder == ""
    (outcome,) = service.computations()
    assert service.errors() == [outcome]


def test_a_remembered_failure_is_answered_without_computing(service: Service, request_for: RequestFor) -> None:
    service.cache.failure = InputError(Reason.FILE_TOO_SHORT, "Too short.")
    answer = service.analyze(request_for())
    assert (answer.code, answer.text) == (grpc.StatusCode.INVALID_ARGUMENT, "Too short.")
    assert service.errors() == ["FILE_TOO_SHORT"]
    assert service.pool.tickets == []


def test_a_remembered_failure_is_computed_again_on_request(service: Service, request_for: RequestFor) -> None:
    service.cache.failure = InputError(Reason.FILE_TOO_SHORT, "Too short.")
    assert service.analyze(request_for(retry_failed=True)).kinds[-1] == "result"


def test_a_blob_that_is_not_there_gives_the_lease_back(service: Service, request_for: RequestFor) -> None:
    request = request_for()
    service.cache.blobs.clear()
    assert service.analyze(request).code is grpc.StatusCode.FAILED_PRECONDITION
    assert service.errors() == ["BLOB_MISSING"]
    assert service.cache.log[-1] == "release"


def unknown_field() -> EmgSessionParams:
    params = EmgSessionParams()
    params.MergeFromString(b"\xf8\x3f\x01")  # field 1023, a varint
    return params


def unknown_field_within() -> EmgSessionParams:
    reference = EmgChannelReference(label="left", amplitude_uv=100.0)
    reference.MergeFromString(b"\xf8\x3f\x01")
    return EmgSessionParams(references=[reference])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda q: q.ClearField("blob"), "FIELD_MISSING"),
        (lambda q: q.blob.CopyFrom(BlobRef(sha256=b"short")), "FIELD_INVALID"),
        (lambda q: q.pipeline.ClearField("name"), "FIELD_MISSING"),
        (lambda q: setattr(q.pipeline, "name", "emg.sesion"), "PIPELINE_UNKNOWN"),
        (lambda q: setattr(q.pipeline, "version", "9.0.0"), "PIPELINE_VERSION_UNKNOWN"),
        (lambda q: q.reference.CopyFrom(ReferenceRef(name="silva")), "REFERENCE_UNKNOWN"),
        (lambda q: q.params.Pack(BlobRef()), "PARAMETER_UNKNOWN"),
        (lambda q: q.params.Pack(unknown_field()), "PARAMETER_UNKNOWN"),
        (lambda q: q.params.Pack(unknown_field_within()), "PARAMETER_UNKNOWN"),
    ],
)
def test_a_wrong_question_is_refused_before_anything_is_reserved(
    service: Service, request_for: RequestFor, change: Callable[[object], None], reason: str
) -> None:
    request = request_for()
    change(request.question)
    assert service.analyze(request).code is grpc.StatusCode.INVALID_ARGUMENT
    assert service.errors() == [reason]
    assert service.cache.log == []


@pytest.mark.parametrize(
    "change",
    [
        lambda q: q.params.Pack(EmgSessionParams(threshold_k=-1.0)),
        lambda q: q.params.Pack(EmgSessionParams(threshold_k=float("nan"))),
        lambda q: q.params.Pack(EmgSessionParams(profile=77)),
        lambda q: q.params.CopyFrom(garbled()),
    ],
)
def test_a_parameter_out_of_its_range_is_refused_and_the_job_recorded_as_failed(
    service: Service, request_for: RequestFor, change: Callable[[object], None]
) -> None:
    request = request_for()
    change(request.question)
    assert service.analyze(request).code is grpc.StatusCode.INVALID_ARGUMENT
    assert service.errors() == ["PARAMETER_INVALID"]
    assert service.cache.log == ["reserve", "fail PARAMETER_INVALID"]


def garbled() -> PackedAny:
    packed = PackedAny()
    packed.Pack(EmgSessionParams())
    packed.value = b"\xff"
    return packed


def test_who_finds_another_computing_waits_hears_its_progress_and_gets_its_result(
    service: Service, request_for: RequestFor
) -> None:
    cache = service.cache
    cache.holder, cache.leader_progress = "another", Progress(stage="channels", fraction=0.25)
    call = service.call("Analyze", request_for())
    cache.wait_for(lambda: cache.said("wait"))
    cache.change(lambda: setattr(cache, "standing", PAYLOAD))
    answer = answer_of(call)
    assert answer.kinds == ["accepted", "queued", "progress", "result"]
    assert answer.events[1].queued.joined
    assert answer.events[2].progress == Progress(stage="channels", fraction=0.25)
    assert service.pool.tickets == []


def test_who_waits_for_a_leader_that_dies_takes_over(service: Service, request_for: RequestFor) -> None:
    cache = service.cache
    cache.holder = "another"
    call = service.call("Analyze", request_for())
    cache.wait_for(lambda: cache.said("wait"))
    cache.change(lambda: setattr(cache, "holder", ""))
    answer = answer_of(call)
    assert (answer.kinds[-1], answer.events[-1].result.entry.tier) == ("result", TIER_COMPUTED)
    assert service.computations() == {"committed": 1.0}


def test_who_waits_for_a_leader_that_fails_gets_its_failure(service: Service, request_for: RequestFor) -> None:
    cache = service.cache
    cache.holder = "another"
    call = service.call("Analyze", request_for())
    cache.wait_for(lambda: cache.said("wait"))
    cache.tokens.append(b"another")
    cache.change(lambda: cache.fail(b"another", InputError(Reason.FILE_CORRUPT, "Corrupt.")))
    assert answer_of(call).text == "Corrupt."


def test_a_lease_lost_at_commit_asks_the_cache_once_more_and_answers_what_stands(
    service: Service, request_for: RequestFor
) -> None:
    cache = service.cache
    other = Payload(data=b"another's")
    cache.commit_error = FailedPrecondition(Reason.LEASE_LOST, "Lost.")
    service.pool.outcome = None
    call = service.call("Analyze", request_for())
    ticket = service.pool.ticket()
    cache.wait_for(lambda: cache.said("extend"))
    cache.standing = other
    ticket.future.set_result(PAYLOAD.SerializeToString())
    answer = answer_of(call)
    assert answer.events[-1].result.entry.payload == other
    assert answer.kinds.count("accepted") == 1
    assert cache.log.count("reserve") == 2
    assert "release" not in cache.log
    assert service.computations() == {"LEASE_LOST": 1.0}


def test_a_lease_that_a_heartbeat_finds_voided_stops_the_work_and_asks_once_more(
    service: Service, request_for: RequestFor
) -> None:
    cache, pool = service.cache, service.pool
    pool.outcome = None
    cache.extend_error = FailedPrecondition(Reason.LEASE_VOIDED, "Voided.")
    call = service.call("Analyze", request_for())
    first = pool.ticket()
    cache.wait_for(lambda: cache.said("extend"))
    cache.change(lambda: setattr(cache, "holder", ""))
    cache.extend_error = None
    second = pool.ticket(1)
    assert first.future.exception() is not None
    second.future.set_result(PAYLOAD.SerializeToString())
    assert answer_of(call).kinds[-1] == "result"
    assert service.computations() == {"LEASE_VOIDED": 1.0, "committed": 1.0}


def test_a_lease_that_is_lost_again_and_again_is_an_error_not_an_answer(
    service: Service, request_for: RequestFor
) -> None:
    cache, pool = service.cache, service.pool
    pool.outcome = None
    call = service.call("Analyze", request_for())
    for index in range(2):
        ticket = pool.ticket(index)
        cache.commit_error = FailedPrecondition(Reason.LEASE_LOST, "Lost.")
        cache.holder = ""
        ticket.future.set_result(PAYLOAD.SerializeToString())
    answer = answer_of(call)
    assert (answer.code, answer.text) == (grpc.StatusCode.FAILED_PRECONDITION, "Lost.")
    assert "result" not in answer.kinds


def test_a_superseded_commit_answers_with_the_entry_that_stands(service: Service, request_for: RequestFor) -> None:
    service.pool.outcome = None
    call = service.call("Analyze", request_for())
    ticket = service.pool.ticket()
    service.cache.standing = Payload(data=b"first")
    ticket.future.set_result(PAYLOAD.SerializeToString())
    entry = answer_of(call).events[-1].result.entry
    assert (entry.payload.data, entry.tier) == (b"first", TIER_MEMORY)
    assert service.computations() == {"superseded": 1.0}


def test_without_the_cache_there_is_no_answer(service: Service, request_for: RequestFor) -> None:
    service.cache.away = Unavailable(Reason.CACHE_UNAVAILABLE, "The cache service does not answer.")
    assert service.analyze(request_for()).code is grpc.StatusCode.UNAVAILABLE
    assert service.errors() == ["CACHE_UNAVAILABLE"]


def test_a_result_that_cannot_be_committed_is_no_answer(service: Service, request_for: RequestFor) -> None:
    service.cache.commit_error = Unavailable(Reason.CACHE_UNAVAILABLE, "Away.")
    answer = service.analyze(request_for())
    assert answer.code is grpc.StatusCode.UNAVAILABLE
    assert "result" not in answer.kinds
    assert service.cache.log[-1] == "release"


def test_a_lost_heartbeat_does_not_stop_the_work(service: Service, request_for: RequestFor) -> None:
    cache = service.cache
    service.pool.outcome = None
    cache.extend_error = Unavailable(Reason.CACHE_UNAVAILABLE, "Away.")
    call = service.call("Analyze", request_for())
    ticket = service.pool.ticket()
    cache.wait_for(lambda: cache.log.count("extend") >= 3)
    ticket.future.set_result(PAYLOAD.SerializeToString())
    assert answer_of(call).kinds[-1] == "result"


def test_heartbeats_carry_the_progress(service: Service, request_for: RequestFor) -> None:
    service.pool.outcome = None
    call = service.call("Analyze", request_for())
    ticket = service.pool.ticket()
    service.cache.wait_for(lambda: Progress(stage="channels", fraction=0.5) in service.cache.progress_seen)
    ticket.future.set_result(PAYLOAD.SerializeToString())
    answer_of(call)


def test_the_work_stops_when_the_caller_has_left_and_nobody_waits(service: Service, request_for: RequestFor) -> None:
    cache = service.cache
    service.pool.outcome = None
    call = service.call("Analyze", request_for())
    ticket = service.pool.ticket()
    call.cancel()
    cache.wait_for(lambda: cache.said("release"))
    assert isinstance(ticket.future.exception(), AssayError)
    assert service.computations() == {"CANCELLED": 1.0}


@pytest.mark.parametrize(("waiters", "detached"), [(1, False), (0, True)])
def test_the_work_goes_on_without_its_caller_for_those_who_wait_and_when_detached(
    service: Service, request_for: RequestFor, waiters: int, detached: bool
) -> None:
    cache = service.cache
    service.pool.outcome = None
    cache.waiters = waiters
    call = service.call("Analyze", request_for(detached=detached))
    ticket = service.pool.ticket()
    call.cancel()
    beats = cache.log.count("extend")
    cache.wait_for(lambda: cache.log.count("extend") >= beats + 5)
    ticket.future.set_result(PAYLOAD.SerializeToString())
    cache.wait_for(lambda: cache.standing == PAYLOAD)
    assert "release" not in cache.log


def test_too_many_calls_are_refused_at_once(service: Service, request_for: RequestFor) -> None:
    service.pool.outcome = None
    calls = [service.call("Analyze", request_for())]
    ticket = service.pool.ticket()
    calls += [service.call("Analyze", request_for()) for _ in range(MAX_CALLS - 1)]
    service.cache.wait_for(lambda: service.cache.said("wait"))
    refused = service.analyze(request_for())
    assert refused.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert service.errors() == ["OVERLOADED"]
    ticket.future.set_result(PAYLOAD.SerializeToString())
    assert [answer_of(call).kinds[-1] for call in calls] == ["result"] * MAX_CALLS


def test_too_many_computations_without_callers_are_refused_and_their_lease_is_given_back(
    service: Service, request_for: RequestFor, cache: CacheStandIn, pool: PoolStandIn
) -> None:
    pool.outcome = None
    for index in range(MAX_CALLS):
        call = service.call("Analyze", request_for(detached=True))
        pool.ticket(index)
        call.cancel()
        cache.wait_for(lambda: cache.said("extend"))
        cache.holder = ""  # as if it were another question
    wait_until_gate_is_free(service)
    assert service.analyze(request_for()).code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "release" in cache.log
    assert len(pool.tickets) == MAX_CALLS


def wait_until_gate_is_free(service: Service) -> None:
    """Wait until the cancelled calls have ended on the server's side too."""
    gauge = "analysis_calls_running"
    service.cache.wait_for(lambda: service.registry.get_sample_value(gauge) == 0.0)


def test_a_version_that_only_another_replica_offers_is_not_computed_here(
    service: Service, request_for: RequestFor
) -> None:
    service.cache.resolved_version = "99.0.0"
    answer = service.analyze(request_for())
    assert answer.code is grpc.StatusCode.INVALID_ARGUMENT
    assert service.errors() == ["PIPELINE_VERSION_UNKNOWN"]
    assert service.cache.log == ["reserve", "release"]


def test_shutting_down_stops_what_runs_and_gives_its_lease_back(service: Service, request_for: RequestFor) -> None:
    service.pool.outcome = None
    call = service.call("Analyze", request_for())
    service.pool.ticket()
    service.flights.stop(0.0)
    assert answer_of(call).code is grpc.StatusCode.UNAVAILABLE
    assert service.errors() == ["SHUTTING_DOWN"]
    assert service.cache.log[-1] == "release"
    assert service.analyze(request_for()).code is grpc.StatusCode.UNAVAILABLE


def test_who_waits_for_another_is_told_of_the_shutdown(service: Service, request_for: RequestFor) -> None:
    service.cache.holder = "another"
    call = service.call("Analyze", request_for())
    service.cache.wait_for(lambda: service.cache.said("wait"))
    service.flights.stop(0.0)
    assert answer_of(call).code is grpc.StatusCode.UNAVAILABLE
    assert service.errors() == ["SHUTTING_DOWN"]
