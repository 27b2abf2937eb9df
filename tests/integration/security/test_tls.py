"""TLS between callers and services: who is who they say, and nothing in the clear."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
import trustme

from assaycache import Client, Unauthenticated, Unavailable
from assaycache.cache.v1 import cache_service_pb2 as pb
from cache_service.__main__ import running
from cache_service.settings import CacheSettings
from rpc.channels import Tls, connect, connect_aio
from tests.integration.security.conftest import Pems, Shown
from tests.support.people import READER


@pytest.fixture
def tls_settings(guarded_settings: CacheSettings, pems: Pems) -> CacheSettings:
    return guarded_settings.model_copy(
        update={"tls_cert_file": pems.cert, "tls_key_file": pems.key, "use_database": False}
    )


@asynccontextmanager
async def addresses(settings: CacheSettings, count: int = 1) -> AsyncIterator[str]:
    """Serve by so many replicas."""
    if count == 0:
        yield ""
        return
    async with running(settings) as (address, _), addresses(settings, count - 1) as others:
        yield f"{address},{others}".rstrip(",")


async def capabilities(address: str, tls: Tls | None) -> pb.GetCapabilitiesResponse:
    async with connect_aio(address, tls) as channel:
        answer: pb.GetCapabilitiesResponse = await Shown(channel, READER).ask(
            "GetCapabilities", pb.GetCapabilitiesRequest()
        )
        return answer


async def test_a_caller_that_believes_the_authority_is_answered(tls_settings: CacheSettings, pems: Pems) -> None:
    async with addresses(tls_settings) as address:
        assert (await capabilities(address, Tls(pems.ca))).limits.max_batch_items


async def test_a_caller_in_the_clear_gets_no_answer(tls_settings: CacheSettings) -> None:
    async with addresses(tls_settings) as address:
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await capabilities(address, None)
    assert failure.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_server_of_another_authority_is_not_believed(tls_settings: CacheSettings, tmp_path: Path) -> None:
    strange = tmp_path / "strange.pem"
    trustme.CA().cert_pem.write_to_path(strange)
    async with addresses(tls_settings) as address:
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await capabilities(address, Tls(strange))
    assert failure.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_server_of_another_name_is_not_believed(tls_settings: CacheSettings, pems: Pems) -> None:
    async with addresses(tls_settings) as address:
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await capabilities(address, Tls(pems.ca, "other.lab"))
    assert failure.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_replicas_are_known_by_the_name_that_they_share(tls_settings: CacheSettings, pems: Pems) -> None:
    async with addresses(tls_settings, 2) as both:
        assert both.count(",") == 1
        assert (await capabilities(both, Tls(pems.ca, "cache.lab"))).limits.max_batch_items


def test_several_addresses_without_a_name_are_refused_at_once(pems: Pems) -> None:
    with pytest.raises(ValueError, match="TLS_SERVER_NAME"):
        connect("127.0.0.1:1,127.0.0.1:2", Tls(pems.ca))


async def test_the_client_shows_its_token_over_tls(tls_settings: CacheSettings, pems: Pems) -> None:
    def ask(token: str, ca_file: Path | None) -> str:
        with Client.connect(address, address, ca_file, token=token) as client:
            return client.capabilities().version

    async with addresses(tls_settings) as address:
        assert await asyncio.to_thread(ask, READER, pems.ca)
        with pytest.raises(Unauthenticated):
            await asyncio.to_thread(ask, "", pems.ca)
        with pytest.raises(Unavailable):
            await asyncio.to_thread(ask, READER, None)
