"""What every place that keeps jobs does, over all of them."""

from collections.abc import AsyncIterator

import pytest

from cache_service.engines.postgres import Postgres
from cache_service.engines.valkey import Valkey
from cache_service.entries import Failure, Submission
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import Event, Filter, Job, JobBook, Status
from cache_service.jobs.hot import HotJobs
from cache_service.jobs.process import ProcessJobs
from cache_service.keys import Pipeline
from tests.support.records import some_identity

START = 1_750_000_000.0
WANTED = Filter("default")


@pytest.fixture(params=["process", "hot", "durable"])
async def book(request: pytest.FixtureRequest) -> AsyncIterator[JobBook]:
    if request.param == "process":
        yield ProcessJobs()
    elif request.param == "hot":
        valkey = Valkey(request.getfixturevalue("redis_url"))
        yield HotJobs(valkey, 3600)
        await valkey.close()
    else:
        url = request.getfixturevalue("database_url")
        database = Postgres(url, 2)
        await database.open()
        yield DurableJobs(database)
        await database.close()


def asked(content: bytes, at: float, file_name: str = "walk.c3d", namespace: str = "default") -> Event:
    submission = Submission(file_name, "ward 3", {"patient": "P042", "depth_m": 1.5})
    return Event(some_identity(content, namespace), START + at, status=Status.ASKED, submission=submission)


async def the_job(book: JobBook, content: bytes) -> Job:
    job = await book.find("default", some_identity(content).job_id)
    assert job is not None
    return job


async def test_an_unknown_job_is_not_found(book: JobBook) -> None:
    assert await book.find("default", some_identity().job_id) is None


async def test_an_asked_job_is_found_with_its_submission(book: JobBook) -> None:
    await book.write([asked(b"one", 0)])
    job = await the_job(book, b"one")
    assert job.status is Status.ASKED
    assert job.identity == some_identity(b"one")
    assert [(item.file_name, item.metadata, item.seen_count) for item in job.submissions] == [
        ("walk.c3d", {"patient": "P042", "depth_m": 1.5}, 1)
    ]


async def test_a_job_of_another_namespace_is_not_found(book: JobBook) -> None:
    await book.write([asked(b"one", 0, namespace="clinic")])
    assert await book.find("default", some_identity(b"one", "clinic").job_id) is None
    assert await book.count("default") == 0
    assert await book.count("clinic") == 1


async def test_the_same_submission_is_counted_and_another_name_is_listed_first(book: JobBook) -> None:
    await book.write([asked(b"one", 0), asked(b"one", 1), asked(b"one", 2, "renamed.c3d")])
    job = await the_job(book, b"one")
    assert [(item.file_name, item.seen_count) for item in job.submissions] == [("renamed.c3d", 1), ("walk.c3d", 2)]
    assert (job.submissions[1].first_seen_at, job.submissions[1].last_seen_at) == (START, START + 1)


async def test_a_failed_job_tells_why(book: JobBook) -> None:
    failure = Failure("FILE_NOT_C3D", "The file is not C3D.")
    await book.write([asked(b"one", 0)])
    await book.write([Event(some_identity(b"one"), START + 1, status=Status.FAILED, failure=failure)])
    job = await the_job(book, b"one")
    assert (job.status, job.failure) == (Status.FAILED, failure)


async def test_asking_again_does_not_take_a_failure_back(book: JobBook) -> None:
    failure = Failure("FILE_NOT_C3D", "The file is not C3D.")
    await book.write([Event(some_identity(b"one"), START, status=Status.FAILED, failure=failure)])
    await book.write([asked(b"one", 5)])
    assert (await the_job(book, b"one")).status is Status.FAILED


async def test_an_older_event_that_comes_late_does_not_take_a_newer_one_back(book: JobBook) -> None:
    failure = Failure("FILE_NOT_C3D", "The file is not C3D.")
    await book.write([Event(some_identity(b"one"), START + 5, status=Status.FAILED, failure=failure)])
    await book.write([Event(some_identity(b"one"), START + 1, status=Status.RUNNING)])
    assert (await the_job(book, b"one")).status is Status.FAILED


async def test_jobs_are_listed_last_changed_first_in_pages(book: JobBook) -> None:
    await book.write([asked(b"%d" % number, number, f"file {number}.c3d") for number in range(7)])
    names, after, pages = [], None, 0
    while pages == 0 or after is not None:
        page = await book.list(WANTED, 3, after)
        names += [job.submissions[0].file_name for job in page.jobs]
        after, pages = page.after, pages + 1
    assert names == [f"file {number}.c3d" for number in reversed(range(7))]
    assert pages == 3


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter("default", statuses=frozenset({Status.FAILED})), ["b.c3d"]),
        (Filter("default", pipeline=Pipeline("sequence.taxonomy", "")), []),
        (Filter("default", pipeline=Pipeline("emg.session", "1.0.0")), ["b.c3d", "a.c3d"]),
        (Filter("default", blob_sha256=some_identity(b"a").blob.sha256), ["a.c3d"]),
        (Filter("default", file_name_contains="A.C3"), ["a.c3d"]),
        (Filter("default", file_name_contains="%"), []),
        (Filter("default", updated_since=START + 1), ["b.c3d"]),
        (Filter("elsewhere"), []),
    ],
)
async def test_a_listing_is_filtered(book: JobBook, wanted: Filter, names: list[str]) -> None:
    await book.write([asked(b"a", 0, "a.c3d"), asked(b"b", 2, "b.c3d")])
    failure = Failure("FILE_NOT_C3D", "The file is not C3D.")
    await book.write([Event(some_identity(b"b"), START + 3, status=Status.FAILED, failure=failure)])
    page = await book.list(wanted, 10, None)
    assert [job.submissions[0].file_name for job in page.jobs] == names
