"""Who may be meant and who may ask: any web page can post to a loopback port, and any name can point to it."""

from collections.abc import Collection

from starlette.types import Scope

from gateway.headers import all_headers
from rpc.errors import InvalidArgument, PermissionDenied
from rpc.reasons import Reason

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class HostCheck:
    """Refuses requests for a host name that is not ours, and requests of pages from origins that are not allowed."""

    def __init__(self, hosts: Collection[str], origins: Collection[str]) -> None:
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)

    async def check(self, scope: Scope) -> None:
        """Refuse a request.

        Raises:
            InvalidArgument: FIELD_INVALID: it says twice whom it means.
            PermissionDenied: PERMISSION_DENIED.
        """
        hosts, origins = all_headers(scope, b"host"), all_headers(scope, b"origin")
        _demand_one("host", hosts)
        _demand_one("origin", origins)
        refusal = self._refusal(hosts[0] if hosts else "", origins[0] if origins else None)
        if refusal is not None:
            raise refusal

    def _refusal(self, host: str, origin: str | None) -> PermissionDenied | None:
        if "*" not in self._hosts and _without_port(host.lower()) not in self._hosts:
            return PermissionDenied(
                Reason.PERMISSION_DENIED, "This host name is not answered to; ALLOWED_HOSTS can name it."
            )
        if origin is None or origin in self._origins or _is_same(origin.lower(), host.lower()):
            return None
        return PermissionDenied(Reason.PERMISSION_DENIED, "Pages of this origin may not ask; CORS_ORIGINS can name it.")


def _demand_one(name: str, values: list[str]) -> None:
    if len(values) > 1:  # which of them would count depends on who reads them
        raise InvalidArgument(Reason.FIELD_INVALID, f"The header {name} was sent twice.", metadata={"field": name})


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _is_same(origin: str, host: str) -> bool:
    scheme, _, place = origin.partition("://")
    default = _DEFAULT_PORTS.get(scheme, "")
    return bool(place) and place.removesuffix(default) == host.removesuffix(default)
