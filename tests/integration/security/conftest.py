"""Cache services that know tokens, over real engines, and callers who show theirs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import trustme
from pydantic import SecretStr

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import cache_service_pb2_grpc, entry_pb2, identity_pb2
from cache_service.__main__ import running
from cache_service.settings import CacheSettings
from rpc.channels import connect_aio
from rpc.errors import AssayError
from rpc.status import error_of
from tests.integration.cache.conftest import a_payload, a_question, an_offer
from tests.support.people import SERVICE, TOKENS_TEXT, bearer

SECONDS = 20


class Shown:
    """One caller's calls, all with its token."""

    def __init__(self, channel: grpc.aio.Channel, token: str) -> None:
        self._stub: Any = cache_service_pb2_grpc.CacheServiceStub(channel)
        self._metadata = bearer(token)

    async def ask(self, method: str, request: Any) -> Any:
        """Make a call with one request and one answer."""
        return await getattr(self._stub, method)(request, metadata=self._metadata, timeout=SECONDS)

    async def stream(self, method: str, request: Any) -> list[Any]:
        """Make a call that is answered by a stream."""
        call = getattr(self._stub, method)(request, metadata=self._metadata, timeout=SECONDS)
        return [message async for message in call]

    async def send(self, method: str, *requests: Any) -> Any:
        """Make a call with a stream of requests."""
        return await getattr(self._stub, method)(iter(requests), metadata=self._metadata, timeout=SECONDS)

    async def ingest(self, content: bytes, namespace: str = "") -> identity_pb2.BlobRef:
        header = pb.IngestRequest(header=pb.IngestHeader(namespace=namespace))
        answer = await self.send("Ingest", header, pb.IngestRequest(chunk=content))
        return answer.blob

    async def reserve(self, content: bytes) -> pb.ReserveResponse:
        question = a_question(blob=await self.ingest(content))
        return await self.ask("Reserve", pb.ReserveRequest(question=question, owner_id="one"))

    async def compute(self, content: bytes) -> entry_pb2.Entry:
        """Upload, reserve and commit; return what stands."""
        token = (await self.reserve(content)).lease.token
        request = pb.CommitRequest(token=token, payload=a_payload(b"result of " + content))
        return (await self.ask("Commit", request)).entry


@dataclass
class Guarded:
    """A cache service that knows tokens."""

    address: str
    channel: grpc.aio.Channel

    def by(self, token: str) -> Shown:
        """Return the calls of whoever shows this token."""
        return Shown(self.channel, token)


async def refusal_of(call: Any) -> AssayError:
    """Return the error that a call ends with."""
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call
    return error_of(failure.value)


@asynccontextmanager
async def guarded_by(settings: CacheSettings) -> AsyncIterator[Guarded]:
    """Serve, and announce what the tests ask for."""
    async with running(settings) as (address, _), connect_aio(address) as channel:
        guarded = Guarded(address, channel)
        request = pb.AnnouncePipelinesRequest(announcer="test", offers=[an_offer()])
        await guarded.by(SERVICE).ask("AnnouncePipelines", request)
        yield guarded


@pytest.fixture
def guarded_settings(database_url: str, redis_url: str, blob_folder: Path) -> CacheSettings:
    return CacheSettings(
        cache_listen="127.0.0.1:0",
        cache_metrics_listen="127.0.0.1:0",
        database_url=SecretStr(database_url),
        redis_url=SecretStr(redis_url),
        blob_url=blob_folder.as_uri(),
        drain_seconds=1.0,
        tokens=SecretStr(TOKENS_TEXT),
    )


@pytest.fixture
async def guarded(guarded_settings: CacheSettings) -> AsyncIterator[Guarded]:
    async with guarded_by(guarded_settings) as serving:
        yield serving


@dataclass
class Pems:
    """A certificate of the test's own authority, in files."""

    ca: Path
    cert: Path
    key: Path


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def pems(authority: trustme.CA, tmp_path: Path) -> Pems:
    """A certificate for 127.0.0.1 and for the name cache.lab."""
    issued = authority.issue_cert("127.0.0.1", "cache.lab")
    files = Pems(tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem")
    authority.cert_pem.write_to_path(files.ca)
    issued.private_key_pem.write_to_path(files.key)
    files.cert.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    return files
