"""Every role at every RPC of both services, over sockets."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from analysis_service.pipelines import Pipelines
from analysis_service.sequence.reference.library import Library
from analysis_service.service.analyses import Analyses
from analysis_service.service.comparisons import Comparisons
from analysis_service.service.flights import Flights
from analysis_service.service.references import References
from analysis_service.service.servicer import AnalysisServicer
from analysis_service.service.signals import Signals
from assaycache.analysis.v1 import analysis_service_pb2
from assaycache.analysis.v1.analysis_service_pb2_grpc import add_AnalysisServiceServicer_to_server
from assaycache.cache.v1 import cache_service_pb2
from cache_service.settings import CacheSettings
from rpc.access import Access
from rpc.channels import connect, connect_aio
from rpc.gates import Gate, Gates
from rpc.metrics import CallMetrics
from rpc.roles import LEAST_ROLES, Role
from rpc.settings import ServerSettings
from rpc.sync_server import CallGuard, SyncServer
from rpc.tokens import table_of
from tests.integration.security.conftest import Guarded, guarded_by
from tests.support.cache_standin import CacheStandIn
from tests.support.people import READER, TOKENS_TEXT, bearer, by_role

CACHE = cache_service_pb2.DESCRIPTOR.services_by_name["CacheService"]
ANALYSIS = analysis_service_pb2.DESCRIPTOR.services_by_name["AnalysisService"]
SECONDS = 20
WRONG = {
    "no token": (),
    "an unknown token": bearer("wrong-wrong-wrong-wrong"),
    "no scheme": (("authorization", READER),),
    "two authorizations": (*bearer("wrong-wrong-wrong-wrong"), *bearer(READER)),
    "the same one twice": (*bearer(READER), *bearer(READER)),
}


def callable_of(channel: Any, service: Any, method: Any) -> Any:
    """Return a call of a method that sends and receives bare bytes."""
    kind = f"{'stream' if method.client_streaming else 'unary'}_{'stream' if method.server_streaming else 'unary'}"
    return getattr(channel, kind)(f"/{service.full_name}/{method.name}")


def asked(method: Any) -> Any:
    """Return an empty request, or a stream of none."""
    return iter(()) if method.client_streaming else b""


@pytest.fixture
async def bare_cache(blob_folder: Path) -> AsyncIterator[Guarded]:
    """A cache service without engines: who may call does not depend on them."""
    settings = CacheSettings(
        cache_listen="127.0.0.1:0",
        cache_metrics_listen="127.0.0.1:0",
        use_database=False,
        blob_url=blob_folder.as_uri(),
        drain_seconds=1.0,
        tokens=SecretStr(TOKENS_TEXT),
    )
    async with guarded_by(settings) as serving:
        yield serving


async def code_at(channel: grpc.aio.Channel, method: Any, metadata: Any) -> grpc.StatusCode:
    call = callable_of(channel, CACHE, method)(asked(method), metadata=metadata, timeout=SECONDS)
    try:
        if method.server_streaming:
            async for _ in call:
                pass
        else:
            await call
    except grpc.aio.AioRpcError as failure:
        return failure.code()
    return grpc.StatusCode.OK


def verdict(code: grpc.StatusCode) -> str:
    """Return whether a call came past its guard."""
    if code in {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}:
        return code.name
    return "let in"


def expected(method: Any, role: Role) -> str:
    return "let in" if role.covers(LEAST_ROLES[method.name]) else "PERMISSION_DENIED"


@pytest.mark.parametrize("role", Role)
async def test_each_role_may_call_of_the_cache_what_the_table_says(bare_cache: Guarded, role: Role) -> None:
    token = bearer(by_role()[role])
    found = {method.name: verdict(await code_at(bare_cache.channel, method, token)) for method in CACHE.methods}
    assert found == {method.name: expected(method, role) for method in CACHE.methods}


@pytest.mark.parametrize("shown", WRONG.values(), ids=WRONG)
async def test_no_rpc_of_the_cache_is_open_to_callers_who_are_not_known(bare_cache: Guarded, shown: Any) -> None:
    found = {method.name: verdict(await code_at(bare_cache.channel, method, shown)) for method in CACHE.methods}
    assert found == dict.fromkeys(found, "UNAUTHENTICATED")


async def test_health_and_reflection_are_open(bare_cache: Guarded) -> None:
    from grpc_health.v1 import health_pb2, health_pb2_grpc
    from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

    stub: Any = health_pb2_grpc.HealthStub(bare_cache.channel)
    answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=SECONDS)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING
    asking: Any = reflection_pb2_grpc.ServerReflectionStub(bare_cache.channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    async for listed in asking.ServerReflectionInfo(iter([request]), timeout=SECONDS):
        assert CACHE.full_name in {service.name for service in listed.list_services_response.service}


@pytest.fixture
def analysis(tmp_path: Path) -> Iterator[grpc.Channel]:
    """An analysis service on a socket; behind it a stand-in of the cache, and no workers."""
    registry = CollectorRegistry()
    gates = Gates(Gate(None), {})
    guard = CallGuard(CallMetrics(registry, "analysis"), gates, SECONDS, Access(table_of(TOKENS_TEXT)))
    cache, pipelines = CacheStandIn(), Pipelines(())
    flights = Flights(cache, None, None, 1)  # type: ignore[arg-type]  # nothing flies
    server = SyncServer(ServerSettings(drain_seconds=0), 4, ())
    signals = Signals(cache, None)  # type: ignore[arg-type]  # nothing is computed
    comparisons = Comparisons(cache, None)  # type: ignore[arg-type]  # nothing is compared
    references = References(Library(tmp_path), None, 1, lambda: None)  # type: ignore[arg-type]  # nothing is built
    servicer = AnalysisServicer(guard, Analyses(cache, flights, pipelines), signals, comparisons, references, pipelines)
    add_AnalysisServiceServicer_to_server(servicer, server.server)
    with connect(server.start("127.0.0.1:0")) as channel:
        yield channel
    server.stop()


def sync_code_at(channel: grpc.Channel, method: Any, metadata: Any) -> grpc.StatusCode:
    try:
        answer = callable_of(channel, ANALYSIS, method)(asked(method), metadata=metadata, timeout=SECONDS)
        if method.server_streaming:
            list(answer)
    except grpc.RpcError as failure:
        code: grpc.StatusCode = failure.code()  # type: ignore[attr-defined]  # every failed call has one
        return code
    return grpc.StatusCode.OK


@pytest.mark.parametrize("role", Role)
def test_each_role_may_call_of_the_analysis_service_what_the_table_says(analysis: grpc.Channel, role: Role) -> None:
    token = bearer(by_role()[role])
    found = {method.name: verdict(sync_code_at(analysis, method, token)) for method in ANALYSIS.methods}
    assert found == {method.name: expected(method, role) for method in ANALYSIS.methods}


@pytest.mark.parametrize("shown", WRONG.values(), ids=WRONG)
def test_no_rpc_of_the_analysis_service_is_open_to_callers_who_are_not_known(
    analysis: grpc.Channel, shown: Any
) -> None:
    found = {method.name: verdict(sync_code_at(analysis, method, shown)) for method in ANALYSIS.methods}
    assert found == dict.fromkeys(found, "UNAUTHENTICATED")


async def test_with_an_anonymous_namespace_callers_without_a_token_are_writers_of_it(blob_folder: Path) -> None:
    settings = CacheSettings(
        cache_listen="127.0.0.1:0",
        cache_metrics_listen="127.0.0.1:0",
        use_database=False,
        blob_url=blob_folder.as_uri(),
        drain_seconds=1.0,
        tokens=SecretStr(TOKENS_TEXT),
        anonymous_namespace="public",
    )
    async with guarded_by(settings) as serving:
        entry = await serving.by("").compute(b"walk")
        assert entry.identity.namespace == "public"
        async with connect_aio(serving.address) as channel:
            found = {method.name: verdict(await code_at(channel, method, ())) for method in CACHE.methods}
        assert found == {method.name: expected(method, Role.WRITER) for method in CACHE.methods}
