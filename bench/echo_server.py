"""A bare grpc.aio server that answers Lookup with fixed bytes: the limit that our own server is measured against.

`python -m bench.echo_server PAYLOAD_BYTES` prints its address and serves until its standard input ends.
"""

import asyncio
import sys

import grpc

METHOD = "Lookup"
SERVICE = "assaycache.cache.v1.CacheService"


async def serve(payload_bytes: int) -> None:
    """Serve until standard input ends."""
    answer = bytes(payload_bytes)

    async def echo(_request: bytes, _context: object) -> bytes:
        return answer

    handler = grpc.unary_unary_rpc_method_handler(echo)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {METHOD: handler}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop(None)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
