"""A bare grpc.aio server: Lookup answers with fixed bytes, Ingest only hashes. The limit that ours is measured against.

`python -m bench.echo_server PAYLOAD_BYTES` prints its address and serves until its standard input ends.
"""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator

import grpc

from assaycache.cache.v1 import cache_service_pb2 as pb
from rpc.binding import OPTIONS

SERVICE = "assaycache.cache.v1.CacheService"


async def serve(payload_bytes: int) -> None:
    """Serve until standard input ends."""
    answer = pb.LookupResponse()
    answer.hit.payload.data = bytes(payload_bytes)
    encoded = answer.SerializeToString()

    async def echo(_request: bytes, _context: object) -> bytes:
        return encoded

    async def hashed(requests: AsyncIterator[pb.IngestRequest], _context: object) -> bytes:
        digest = hashlib.sha256()
        async for message in requests:
            digest.update(message.chunk)
        return digest.digest()

    handlers = {
        "Lookup": grpc.unary_unary_rpc_method_handler(echo),
        "Ingest": grpc.stream_unary_rpc_method_handler(hashed, request_deserializer=pb.IngestRequest.FromString),
    }
    server = grpc.aio.server(options=OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
