"""A cache service on a real socket, over real engines, and what a caller needs to talk to it."""

import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, duration_pb2

from assaycache.analysis.v1 import emg_pb2
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import cache_service_pb2_grpc, entry_pb2, identity_pb2, pipelines_pb2
from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey
from cache_service.__main__ import running
from cache_service.entries import Payload
from cache_service.settings import CacheSettings
from rpc.channels import connect_aio
from tests.conftest import a_database
from tests.support.processes import Service, cache_process
from tests.support.records import some_payload

Serving = AbstractAsyncContextManager[tuple[str, str]]


class Caller:
    """One caller: the stub, and short forms of what tests ask again and again."""

    def __init__(self, address: str, channel: grpc.aio.Channel | None = None) -> None:
        self.address = address
        self.channel = channel or connect_aio(address)
        self.stub: Any = cache_service_pb2_grpc.CacheServiceStub(self.channel)

    async def close(self) -> None:
        await self.channel.close()

    async def announce(self) -> None:
        await self.stub.AnnouncePipelines(pb.AnnouncePipelinesRequest(announcer="test", offers=[an_offer()]), timeout=5)

    async def ingest(self, content: bytes, *, header: pb.IngestHeader | None = None, **said: Any) -> pb.IngestResponse:
        response: pb.IngestResponse = await self.stub.Ingest(
            _upload(content, header or pb.IngestHeader(), said), timeout=10
        )
        return response

    async def ask(self, content: bytes, **fields: Any) -> identity_pb2.Question:
        """Upload content and return the question about it."""
        blob = (await self.ingest(content)).blob
        return a_question(blob=blob, **fields)

    async def reserve(
        self, question: identity_pb2.Question, owner: str = "", wait_seconds: float = 0.0, **fields: Any
    ) -> pb.ReserveResponse:
        wait = duration_pb2.Duration()
        wait.FromNanoseconds(int(wait_seconds * 1e9))
        request = pb.ReserveRequest(question=question, owner_id=owner or uuid.uuid4().hex, wait=wait, **fields)
        response: pb.ReserveResponse = await self.stub.Reserve(request, timeout=wait_seconds + 10)
        return response

    async def commit(self, token: bytes, content: bytes = b"the result") -> pb.CommitResponse:
        response: pb.CommitResponse = await self.stub.Commit(
            pb.CommitRequest(token=token, payload=a_payload(content), compute_cost=duration_pb2.Duration(seconds=2)),
            timeout=10,
        )
        return response

    async def lookup(self, question: identity_pb2.Question, **fields: Any) -> pb.LookupResponse:
        response: pb.LookupResponse = await self.stub.Lookup(pb.LookupRequest(question=question, **fields), timeout=10)
        return response


def a_question(**fields: Any) -> identity_pb2.Question:
    return identity_pb2.Question(**{"pipeline": identity_pb2.PipelineRef(name="emg.session"), **fields})


def a_payload(content: bytes) -> entry_pb2.Payload:
    return message_of(some_payload(content))


def message_of(payload: Payload) -> entry_pb2.Payload:
    message = entry_pb2.Payload(
        data=payload.data,
        encoding=entry_pb2.ENCODING_ZSTD,
        sha256=payload.sha256,
        uncompressed_size_bytes=payload.uncompressed_size_bytes,
        message_type=payload.message_type,
    )
    if payload.blob is not None:
        message.blob.CopyFrom(identity_pb2.BlobRef(sha256=payload.blob.sha256, size_bytes=payload.blob.size_bytes))
    return message


def an_offer(version: str = "1.0.0") -> pipelines_pb2.PipelineOffer:
    offer = pipelines_pb2.PipelineOffer(
        pipeline=identity_pb2.PipelineRef(name="emg.session", version=version),
        active=True,
        params_schema=descriptor_pb2.FileDescriptorSet(file=[_described(emg_pb2.DESCRIPTOR)]),
    )
    offer.defaults.Pack(emg_pb2.EmgSessionParams(threshold_k=5.0, low_cut_hz=20.0))
    return offer


def _described(file: Any) -> descriptor_pb2.FileDescriptorProto:
    described = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(described)
    return described


async def _upload(content: bytes, header: pb.IngestHeader, said: dict[str, Any]) -> AsyncIterator[pb.IngestRequest]:
    yield pb.IngestRequest(header=header)
    for name, message in said.items():
        yield pb.IngestRequest(**{name: message})
    for start in range(0, len(content), 65536):
        yield pb.IngestRequest(chunk=content[start : start + 65536])


@pytest.fixture
def settings(database_url: str, redis_url: str, blob_folder: Path) -> CacheSettings:
    return CacheSettings(
        cache_listen="127.0.0.1:0",
        cache_metrics_listen="127.0.0.1:0",
        database_url=database_url,
        redis_url=redis_url,
        blob_url=blob_folder.as_uri(),
        drain_seconds=1.0,
    )


@pytest.fixture
async def caller(settings: CacheSettings) -> AsyncIterator[Caller]:
    """A caller of one cache service with all engines."""
    async with running(settings) as (address, _):
        one = Caller(address)
        await one.announce()
        yield one
        await one.close()


@pytest.fixture(scope="module")
def shared_service(
    postgres_engine: EmbeddedPostgres,
    template: str,
    valkey_engine: EmbeddedValkey,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Service]:
    """A cache service with all engines for a whole module, whose tests leave it as well as they found it."""
    with (
        a_database(postgres_engine, template) as url,
        cache_process(tmp_path_factory.mktemp("blobs"), url, valkey_engine.url) as service,
    ):
        yield service


@pytest.fixture
async def shared(shared_service: Service) -> AsyncIterator[Caller]:
    """A caller of it."""
    one = Caller(shared_service.listen)
    await one.announce()
    yield one
    await one.close()


@pytest.fixture
async def callers(settings: CacheSettings) -> AsyncIterator[list[Caller]]:
    """Callers of two replicas that share all engines."""
    async with running(settings) as (first, _), running(settings) as (second, _):
        both = [Caller(first), Caller(second)]
        await both[0].announce()
        yield both
        for one in both:
            await one.close()


@pytest.fixture
def leftovers(blob_folder: Path) -> Callable[[], Iterable[Path]]:
    """Return what lies in the blob folder that is no published blob."""
    return lambda: [path for path in blob_folder.rglob("*") if path.is_file() and len(path.name) != 64]
