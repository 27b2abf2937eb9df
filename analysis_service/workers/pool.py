"""The pool: tasks wait in one line, each worker process has a thread that takes them from it."""

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial

from analysis_service.metrics import PoolMetrics
from analysis_service.workers.line import Line
from analysis_service.workers.worker import Limits, Task, Worker, WorkerDied
from rpc.errors import Cancelled, ResourceExhausted, Unavailable
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)


@dataclass(frozen=True)
class Queued:
    """The task waits; `position` tasks are before it."""

    position: int


@dataclass(frozen=True)
class Progress:
    """The task runs: the stage, and the fraction of the whole that is done."""

    stage: str
    fraction: float
    parts_total: int = 0
    parts_done: int = 0
    parts_known: int = 0


Listener = Callable[[Queued | Progress], None]
"""Called from the pool's threads; it must not block."""


class Ticket:
    """A task in the pool's hands."""

    def __init__(self, task: Task, listener: Listener, forget: Callable[["Ticket"], None]) -> None:
        self.task = task
        self.listener = listener
        self.cost_seconds = 0.0
        """How long the task ran, at the end; waiting is not in it."""
        self._forget = forget
        self._future: Future[bytes] = Future()
        self._lock = threading.Lock()
        self._worker: Worker | None = None
        self._is_cancelled = False

    @property
    def group(self) -> Hashable:
        """With which other tickets this one shares its turns."""
        return self if self.task.group is None else self.task.group

    def result(self) -> bytes:
        """Wait for the task's end and return its output.

        Raises:
            AssayError: what the job raised; MEMORY_LIMIT, TIME_LIMIT, WORKER_LOST, CANCELLED, SHUTTING_DOWN.
            JobBroke: if the job raised anything else.
        """
        return self._future.result()

    def cancel(self) -> None:
        """Stop the task wherever it is; without effect where it has ended."""
        self._forget(self)
        with self._lock:
            self._is_cancelled = True
            if self._worker is not None:
                self._worker.kill()  # its thread tells the end
                return
        self.fail(_cancelled())

    def held_by(self, worker: Worker) -> None:
        """Let `cancel` reach the worker from now on.

        Raises:
            Cancelled: if it is too late to begin.
        """
        with self._lock:
            self.check()
            self._worker = worker

    def let_go(self) -> bool:
        """Keep `cancel` from reaching the worker from now on; False where it has reached it."""
        with self._lock:
            self._worker = None
            return not self._is_cancelled

    def check(self) -> None:
        """Raise `Cancelled` if the task was cancelled."""
        if self._is_cancelled:
            raise _cancelled()

    def succeed(self, output: bytes) -> None:
        """End with an output, unless it has ended."""
        with self._lock:
            if not self._future.done():
                self._future.set_result(output)

    def fail(self, error: Exception) -> None:
        """End with an error, unless it has ended."""
        with self._lock:
            if not self._future.done():
                self._future.set_exception(error)


