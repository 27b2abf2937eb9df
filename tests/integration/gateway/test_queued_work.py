"""The gateway's backend over a real queue, which nobody works on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from analysis_service.pipelines import EMG_SESSION
from analysis_service.service.cache import RemoteCache
from analysis_service.service.offers import offer_of
from gateway.backend import Pipeline, Question, Submission
from gateway.translate import GrpcBackend, Timeouts
from rpc.channels import connect, connect_aio
from tests.integration.analysis.test_claims import durable_cache

EMG = Question(Pipeline("emg.session"))


@pytest.fixture
async def backend(database_url: str, redis_url: str, blob_folder: Path) -> AsyncIterator[GrpcBackend]:
    with durable_cache(database_url, redis_url, blob_folder) as service:
        with connect(service.listen) as channel:
            RemoteCache(channel).announce([offer_of(EMG_SESSION)])
        async with connect_aio(service.listen) as channel:
            yield GrpcBackend(channel, channel, Timeouts(look_up=5, upload=5, analysis=5, health=1))


async def test_what_nobody_has_begun_can_be_taken_out_of_the_queue(backend: GrpcBackend) -> None:
    task = await backend.enqueue(EMG, Submission("a.c3d"), "", "file:///recordings/a.c3d")
    assert await backend.withdraw(task.task_id)
    assert not await backend.withdraw(task.task_id)
    job, _ = await backend.job(task.task_id, b"", with_result=False)
    assert (job.status, job.failure and job.failure.reason) == ("failed", "CANCELLED")
