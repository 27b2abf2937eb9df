"""A stack of our own to measure, and what it takes to let something stand in it."""

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from assaycache.analysis.v1 import emg_pb2
from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import entry_pb2, identity_pb2, pipelines_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.launcher import Stack, StackOptions
from rpc.channels import CHUNK_BYTES

PIPELINE = identity_pb2.PipelineRef(name="bench.session", version="1.0.0")
_ANY_PORT = dict.fromkeys(
    ("gateway_port", "cache_port", "analysis_port", "cache_metrics_port", "analysis_metrics_port"), 0
)


@contextmanager
def running(**options: Any) -> Iterator[Stack]:
    """Run a stack without a gateway on free ports, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        chosen = StackOptions(home=Path(folder), gateway=False, **_ANY_PORT, **options)
        with Stack(chosen, lambda _line: None) as stack:
            yield stack


@contextmanager
def bare_server(*arguments: str) -> Iterator[tuple[str, int]]:
    """Run bench.echo_server; yields its address and its process."""
    command = [sys.executable, "-m", "bench.echo_server", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield server.stdout.readline().strip(), server.pid
        server.stdin.close()


def process_listening_on(address: str) -> int:
    """Return the process that listens on a loopback port of ours."""
    port = f"{int(address.rpartition(':')[2]):04X}"
    for protocol in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{protocol}").read_text(encoding="ascii").splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and fields[1].endswith(f":{port}"):
                return _holder_of(f"socket:[{fields[9]}]")
    raise LookupError(f"nobody listens on {address}")


def _holder_of(socket: str) -> int:
    for entry in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if entry.readlink().name == socket:
                return int(entry.parts[2])
        except OSError:
            continue  # it has ended, or is not ours to look at
    raise LookupError(f"nobody holds {socket}")


def offer() -> pipelines_pb2.PipelineOffer:
    """Return a pipeline to keep results and parts of."""
    described = FileDescriptorProto()
    emg_pb2.DESCRIPTOR.CopyToProto(described)
    offered = pipelines_pb2.PipelineOffer(
        pipeline=PIPELINE, active=True, params_schema=FileDescriptorSet(file=[described])
    )
    offered.defaults.Pack(emg_pb2.EmgSessionParams())
    return offered


async def announce(stub: CacheServiceStub) -> None:
    """Let the cache know that pipeline."""
    await stub.AnnouncePipelines(pb.AnnouncePipelinesRequest(announcer="bench", offers=[offer()]))


async def upload_of(content: bytes) -> AsyncIterator[pb.IngestRequest]:
    """Yield the messages of an upload."""
    yield pb.IngestRequest(header=pb.IngestHeader())
    for start in range(0, len(content), CHUNK_BYTES):
        yield pb.IngestRequest(chunk=content[start : start + CHUNK_BYTES])


def payload_of(content: bytes) -> entry_pb2.Payload:
    """Return content as a payload, not compressed."""
    return entry_pb2.Payload(
        data=content,
        encoding=entry_pb2.ENCODING_IDENTITY,
        sha256=hashlib.sha256(content).digest(),
        uncompressed_size_bytes=len(content),
    )


async def standing(stub: CacheServiceStub, content: bytes) -> identity_pb2.Question:
    """Let a result stand; return the question that it answers."""
    blob = (await stub.Ingest(upload_of(content))).blob
    question = identity_pb2.Question(blob=blob, pipeline=PIPELINE)
    lease = (await stub.Reserve(pb.ReserveRequest(question=question, owner_id="bench"))).lease
    await stub.Commit(pb.CommitRequest(token=lease.token, payload=payload_of(content)))
    return question