class WorkerPool:
    """A fixed number of warm worker processes; `environment` is what they are told beside ours.

    Each has its own pipe and its own thread, so that nothing which befalls one can reach another.
    """

    def __init__(
        self,
        table: str,
        size: int,
        limits: Limits,
        metrics: PoolMetrics,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._metrics = metrics
        self._waiting: Line[Ticket] = Line()
        self._changed = threading.Condition()
        self._is_stopping = False
        spawn = partial(Worker, table, limits, environment or {})
        self._slots = [_Slot(self, spawn, number) for number in range(size)]

    def start(self) -> None:
        """Start the processes; they warm up meanwhile."""
        for slot in self._slots:
            slot.thread.start()

    def wait_until_warm(self) -> bool:
        """Wait until every process has had its first warm-up; False if none came up."""
        came_up = [slot.came_up() for slot in self._slots]
        return any(came_up)

    def process_ids(self) -> list[int]:
        """Return the ids of the processes that are there now."""
        return [worker.process_id for slot in self._slots if (worker := slot.worker) is not None]

    def submit(self, task: Task, listener: Listener) -> Ticket:
        """Put a task into the line; the listener hears where it stands and how far it has come.

        Raises:
            Unavailable: SHUTTING_DOWN.
        """
        ticket = Ticket(task, listener, self._forget)
        with self._changed:
            if self._is_stopping:
                raise _shutting_down()
            listener(Queued(self._waiting.add(ticket)))
            self._metrics.queued.set(len(self._waiting))
            self._changed.notify()
        return ticket

    def take(self) -> Ticket | None:
        """Wait for the next task; None when the pool stops."""
        with self._changed:
            self._changed.wait_for(lambda: len(self._waiting) or self._is_stopping)
            if self._is_stopping:
                return None
            ticket = self._waiting.pop()
            self._line_moved()
        return ticket

    def run(self, slot: "_Slot", ticket: Ticket) -> None:
        """Run a task on a slot and tell whoever waits for it."""
        try:
            with self._metrics.busy.track_inprogress():
                output = self._twice(slot, ticket)
        except Exception as error:
            ticket.fail(error)
        else:
            ticket.succeed(output)

    def stop(self) -> None:
        """Refuse what waits, end the processes, join the threads. Running tasks are lost."""
        with self._changed:
            self._is_stopping = True
            refused = self._waiting.clear()
            self._changed.notify_all()
        for ticket in refused:
            ticket.fail(_shutting_down())
        for slot in self._slots:
            slot.end()
        for slot in self._slots:
            slot.thread.join()

    def check(self) -> None:
        """Raise `Unavailable` if the pool stops."""
        if self._is_stopping:
            raise _shutting_down()

    def _twice(self, slot: "_Slot", ticket: Ticket) -> bytes:
        """A process may die of something outside, such as the kernel's killer: a fresh one tries once more."""
        try:
            return slot.attempt(ticket)
        except WorkerDied as error:
            self._metrics.lost.inc()
            log.warning("a worker died; its task is tried once more", exc_info=error)
        try:
            return slot.attempt(ticket)
        except WorkerDied as error:
            self._metrics.lost.inc()
            raise Unavailable(Reason.WORKER_LOST, "The worker process that ran the analysis died twice.") from error

    def _forget(self, ticket: Ticket) -> None:
        with self._changed:
            if self._waiting.remove(ticket):
                self._line_moved()

    def _line_moved(self) -> None:
        self._metrics.queued.set(len(self._waiting))
        for position, ticket in enumerate(self._waiting):
            ticket.listener(Queued(position))


class _Slot:
    """A thread and the one worker process that it owns at a time."""

    def __init__(self, pool: WorkerPool, spawn: Callable[[], Worker], number: int) -> None:
        self.thread = threading.Thread(target=self._serve, name=f"worker-{number}", daemon=True)
        self.worker: Worker | None = None
        self._pool = pool
        self._spawn = spawn
        self._ticket: Ticket | None = None
        self._tried = threading.Event()
        self._is_up = False

    def came_up(self) -> bool:
        """Wait for the first warm-up; whether it worked."""
        self._tried.wait()
        return self._is_up

    def end(self) -> None:
        """Stop what runs here; any thread may, once the pool stops."""
        ticket, worker = self._ticket, self.worker
        if ticket is not None:
            ticket.cancel()
        if worker is not None:
            worker.kill()

    def attempt(self, ticket: Ticket) -> bytes:
        """Run a task once.

        Raises:
            WorkerDied: if the process died under it.
            Exception: as `Ticket.result`.
        """
        ticket.check()
        worker = self._ready()
        ticket.held_by(worker)
        started = time.monotonic()
        try:
            return worker.run(ticket.task, lambda stage, fraction: ticket.listener(Progress(stage, fraction)))
        except WorkerDied:
            self._discard()
            ticket.check()
            raise
        except ResourceExhausted:
            self._discard()
            raise
        finally:
            ticket.cost_seconds = time.monotonic() - started
            if not ticket.let_go():
                self._discard()

    def _serve(self) -> None:
        try:
            self._is_up = self._replaced(wait=True)
        finally:
            self._tried.set()
        while (ticket := self._pool.take()) is not None:
            self._ticket = ticket
            self._pool.run(self, ticket)
            self._ticket = None
            self._replaced(wait=False)
        self._discard()

    def _ready(self) -> Worker:
        """Return a live, warm worker."""
        if self.worker is not None and not self.worker.is_alive():
            self._discard()
        if self.worker is None:
            self.worker = self._spawned()
        try:
            self.worker.wait_until_warm()
        except WorkerDied:
            self._discard()
            raise
        return self.worker

    def _replaced(self, *, wait: bool) -> bool:
        """Start a process where there is none, so that it is warm when the next task comes."""
        try:
            if wait:
                self._ready()
            elif self.worker is None:
                self.worker = self._spawned()
        except (WorkerDied, Unavailable) as error:
            log.warning("a worker did not come up", exc_info=error)
            return False
        return True

    def _spawned(self) -> Worker:
        self._pool.check()
        try:
            return self._spawn()
        except OSError as error:
            raise WorkerDied("the process could not be started") from error

    def _discard(self) -> None:
        worker, self.worker = self.worker, None
        if worker is not None:
            worker.close()


def _cancelled() -> Cancelled:
    return Cancelled(Reason.CANCELLED, "The analysis was cancelled.")


def _shutting_down() -> Unavailable:
    return Unavailable(Reason.SHUTTING_DOWN, "The service is shutting down.")
