"""Server reflection: what a server offers, for callers without the contract."""

from typing import Any

from google.protobuf import descriptor_pool
from grpc_reflection.v1alpha import reflection


class MethodPool:
    """The descriptors of this process, in which a method is found as well.

    Reflection lets a caller ask for the file of a method, as ghz does; protobuf's own pool knows services at most.
    """

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:  # noqa: N802 - protobuf's name
        """Return the file of a symbol.

        Raises:
            KeyError: if there is none.
        """
        try:
            return self._pool.FindFileContainingSymbol(symbol)
        except KeyError:
            service, _, method = symbol.rpartition(".")
            return self._pool.FindServiceByName(service).FindMethodByName(method).containing_service.file


def describe(service_names: tuple[str, ...], server: Any) -> None:
    """Let a server, synchronous or aio, tell of these services, of its health, and of reflection itself."""
    names = (*service_names, "grpc.health.v1.Health", reflection.SERVICE_NAME)
    reflection.enable_server_reflection(names, server, MethodPool(descriptor_pool.Default()))
