"""The audit: who took away what, and, where that is switched on, who saw which result."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cache_service.breaker import NOT_NOW
from cache_service.engines.postgres import Postgres
from rpc.access import caller
from rpc.context import request_id
from rpc.logs import get_logger

log = get_logger(__name__)

DONE = "done"
"""The outcome of what went as asked; of what did not, the outcome is the reason of its error."""

_FLUSH_SECONDS = 1.0
_SLICE = 500
_MOST_WAITING = 50_000
"""Some 20 MB: what a busy hour notes while the database is away."""

_MAX_NOTE_CHARS = 500

_INSERT = (
    "INSERT INTO audit (at, label, role, rpc, namespace, subject, outcome, note, request_id)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
)


@dataclass(frozen=True, slots=True)
class Note:
    """One line of the audit. `at` is in seconds since 1970; `subject` a job id, a digest, or what was selected."""

    at: float
    label: str
    role: str
    rpc: str
    namespace: str
    subject: str
    outcome: str
    note: str
    request_id: str


class Audit:
    """Notes on their way into the table. Without a database they are lines of the log."""

    def __init__(
        self, database: Postgres | None, *, accesses: bool = False, clock: Callable[[], float] = time.time
    ) -> None:
        """`accesses`: whether `access` notes anything."""
        self._database = database
        self._accesses = accesses
        self._clock = clock
        self._waiting: deque[Note] = deque()
        self._writing = asyncio.Lock()
        self.dropped = 0

    def access(self, rpc: str, namespace: str, subject: str) -> None:
        """Note that the caller was given a result or a file; written soon, off the path of the answer."""
        if self._accesses:
            self.note(rpc, namespace, subject)

    def note(self, rpc: str, namespace: str, subject: str, outcome: str = DONE, note: str = "") -> Note:
        """Note what the caller did; written soon."""
        principal = caller.get()
        made = Note(
            at=self._clock(),
            label=principal.label,
            role=principal.role,
            rpc=rpc,
            namespace=namespace,
            subject=subject,
            outcome=outcome,
            note=note.replace("\x00", "")[:_MAX_NOTE_CHARS],
            request_id=request_id.get(),
        )
        if self._database is None:
            _log(made)
        elif len(self._waiting) >= _MOST_WAITING:
            self.dropped += 1
            _log(made)
        else:
            self._waiting.append(made)
        return made

    async def record(self, rpc: str, namespace: str, subject: str, outcome: str = DONE, note: str = "") -> None:
        """Note what the caller did, before it is answered: for what takes away.

        Where the database is away, the log has it at once and the table when the database is back: an erasure is not
        refused because it cannot be noted.
        """
        made = self.note(rpc, namespace, subject, outcome, note)
        try:
            await self.flush()
        except NOT_NOW:
            _log(made)

    async def flush(self) -> None:
        """Write what was noted before this call, now.

        Raises:
            TierAway: if the database does not answer; what was not written stays noted.
        """
        if self._database is None:
            return
        async with self._writing:
            left = len(self._waiting)
            while left > 0:
                notes = [self._waiting[index] for index in range(min(_SLICE, left))]
                async with self._database.transaction() as transaction:
                    await transaction.run_many(_INSERT, [_row(note) for note in notes])
                for _ in notes:
                    self._waiting.popleft()
                left -= len(notes)

    async def run(self) -> None:
        """Flush now and then, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            try:
                await self.flush()
            except NOT_NOW:
                continue  # tried again at the next turn; the breaker keeps it cheap
            except Exception as error:
                log.error("the audit could not be written", error=type(error).__name__)  # noqa: TRY400 - its text may quote values


def _row(note: Note) -> tuple[object, ...]:
    return (
        datetime.fromtimestamp(note.at, UTC),
        note.label,
        note.role,
        note.rpc,
        note.namespace,
        note.subject,
        note.outcome,
        note.note,
        note.request_id,
    )


def _log(note: Note) -> None:
    """Write a note into the log, but for its free text, which may name a patient."""
    log.warning(
        "audit",
        label=note.label,
        role=note.role,
        rpc=note.rpc,
        namespace=note.namespace,
        subject=note.subject,
        outcome=note.outcome,
    )
