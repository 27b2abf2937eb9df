"""One process of callers on a cold key, started by single_flight.

`python -m bench.callers KIND ADDRESS DIGEST JOURNAL` says when it is ready, and begins at a line on its standard input.
Each computation writes this process into JOURNAL.
"""

import asyncio
import os
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from google.protobuf.duration_pb2 import Duration

CALLERS = 8
COMPUTE_SECONDS = 1.0
_HEARTBEAT_SECONDS = 0.5
_LOCK_SECONDS = 3


def begin() -> None:
    """Say that all is ready; return when told to go."""
    print("ready", flush=True)
    sys.stdin.readline()


def note(journal: str) -> None:
    """Write down that a computation begins."""
    with Path(journal).open("a", encoding="ascii") as file:
        file.write(f"{os.getpid()}\n")


async def assaycache(address: str, digest: str, journal: str) -> None:
    """All callers of this process at once, each by Reserve."""
    from assaycache.cache.v1 import identity_pb2
    from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
    from bench.stack import PIPELINE
    from rpc.channels import connect_aio

    async with connect_aio(address) as channel:
        stub: Any = CacheServiceStub(channel)
        blob = identity_pb2.BlobRef(sha256=bytes.fromhex(digest), size_bytes=64)
        question = identity_pb2.Question(blob=blob, pipeline=PIPELINE)
        await channel.channel_ready()
        begin()
        await asyncio.gather(*(_asked(stub, question, journal) for _ in range(CALLERS)))


async def _asked(stub: Any, question: Any, journal: str) -> None:
    from assaycache.cache.v1 import cache_service_pb2 as pb
    from bench.stack import payload_of

    while True:
        request = pb.ReserveRequest(question=question, owner_id=uuid.uuid4().hex, wait=Duration(seconds=10))
        answer = await stub.Reserve(request)
        if answer.HasField("hit"):
            return
        if answer.HasField("lease"):
            note(journal)
            for _ in range(round(COMPUTE_SECONDS / _HEARTBEAT_SECONDS)):
                await asyncio.sleep(_HEARTBEAT_SECONDS)
                await stub.Extend(pb.ExtendRequest(token=answer.lease.token))
            await stub.Commit(pb.CommitRequest(token=answer.lease.token, payload=payload_of(b"result")))
            return


async def cashews(address: str, digest: str, journal: str) -> None:
    """All callers of this process at once, each by a decorated function."""
    from cashews import Cache

    cache = Cache()
    cache.setup(address)

    @cache(ttl="10m", key="bench:{digest}", lock=True)
    async def computed(digest: str) -> str:  # noqa: ARG001 - the key is made of it
        note(journal)
        await asyncio.sleep(COMPUTE_SECONDS)
        return "result"

    await cache.ping()
    begin()
    await asyncio.gather(*(computed(digest) for _ in range(CALLERS)))
    await cache.close()


def dogpile(address: str, digest: str, journal: str) -> None:
    """All callers of this process at once, each in a thread."""
    from dogpile.cache import make_region

    arguments = {"url": address, "distributed_lock": True, "thread_local_lock": False, "lock_timeout": _LOCK_SECONDS}
    region = make_region().configure("dogpile.cache.redis", arguments=arguments)
    region.get("warm")

    def computed() -> str:
        note(journal)
        time.sleep(COMPUTE_SECONDS)
        return "result"

    begin()
    with ThreadPoolExecutor(CALLERS) as threads:
        for future in [threads.submit(region.get_or_create, digest, computed) for _ in range(CALLERS)]:
            future.result()


def main() -> None:
    """Ask."""
    kind, *arguments = sys.argv[1:]
    ways: dict[str, Callable[..., Any]] = {"assaycache": assaycache, "cashews": cashews, "dogpile.cache": dogpile}
    ended = ways[kind](*arguments)
    if asyncio.iscoroutine(ended):
        asyncio.run(ended)


if __name__ == "__main__":
    main()
