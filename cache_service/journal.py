"""Writing into the job book behind the answers: in batches, off the path of a hit."""

import asyncio

from cache_service.breaker import TierAway
from cache_service.jobs.face import Event, JobBook
from rpc.logs import get_logger

log = get_logger(__name__)

_FLUSH_SECONDS = 0.2
_MOST_WAITING = 20_000


class Journal:
    """Events on their way into the book. While its place is away they wait, a bounded number of them."""

    def __init__(self, book: JobBook) -> None:
        self._book = book
        self._events: list[Event] = []
        self._writing = asyncio.Lock()
        self.dropped = 0

    def note(self, event: Event) -> None:
        """Note an event, to be written soon."""
        if len(self._events) >= _MOST_WAITING:
            self.dropped += 1
            return
        self._events.append(event)

    async def flush(self) -> None:
        """Write what was noted, now.

        Raises:
            TierAway: if the book's place does not answer; what was noted stays noted.
        """
        async with self._writing:
            events, self._events = self._events, []
            if not events:
                return
            try:
                await self._book.write(events)
            except BaseException:
                self._events = events + self._events
                raise

    async def run(self) -> None:
        """Flush now and then, until cancelled."""
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            try:
                await self.flush()
            except TierAway:
                continue  # tried again at the next turn; the breaker keeps it cheap
            except Exception:
                log.exception("the journal could not be written")
                self._events.clear()
