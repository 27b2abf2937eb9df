"""Jobs that do to a worker process what real ones must not."""

import ctypes
import mmap
import os
import signal
import sys
import time
from collections.abc import Callable

from rpc.errors import InputError, Violation
from rpc.reasons import Reason

Report = Callable[[str, float], None]


def echo(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    report("reading", 0.25)
    report("answering", 0.75)
    return arguments + bytes(data[:])


def concatenate(data: mmap.mmap | bytes, arguments: bytes, report: Report, *more: mmap.mmap | bytes) -> bytes:
    return b"|".join(bytes(one[:]) for one in (data, *more))


def tell_process(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    return f"{os.getpid()} {os.environ['OMP_NUM_THREADS']}".encode()


def block(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    """Compute, deaf to everything, for longer than any test."""
    report("blocking", 0.0)
    time.sleep(600)
    return b""


def die(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def crash(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    return ctypes.string_at(0)


def die_once(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    """Die, unless the file that the arguments name says that it has died before."""
    try:
        os.close(os.open(arguments, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return b"second life"
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def devour(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    hoard = []
    while True:
        hoard.append(bytearray(16 * 1024**2))


def refuse(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    raise InputError(
        Reason.FILE_TOO_SHORT,
        "Too short.",
        metadata={"minimum_ms": "500"},
        violations=[Violation("channels", "channels must be fewer")],
    )


def stumble(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    raise KeyError("Jane Doe")


def large(data: mmap.mmap | bytes, arguments: bytes, report: Report) -> bytes:
    return b"x" * int(arguments)


JOBS = {
    job.__name__: job
    for job in (echo, concatenate, tell_process, block, die, crash, die_once, devour, refuse, stumble, large)
}


def parent(descriptor: int) -> None:
    """A process with a pool of one worker which computes: it writes the worker's id, then waits to be killed."""
    import tempfile

    from prometheus_client import CollectorRegistry

    from analysis_service.metrics import PoolMetrics
    from analysis_service.workers.pool import WorkerPool
    from analysis_service.workers.worker import Limits, Task

    pool = WorkerPool(
        "tests.integration.analysis.worker_jobs:JOBS", 1, Limits(1024**3, 600.0), PoolMetrics(CollectorRegistry())
    )
    pool.start()

    def tell(event: object) -> None:
        if getattr(event, "stage", "") == "blocking":
            os.write(descriptor, f"{pool.process_ids()[0]}\n".encode())

    with tempfile.TemporaryFile() as file:
        pool.submit(Task("block", b"", file), tell).result()


if __name__ == "__main__":
    parent(int(sys.argv[1]))
