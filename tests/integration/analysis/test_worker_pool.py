"""The pool of worker processes, with real processes."""

import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest
from prometheus_client import CollectorRegistry

from analysis_service.metrics import PoolMetrics
from analysis_service.workers.pool import Listener, Progress, Queued, Ticket, WorkerPool
from analysis_service.workers.worker import JobBroke, Limits, Task
from rpc.errors import AssayError, Cancelled, InvalidArgument, ResourceExhausted, Unavailable
from rpc.reasons import Reason
from tests.integration.analysis import worker_jobs

MEBIBYTE = 1024**2
PATIENCE_SECONDS = 20


class Events:
    """What a listener heard, in order."""

    def __init__(self) -> None:
        self._heard: queue.Queue[Queued | Progress] = queue.Queue()

    def __call__(self, event: Queued | Progress) -> None:
        self._heard.put(event)

    def until(self, wanted: Queued | Progress) -> list[Queued | Progress]:
        heard = [self._heard.get(timeout=PATIENCE_SECONDS)]
        while heard[-1] != wanted:
            heard.append(self._heard.get(timeout=PATIENCE_SECONDS))
        return heard


Ask = Callable[..., Ticket]


def ignore(event: object) -> None:
    """Listen to nothing."""


@pytest.fixture(scope="module")
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture(scope="module")
def pool(registry: CollectorRegistry) -> Iterator[WorkerPool]:
    pool = WorkerPool(f"{worker_jobs.__name__}:JOBS", 1, Limits(512 * MEBIBYTE, 600.0), PoolMetrics(registry))
    pool.start()
    assert pool.wait_until_warm()
    yield pool
    pool.stop()


@pytest.fixture
def file() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        yield file


@pytest.fixture
def ask(pool: WorkerPool, file: BinaryIO) -> Ask:
    def ask(job: str, arguments: bytes = b"", listener: Listener = ignore) -> Ticket:
        return pool.submit(Task(job, arguments, file), listener)

    return ask


def wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < until, "the condition did not come true"
        time.sleep(0.01)


