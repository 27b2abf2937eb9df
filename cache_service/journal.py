"""Writing into the job book behind the answers: in batches, off the path of a hit."""

import asyncio
from collections import deque

import orjson

from cache_service.breaker import NOT_NOW
from cache_service.jobs.face import Event, JobBook
from rpc.logs import get_logger

log = get_logger(__name__)

_FLUSH_SECONDS = 0.2
_SLICE = 200
"""How many events one transaction writes: some milliseconds, far from any time-out."""

_MOST_WAITING = 20_000
_MOST_WAITING_BYTES = 64 * 1024 * 1024


class Journal:
    """Events on their way into the book. While its place is away they wait, a bounded number of them."""

    def __init__(self, book: JobBook) -> None:
        self._book = book
        self._events: deque[Event] = deque()
        self._size_bytes = 0
        self._writing = asyncio.Lock()
        self.dropped = 0

    def note(self, event: Event) -> None:
        """Note an event, to be written soon."""
        size_bytes = _size_bytes(event)
        if len(self._events) >= _MOST_WAITING or self._size_bytes + size_bytes > _MOST_WAITING_BYTES:
            self.dropped += 1
            return
        self._events.append(event)
        self._size_bytes += size_bytes

    async def drop(self, namespace: str, blob_sha256: bytes) -> None:
        """Note no longer what happened to a blob that is being erased."""
        async with self._writing:
            kept = [event for event in self._events if not _about(event, namespace, blob_sha256)]
            self._events = deque(kept)
            self._size_bytes = sum(map(_size_bytes, kept))

    async def flush(self) -> None:
        """Write what was noted before this call, now.

        Raises:
            TierAway: if the book's place does not answer; what was not written stays noted.
        """
        async with self._writing:
            left = len(self._events)
            while left > 0:
                events = [self._events[index] for index in range(min(_SLICE, left))]
                await self._write(events)
                for event in events:
                    self._events.popleft()
                    self._size_bytes -= _size_bytes(event)
                left -= len(events)

    async def run(self) -> None:
        """Flush now and then, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            try:
                await self.flush()
            except NOT_NOW:
                continue  # tried again at the next turn; the breaker keeps it cheap
            except Exception as error:
                # Not the error's text: it may quote file names.
                log.error("the journal could not be written", error=type(error).__name__)  # noqa: TRY400 - as above

    async def _write(self, events: list[Event]) -> None:
        """Write events together; where that fails for one of them, one by one, without that one."""
        try:
            await self._book.write(events)
        except NOT_NOW:
            raise
        except Exception as error:
            if len(events) == 1:
                job_id = events[0].identity.job_id
                log.error("an event was dropped", job_id=job_id, error=type(error).__name__)  # noqa: TRY400 - as above
                self.dropped += 1
                return
            for event in events:
                await self._write([event])


def _about(event: Event, namespace: str, blob_sha256: bytes) -> bool:
    return event.identity.namespace == namespace and event.identity.blob.sha256 == blob_sha256


def _size_bytes(event: Event) -> int:
    submission = event.submission
    if submission is None or not submission.metadata:
        return 1024
    return 1024 + len(orjson.dumps(submission.metadata))
