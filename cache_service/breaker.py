"""A circuit breaker: after a failure a tier is left alone for a short while instead of being asked again and again."""

import time
from collections.abc import Callable

from rpc.errors import ResourceExhausted
from rpc.reasons import Reason


class TierAway(Exception):
    """A tier does not answer, or has not answered just now; `tier` names it."""

    def __init__(self, tier: str) -> None:
        super().__init__(f"{tier} does not answer")
        self.tier = tier


class TierBusy(ResourceExhausted):
    """A tier answers, but not to this caller in time: it has too much to do.

    It is not a TierAway: whoever passed over a busy tier would split a lease between two authorities. Unless somebody
    catches it, the caller is told to come back later. It leaves the breaker as it is.
    """

    def __init__(self, tier: str) -> None:
        super().__init__(Reason.OVERLOADED, "The service is overloaded just now; try again a little later.")
        self.tier = tier


NOT_NOW = (TierAway, TierBusy)
"""What to catch around work that may as well be left undone."""


class Breaker:
    """Open after a failure for `rest_seconds`; then one caller may try while the others still see it open."""

    def __init__(self, tier: str, rest_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.tier = tier
        self._rest_seconds = rest_seconds
        self._clock = clock
        self._open_until: float | None = None

    @property
    def available(self) -> bool:
        """Whether the last attempt went well, or none was made yet."""
        return self._open_until is None

    def check(self) -> None:
        """Raise TierAway while the tier is being left alone."""
        if self._open_until is None:
            return
        now = self._clock()
        if now < self._open_until:
            raise TierAway(self.tier)
        self._open_until = now + self._rest_seconds  # this caller tries; the next ones wait for its outcome

    def succeeded(self) -> None:
        """Close."""
        self._open_until = None

    def failed(self) -> None:
        """Open."""
        self._open_until = self._clock() + self._rest_seconds
