"""A service that is asked to stop says so, lets running calls end, and goes."""

import asyncio
import signal
from pathlib import Path

from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.integration.cache.conftest import Caller
from tests.support.processes import PATIENCE_SECONDS, cache_process

_SERVING, _NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING


async def test_a_service_asked_to_stop_says_so_lets_running_calls_end_and_goes(blob_folder: Path) -> None:
    with cache_process(blob_folder) as service:
        caller = Caller(service.listen)
        await caller.announce()
        question = await caller.ask(b"walk")
        await caller.reserve(question)
        waiting = asyncio.create_task(caller.reserve(question, wait_seconds=2))
        watch = health_pb2_grpc.HealthStub(caller.channel).Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == _SERVING

        service.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_SECONDS):
            assert (await watch.read()).status == _NOT_SERVING
            assert (await waiting).HasField("in_progress"), "it was answered to its end"
            watch.cancel()
            assert await asyncio.to_thread(service.process.wait, PATIENCE_SECONDS) == 0
        await caller.close()
