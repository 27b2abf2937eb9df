"""Bounds on how many calls run at once: too many are refused at once, never queued."""

from collections.abc import Mapping

from rpc.errors import ResourceExhausted
from rpc.reasons import Reason


class Gate:
    """Counts the calls inside; `limit` None lets every call in."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self.inside = 0

    def enter(self) -> bool:
        """Count a call in; False if there is no room."""
        if self.limit is not None and self.inside >= self.limit:
            return False
        self.inside += 1
        return True

    def leave(self) -> None:
        """Count a call out."""
        self.inside -= 1


class Gates:
    """Which gate a method passes: `special` by method name, the others `common`."""

    def __init__(self, common: Gate, special: Mapping[str, Gate]) -> None:
        self._common = common
        self._special = dict(special)

    def of(self, method: str) -> Gate:
        """Return the gate of a method, named without its service."""
        return self._special.get(method, self._common)


def overloaded(gate: Gate) -> ResourceExhausted:
    """Return the error for a call that found no room."""
    return ResourceExhausted(
        Reason.OVERLOADED,
        f"{gate.limit} calls are running already; try again after a pause.",
        metadata={"limit": str(gate.limit)},
    )
