"""When blobs were last used: on a local disk by their own time of change, elsewhere noted for a table."""

import asyncio
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

_AGAIN_SECONDS = 300.0
"""How long a use counts before it is noted again: much less than the hour for which a use keeps a blob."""

_MOST_REMEMBERED = 100_000


class BlobUses:
    """Uses of blobs by their paths."""

    def __init__(self, folder: Path | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._clock = clock
        self._noted_at: OrderedDict[str, float] = OrderedDict()
        self.unwritten: dict[str, float] = {}
        """Where the store cannot be told: paths, and when each was last used, in seconds since 1970."""

    async def note(self, path: str) -> None:
        """Note that a blob is used.

        Raises:
            FileNotFoundError: if it is not there (of a local disk).
        """
        now = self._clock()
        if now - self._noted_at.get(path, float("-inf")) < _AGAIN_SECONDS:
            return
        if self._folder is None:
            self.unwritten[path] = time.time()
        else:
            await asyncio.to_thread(os.utime, self._folder / path)
        self._noted_at[path] = now
        self._noted_at.move_to_end(path)
        if len(self._noted_at) > _MOST_REMEMBERED:
            self._noted_at.popitem(last=False)
