"""Jobs, statistics, capabilities and health as the client tells them."""

import subprocess
import sys

import grpc
import pytest
from grpc_health.v1 import health_pb2

from assaycache import InputError, JobStatus, NotFound, Reason, Tier
from assaycache.analysis.v1 import analysis_service_pb2
from assaycache.cache.v1 import cache_service_pb2, entry_pb2, identity_pb2, jobs_pb2
from assaycache.errors.v1 import errors_pb2
from tests.unit.client.client_services import JOB_ID, SECONDS, SESSION, Services, entry


def _job(number: int) -> jobs_pb2.Job:
    return jobs_pb2.Job(
        identity=identity_pb2.Identity(job_id=f"job-{number}"),
        status=jobs_pb2.JOB_STATUS_SUCCEEDED,
        submissions=[identity_pb2.Submission(file_name=f"{number}.c3d", seen_count=2)],
    )


def test_jobs_are_fetched_page_by_page(services: Services) -> None:
    listed = services.asked(lambda: list(services.client.jobs(statuses=(JobStatus.SUCCEEDED,), page_size=2)))
    response = cache_service_pb2.ListJobsResponse
    first = services.unary("ListJobs", response(jobs=[_job(1), _job(2)], next_page_token="more"))
    second = services.unary("ListJobs", response(jobs=[_job(3)]))
    jobs = listed.result(SECONDS)
    assert list(first.statuses) == [jobs_pb2.JOB_STATUS_SUCCEEDED]
    assert (first.page_size, first.page_token, second.page_token) == (2, "", "more")
    assert [job.job_id for job in jobs] == ["job-1", "job-2", "job-3"]
    assert jobs[0].status is JobStatus.SUCCEEDED
    assert jobs[2].submissions[0].file_name == "3.c3d"


def test_a_job_that_is_not_known_is_not_found(services: Services) -> None:
    answer = services.asked(services.client.job, "nobody")
    services.unary("GetJob", NotFound(Reason.JOB_UNKNOWN, "No such job."))
    with pytest.raises(NotFound) as raised:
        answer.result(SECONDS)
    assert raised.value.reason is Reason.JOB_UNKNOWN


def test_a_failed_job_tells_its_reason(services: Services) -> None:
    answer = services.asked(services.client.job, "job-1")
    failed = _job(1)
    failed.failure.reason, failed.failure.message = errors_pb2.ERROR_REASON_FILE_CORRUPT, "Broken."
    services.unary("GetJob", cache_service_pb2.GetJobResponse(job=failed))
    failure = answer.result(SECONDS).failure
    assert failure is not None
    assert (failure.reason, failure.message) == ("FILE_CORRUPT", "Broken.")


def test_a_jobs_result_comes_without_its_file(services: Services) -> None:
    answer = services.asked(services.client.result, JOB_ID)
    asked = services.unary("GetJob", cache_service_pb2.GetJobResponse(job=_job(1), entry=entry()))
    assert asked.include_result
    assert answer.result(SECONDS).result == SESSION
    assert answer.result(SECONDS).file_name == "1.c3d"


def test_the_result_of_a_failed_job_is_its_failure(services: Services) -> None:
    answer = services.asked(services.client.result, JOB_ID)
    failed = _job(1)
    failed.failure.reason = errors_pb2.ERROR_REASON_FILE_CORRUPT
    services.unary("GetJob", cache_service_pb2.GetJobResponse(job=failed))
    with pytest.raises(InputError):
        answer.result(SECONDS)


def test_the_result_of_a_job_that_was_evicted_is_not_found(services: Services) -> None:
    answer = services.asked(services.client.result, JOB_ID)
    services.unary("GetJob", cache_service_pb2.GetJobResponse(job=_job(1)))
    with pytest.raises(NotFound, match="no result now"):
        answer.result(SECONDS)


def test_statistics_are_plain_numbers(services: Services) -> None:
    answer = services.asked(services.client.stats)
    stats = cache_service_pb2.GetStatsResponse(
        tiers=[cache_service_pb2.TierStats(tier=entry_pb2.TIER_DURABLE, configured=True, hits=7)],
        misses=[cache_service_pb2.MissCount(reason=entry_pb2.MISS_REASON_NEVER_SEEN, count=3)],
        jobs=4,
    )
    stats.compute_saved.FromMilliseconds(2500)
    services.unary("GetStats", stats)
    found = answer.result(SECONDS)
    assert (found.tiers[0].tier, found.tiers[0].hits, found.misses) == (Tier.DURABLE, 7, {"never_seen": 3})
    assert (found.jobs, found.compute_saved_seconds) == (4, 2.5)


def test_capabilities_name_limits_with_their_units(services: Services) -> None:
    answer = services.asked(services.client.capabilities)
    capabilities = cache_service_pb2.GetCapabilitiesResponse(version="1.2.3", durable=True)
    capabilities.limits.max_blob_bytes = 1000
    capabilities.limits.max_wait.FromSeconds(60)
    pipeline = identity_pb2.PipelineRef(name="emg.session", version="1.0.0")
    capabilities.pipelines.add(pipeline=pipeline, active=True)
    services.unary("GetCapabilities", capabilities)
    found = answer.result(SECONDS)
    assert found.limits == {"max_blob_bytes": 1000, "max_wait_seconds": 60}
    assert (found.version, found.durable, found.pipelines) == ("1.2.3", True, ("emg.session 1.0.0",))


def test_health_tells_of_each_service_also_of_one_that_is_away(services: Services) -> None:
    answer = services.asked(services.client.health)
    services.unary("Check", health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING))
    services.unary("Check", grpc.StatusCode.UNAVAILABLE)
    cache, analysis = answer.result(SECONDS)
    assert (cache.service, cache.serving) == ("assaycache.cache.v1.CacheService", True)
    assert (analysis.status, analysis.serving) == ("UNREACHABLE", False)


def test_importing_the_package_loads_no_grpc() -> None:
    program = "import sys, assaycache; assaycache.InputError; print('grpc' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_every_public_name_is_there() -> None:
    import assaycache

    assert all(hasattr(assaycache, name) for name in assaycache.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        assaycache.Nonsense  # noqa: B018  reading it is the test


def test_pipelines_are_told_with_their_parameters(services: Services) -> None:
    answer = services.asked(services.client.pipelines)
    parameter = analysis_service_pb2.Parameter(name="threshold_k", type="double", unit="SD", minimum=1.0, maximum=50.0)
    described = analysis_service_pb2.Pipeline(
        pipeline=identity_pb2.PipelineRef(name="emg.session", version="1.0.0"), active=True, parameters=[parameter]
    )
    services.unary("ListPipelines", analysis_service_pb2.ListPipelinesResponse(pipelines=[described]))
    (found,) = answer.result(SECONDS)
    assert (found.name, found.version, found.active) == ("emg.session", "1.0.0", True)
    assert (found.parameters[0].minimum, found.parameters[0].maximum, found.parameters[0].choices) == (1.0, 50.0, ())