def is_running(process: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_job_gets_its_file_and_arguments_and_returns_its_output(ask: Ask, file: BinaryIO) -> None:
    file.write(b"of the file")
    file.flush()
    assert ask("echo", b"bytes ").result() == b"bytes of the file"


def test_an_empty_file_is_an_empty_input(ask: Ask) -> None:
    assert ask("echo", b"alone").result() == b"alone"


def test_an_output_of_many_megabytes_arrives_whole(ask: Ask) -> None:
    assert ask("large", b"50000000").result() == b"x" * 50_000_000


def test_the_same_process_serves_one_job_after_the_other_with_one_thread_a_library(ask: Ask, pool: WorkerPool) -> None:
    answers = {ask("tell_process").result() for _ in range(3)}
    assert answers == {f"{pool.process_ids()[0]} 1".encode()}


def test_the_place_in_the_line_and_the_stages_are_reported(ask: Ask) -> None:
    blocking, first, second = Events(), Events(), Events()
    running = ask("block", listener=blocking)
    blocking.until(Progress("blocking", 0.0))
    tickets = [ask("echo", listener=first), ask("echo", listener=second)]
    assert first.until(Queued(0)) == [Queued(0)]
    assert second.until(Queued(1)) == [Queued(1)]
    running.cancel()
    assert second.until(Progress("answering", 0.75)) == [
        Queued(0),
        Progress("reading", 0.25),
        Progress("answering", 0.75),
    ]
    assert [ticket.result() for ticket in tickets] == [b"", b""]


def test_cancelling_kills_the_worker_and_another_takes_its_place(ask: Ask, pool: WorkerPool) -> None:
    events = Events()
    ticket = ask("block", listener=events)
    events.until(Progress("blocking", 0.0))
    (killed,) = pool.process_ids()
    ticket.cancel()
    with pytest.raises(Cancelled):
        ticket.result()
    assert ask("echo", b"here").result() == b"here"
    assert not is_running(killed)
    assert pool.process_ids() != [killed]


def test_cancelling_a_task_that_waits_ends_it_at_once_and_harms_no_worker(ask: Ask, pool: WorkerPool) -> None:
    events = Events()
    running = ask("block", listener=events)
    events.until(Progress("blocking", 0.0))
    before = pool.process_ids()
    waiting = ask("echo")
    waiting.cancel()
    with pytest.raises(Cancelled):
        waiting.result()
    assert pool.process_ids() == before
    running.cancel()


@pytest.mark.parametrize("job", ["die", "crash"])
def test_a_job_that_kills_its_worker_twice_is_worker_lost(ask: Ask, job: str, registry: CollectorRegistry) -> None:
    before = registry.get_sample_value("analysis_workers_lost_total") or 0.0
    with pytest.raises(Unavailable) as refused:
        ask(job).result()
    assert refused.value.reason is Reason.WORKER_LOST
    assert registry.get_sample_value("analysis_workers_lost_total") == before + 2
    assert ask("echo", b"well").result() == b"well"


def test_a_job_whose_worker_dies_once_is_tried_on_a_fresh_one(ask: Ask, tmp_path: Path) -> None:
    assert ask("die_once", bytes(tmp_path / "mark")).result() == b"second life"


def test_a_worker_killed_while_idle_costs_nothing(ask: Ask, pool: WorkerPool) -> None:
    ask("echo").result()
    (process,) = pool.process_ids()
    os.kill(process, signal.SIGKILL)
    wait_for(lambda: not is_running(process))
    assert ask("echo", b"still").result() == b"still"


def test_a_job_that_needs_too_much_memory_is_memory_limit(ask: Ask) -> None:
    with pytest.raises(ResourceExhausted) as refused:
        ask("devour").result()
    assert refused.value.reason is Reason.MEMORY_LIMIT
    assert refused.value.metadata == {"limit_bytes": str(512 * MEBIBYTE)}
    assert ask("echo", b"freed").result() == b"freed"


def test_an_error_of_the_input_keeps_its_reason_details_and_worker(ask: Ask, pool: WorkerPool) -> None:
    ask("echo").result()
    before = pool.process_ids()
    with pytest.raises(InvalidArgument) as refused:
        ask("refuse").result()
    assert refused.value.reason is Reason.FILE_TOO_SHORT
    assert refused.value.metadata == {"minimum_ms": "500"}
    assert [violation.field for violation in refused.value.violations] == ["channels"]
    assert pool.process_ids() == before


def test_an_unexpected_error_names_its_kind_and_place_but_quotes_nothing(ask: Ask) -> None:
    with pytest.raises(JobBroke, match=r"(?s)KeyError.*in stumble") as broken:
        ask("stumble").result()
    assert not isinstance(broken.value, AssayError)
    assert "Jane Doe" not in str(broken.value).replace('raise KeyError("Jane Doe")', "")


def test_signals_of_a_terminal_and_a_supervisor_do_not_end_a_worker(ask: Ask, pool: WorkerPool) -> None:
    ask("echo").result()
    before = pool.process_ids()
    os.kill(before[0], signal.SIGINT)
    os.kill(before[0], signal.SIGTERM)
    assert ask("echo", b"deaf").result() == b"deaf"
    assert pool.process_ids() == before


def test_a_job_that_takes_too_long_is_time_limit(file: BinaryIO) -> None:
    pool = WorkerPool(f"{worker_jobs.__name__}:JOBS", 1, Limits(512 * MEBIBYTE, 0.2), PoolMetrics(CollectorRegistry()))
    pool.start()
    try:
        with pytest.raises(ResourceExhausted) as refused:
            pool.submit(Task("block", b"", file), ignore).result()
        assert refused.value.reason is Reason.TIME_LIMIT
        assert refused.value.metadata == {"limit_ms": "200"}
    finally:
        pool.stop()


def test_a_pool_whose_workers_cannot_start_says_so(file: BinaryIO) -> None:
    pool = WorkerPool(
        f"{worker_jobs.__name__}:NOTHING", 1, Limits(512 * MEBIBYTE, 600.0), PoolMetrics(CollectorRegistry())
    )
    pool.start()
    try:
        assert not pool.wait_until_warm()
        with pytest.raises(Unavailable) as refused:
            pool.submit(Task("echo", b"", file), ignore).result()
        assert refused.value.reason is Reason.WORKER_LOST
    finally:
        pool.stop()


def test_stopping_refuses_what_waits_and_ends_every_process(file: BinaryIO) -> None:
    pool = WorkerPool(
        f"{worker_jobs.__name__}:JOBS", 2, Limits(512 * MEBIBYTE, 600.0), PoolMetrics(CollectorRegistry())
    )
    pool.start()
    pool.wait_until_warm()
    events = Events()
    tickets = [pool.submit(Task("block", b"", file), events) for _ in range(2)]
    for _ in tickets:
        events.until(Progress("blocking", 0.0))
    waiting = pool.submit(Task("echo", b"", file), ignore)
    processes = pool.process_ids()
    pool.stop()
    with pytest.raises(Unavailable) as refused:
        waiting.result()
    assert refused.value.reason is Reason.SHUTTING_DOWN
    for ticket in tickets:
        with pytest.raises(Cancelled):
            ticket.result()
    assert not any(is_running(process) for process in processes)
    with pytest.raises(Unavailable):
        pool.submit(Task("echo", b"", file), ignore)


def test_one_worker_killed_again_and_again_does_not_hurt_the_other(file: BinaryIO) -> None:
    pool = WorkerPool(
        f"{worker_jobs.__name__}:JOBS", 2, Limits(512 * MEBIBYTE, 600.0), PoolMetrics(CollectorRegistry())
    )
    pool.start()
    try:
        with ThreadPoolExecutor(8) as threads:
            doomed = [threads.submit(pool.submit(Task("die", b"", file), ignore).result) for _ in range(3)]
            sound = [
                threads.submit(pool.submit(Task("echo", b"%d" % number, file), ignore).result) for number in range(50)
            ]
            assert [future.result() for future in sound] == [b"%d" % number for number in range(50)]
            assert all(isinstance(future.exception(), Unavailable) for future in doomed)
    finally:
        pool.stop()


def test_a_worker_does_not_outlive_its_killed_parent_even_while_it_computes() -> None:
    ours, theirs = os.pipe()
    parent = subprocess.Popen(
        [sys.executable, "-m", worker_jobs.__name__, str(theirs)],
        pass_fds=[theirs],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    os.close(theirs)
    with os.fdopen(ours) as pipe:
        worker = int(pipe.readline())
    assert is_running(worker)
    parent.kill()
    parent.wait()
    wait_for(lambda: not is_running(worker))


def test_the_tasks_of_one_job_take_turns_with_those_of_others(ask: Ask, pool: WorkerPool, file: BinaryIO) -> None:
    running = ask("block", listener=(blocking := Events()))
    blocking.until(Progress("blocking", 0.0))
    ended: queue.SimpleQueue[str] = queue.SimpleQueue()

    def tell(name: str) -> Listener:
        return lambda event: ended.put(name) if event == Progress("answering", 0.75) else None

    big = [pool.submit(Task("echo", b"", file, group="big"), tell("big")) for _ in range(3)]
    small = ask("echo", listener=tell("small"))
    running.cancel()
    for ticket in (*big, small):
        ticket.result()
    assert [ended.get(timeout=PATIENCE_SECONDS) for _ in range(4)] == ["big", "small", "big", "big"]


def test_a_job_gets_every_file_of_its_task(pool: WorkerPool, file: BinaryIO) -> None:
    with tempfile.TemporaryFile() as second, tempfile.TemporaryFile() as third:
        second.write(b"two")
        second.flush()
        task = Task("concatenate", b"", file, (second, third))
        assert pool.submit(task, ignore).result() == b"|two|"
