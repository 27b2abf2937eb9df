from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.app import create_app
from gateway.settings import GatewaySettings
from tests.support.gateway_standin import StandIn

LIMITS = {
    "max_upload_bytes": 3_000_000,
    "max_metadata_bytes": 2_000,
    "upload_idle_seconds": 0.2,
    "upload_memory_bytes": 0,
}


@pytest.fixture
def backend() -> StandIn:
    return StandIn()


@pytest.fixture
async def connect(backend: StandIn) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """Return a maker of clients of a gateway with the given settings; unexpected errors do not reach the test."""
    clients = []

    def make(**settings: object) -> httpx.AsyncClient:
        app = create_app(GatewaySettings(**{**LIMITS, **settings}), backend, CollectorRegistry())
        clients.append(httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080"))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


@pytest.fixture
def client(connect: Callable[..., httpx.AsyncClient]) -> httpx.AsyncClient:
    return connect()
