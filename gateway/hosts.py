"""Who may be meant and who may ask: any web page can post to a loopback port, and any name can point to it."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.problems import error_answer
from rpc.errors import InvalidArgument, PermissionDenied
from rpc.reasons import Reason

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class HostCheck:
    """Refuses requests for a host name that is not ours, and requests of pages from origins that are not allowed."""

    def __init__(self, app: ASGIApp, hosts: Collection[str], origins: Collection[str]) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 403 or pass the request on."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            refusal = _ambiguity(headers) or self._refusal(headers.get("host", ""), headers.get("origin"))
            if refusal is not None:
                await error_answer(refusal)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, host: str, origin: str | None) -> PermissionDenied | None:
        if "*" not in self._hosts and _without_port(host.lower()) not in self._hosts:
            return PermissionDenied(
                Reason.PERMISSION_DENIED, "This host name is not answered to; ALLOWED_HOSTS can name it."
            )
        if origin is None or origin in self._origins or _is_same(origin.lower(), host.lower()):
            return None
        return PermissionDenied(Reason.PERMISSION_DENIED, "Pages of this origin may not ask; CORS_ORIGINS can name it.")


def _ambiguity(headers: Headers) -> InvalidArgument | None:
    for name in ("host", "origin"):
        if len(headers.getlist(name)) > 1:  # which of them would count depends on who reads them
            return InvalidArgument(Reason.FIELD_INVALID, f"The header {name} was sent twice.", metadata={"field": name})
    return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host


def _is_same(origin: str, host: str) -> bool:
    scheme, _, place = origin.partition("://")
    default = _DEFAULT_PORTS.get(scheme, "")
    return bool(place) and place.removesuffix(default) == host.removesuffix(default)
