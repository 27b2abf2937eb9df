"""The worker process: it takes one job after the other from its pipe until the other end is gone.

`python -m analysis_service.workers.process TABLE DESCRIPTOR PARENT MEMORY_LIMIT_BYTES`, started by the pool only.
"""

import ctypes
import gc
import importlib
import mmap
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence

from analysis_service.workers.pipe import GONE, Pipe, head_of
from rpc.errors import AssayError

Report = Callable[[str, float], None]
"""Says how far a job has come: the stage, and the fraction of the whole that is done."""

Input = mmap.mmap | bytes
"""The content of a file, read where it lies; an empty file cannot be mapped."""

Job = Callable[..., bytes]
"""`job(input, arguments, report, *more_inputs)` returns its output; most jobs have one input."""

_PR_SET_PDEATHSIG = 1
_REPORT_SECONDS = 0.05
"""Reports of one stage that follow each other faster than this are left out: nobody can see them."""


def load(table: str) -> Mapping[str, Job]:
    """Return the jobs that "module:name" names; importing the module loads what they need, and so does its `warm`,
    where it has one."""
    path, _, name = table.partition(":")
    module = importlib.import_module(path)
    jobs: Mapping[str, Job] = getattr(module, name)
    if hasattr(module, "warm"):
        module.warm()
    return jobs


def die_with(parent: int) -> None:
    """See to it that this process does not outlive its parent, not even while it computes."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a terminal and a supervisor send them to the whole group
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("the parent is gone")


def limit_memory(limit_bytes: int) -> None:
    """Bound this process's own memory; the mapped input does not count. A core dump would hold patients' data."""
    resource.setrlimit(resource.RLIMIT_DATA, (limit_bytes, limit_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Reporter:
    """Sends progress through the pipe, not faster than people see."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._stage = ""
        self._sent = 0.0

    def __call__(self, stage: str, fraction: float) -> None:
        """Report how far the job has come."""
        now = time.monotonic()
        if stage == self._stage and now - self._sent < _REPORT_SECONDS:
            return
        self._stage, self._sent = stage, now
        self._pipe.send({"kind": "progress", "stage": stage, "fraction": fraction})


def serve(pipe: Pipe, jobs: Mapping[str, Job]) -> None:
    """Run jobs until the other end is gone, or one has used up the memory."""
    pipe.send({"kind": "warm"})
    is_sound = True
    while is_sound:
        head = pipe.receive()
        arguments = pipe.receive_body()
        descriptors = [pipe.receive_file() for _ in range(head["files"])]
        is_sound = _run(pipe, jobs[head["job"]], arguments, descriptors)


def _run(pipe: Pipe, job: Job, arguments: bytes, descriptors: Sequence[int]) -> bool:
    """Run one job and send its end; False where the process should not take another."""
    output: bytes | None
    try:
        first, *more = [_mapped(descriptor) for descriptor in descriptors]
        output = job(first, arguments, Reporter(pipe), *more)
    except MemoryError:
        output = None  # said below, where the job's frames no longer hold its memory
    except AssayError as error:
        pipe.send(head_of(error))
        return True
    except Exception as error:
        pipe.send(_trace_of(error))
        return True
    if output is None:
        pipe.send({"kind": "memory"})
        return False
    pipe.send({"kind": "done"}, output)
    return True


def _mapped(descriptor: int) -> Input:
    try:
        size = os.fstat(descriptor).st_size
        return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) if size else b""
    finally:
        os.close(descriptor)


def _trace_of(error: Exception) -> dict[str, object]:
    """Return what the log may know: the kind of error and where, but no message, which may quote the input."""
    return {"kind": "broken", "error": type(error).__name__, "trace": traceback.format_tb(error.__traceback__)}


def main(arguments: list[str]) -> None:
    """Prepare the process and serve."""
    table, descriptor, parent, memory_limit_bytes = arguments
    die_with(int(parent))
    pipe = Pipe(int(descriptor))
    jobs = load(table)
    limit_memory(int(memory_limit_bytes))
    gc.freeze()  # libraries stay: going through their objects again and again took a tenth of a large sample's time
    try:
        serve(pipe, jobs)
    except GONE:
        return


if __name__ == "__main__":
    main(sys.argv[1:])
