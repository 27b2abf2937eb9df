"""Tells the cache what is offered, again and again, so that one that starts later or lost its state learns it."""

import threading
from collections.abc import Callable, Sequence

from analysis_service.service.cache import Cache
from assaycache.cache.v1.pipelines_pb2 import PipelineOffer
from rpc.errors import AssayError
from rpc.logs import get_logger

log = get_logger(__name__)

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 1.0


class Announcer:
    """A thread that announces to one replica of the cache; `offers` returns what is offered now."""

    def __init__(self, cache: Cache, offers: Callable[[], Sequence[PipelineOffer]], every_seconds: float) -> None:
        self._cache = cache
        self._offers = offers
        self._every_seconds = every_seconds
        self._is_stopping = threading.Event()
        self._is_known = threading.Event()
        self._thread = threading.Thread(target=self._run, name="announcer", daemon=True)

    def start(self) -> None:
        """Begin to announce."""
        self._thread.start()

    def wait_until_known(self, seconds: float) -> bool:
        """Wait up to so long for the first announcement; whether it was made."""
        return self._is_known.wait(seconds)

    def announce(self) -> bool:
        """Announce at once; whether the cache has heard it. Any thread may."""
        try:
            self._cache.announce(self._offers())
        except AssayError as error:
            log.warning("the cache could not be told what is offered", reason=error.reason, text=error.message)
            return False
        return True

    def stop(self) -> None:
        """Announce no more."""
        self._is_stopping.set()
        self._thread.join()

    def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while not self._is_stopping.is_set():
            if self.announce():
                self._is_known.set()
                pause = self._every_seconds
            else:
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            self._is_stopping.wait(pause)
