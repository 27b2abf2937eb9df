"""The tasks of one computation: they share their turns in the pool, and are cancelled together."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from analysis_service.workers.pool import Listener
from analysis_service.workers.worker import Task
from rpc.errors import Cancelled
from rpc.reasons import Reason


class Computing(Protocol):
    """A task that is being computed: see `Ticket`."""

    cost_seconds: float

    def result(self) -> bytes:
        """See `Ticket.result`."""
        ...

    def cancel(self) -> None:
        """See `Ticket.cancel`."""
        ...


class Pool(Protocol):
    """What computes: see `WorkerPool`."""

    def submit(self, task: Task, listener: Listener) -> Computing:
        """See `WorkerPool.submit`."""
        ...


class Tasks:
    """Hands tasks to the pool."""

    def __init__(self, pool: Pool) -> None:
        self.cost_seconds = 0.0
        """How long the tasks that have ended ran, all together."""
        self._pool = pool
        self._lock = threading.Lock()
        self._running: list[Computing] = []
        self._is_cancelled = False

    def start(self, task: Task, listener: Listener) -> Computing:
        """Put a task into the pool's line.

        Raises:
            Cancelled: if the computation is.
            AssayError: as `WorkerPool.submit`.
        """
        ticket = self._pool.submit(replace(task, group=self), listener)
        with self._lock:
            self._running.append(ticket)
            is_cancelled = self._is_cancelled
        if is_cancelled:
            ticket.cancel()
            raise Cancelled(Reason.CANCELLED, "The analysis was cancelled.")
        return ticket

    def wait(self, ticket: Computing) -> bytes:
        """Wait for a task's end and return its output.

        Raises:
            AssayError: as `Ticket.result`; what else runs is cancelled then.
        """
        try:
            return ticket.result()
        except BaseException:
            self.cancel_all()
            raise
        finally:
            self.cost_seconds += ticket.cost_seconds
            with self._lock:
                if ticket in self._running:
                    self._running.remove(ticket)

    def run(self, task: Task, listener: Listener) -> bytes:
        """Start a task and wait for its output."""
        return self.wait(self.start(task, listener))

    def cancel(self) -> None:
        """Stop all tasks, and let no other begin."""
        with self._lock:
            self._is_cancelled = True
        self.cancel_all()

    def cancel_all(self) -> None:
        """Stop the tasks that are there."""
        with self._lock:
            running: Sequence[Computing] = list(self._running)
        for ticket in running:
            ticket.cancel()
