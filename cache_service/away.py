"""A tier that is away, as the error that a caller sees."""

from cache_service.breaker import TierAway
from rpc.errors import Unavailable
from rpc.reasons import Reason


class AwayAs:
    """Turns TierAway into the error that the caller sees."""

    def __init__(self, reason: Reason, message: str) -> None:
        self._reason = reason
        self._message = message

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, TierAway):
            raise Unavailable(self._reason, self._message) from error
