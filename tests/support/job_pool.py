"""A pool that runs jobs at once, where they are submitted, on the content of their files."""

from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from analysis_service.workers.pool import Listener, Progress, Queued
from analysis_service.workers.process import Job
from analysis_service.workers.worker import Task


class EndedTicket:
    """A task that has ended."""

    cost_seconds = 0.25

    def __init__(self) -> None:
        self.future: Future[bytes] = Future()
        self.is_cancelled = False

    def result(self) -> bytes:
        return self.future.result()

    def cancel(self) -> None:
        self.is_cancelled = True


@dataclass
class JobPool:
    """Runs jobs in this process and thread."""

    jobs: dict[str, Job]
    ran: list[Task] = field(default_factory=list)

    def submit(self, task: Task, listener: Listener) -> EndedTicket:
        self.ran.append(task)
        listener(Queued(0))
        ticket = EndedTicket()
        first, *more = [_content(file) for file in (task.file, *task.more_files)]
        try:
            output = self.jobs[task.job](
                first, task.arguments, lambda stage, fraction: listener(Progress(stage, fraction)), *more
            )
        except Exception as error:
            ticket.future.set_exception(error)
        else:
            ticket.future.set_result(output)
        return ticket

    def count(self, job: str) -> int:
        """Return how many tasks of a job ran."""
        return sum(task.job == job for task in self.ran)


def _content(file: BinaryIO) -> bytes:
    """Read a file as a worker does: by its descriptor, what is flushed and nothing else."""
    return Path(f"/proc/self/fd/{file.fileno()}").read_bytes()
