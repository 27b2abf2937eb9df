"""Who asks over HTTP: the bearer token of a request, checked here where the gateway knows tokens, and handed on."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.problems import error_answer
from rpc.access import Access
from rpc.errors import AssayError
from rpc.roles import Role

_OPEN_PATHS = frozenset({"/", "/health", "/docs", "/docs/oauth2-redirect", "/redoc", "/openapi.json"})
"""What a load balancer or a newcomer asks for; none of it tells of a namespace."""

_ROLES = {("GET", "/metrics"): Role.SERVICE}
"""The least role of single addresses; the metrics are totals over all namespaces."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class CredentialCheck:
    """Lets requests in by their token. The services have the last word on what each may do."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 403, or pass the request on with its caller known."""
        if scope["type"] == "http" and scope["path"] not in _OPEN_PATHS:
            try:
                credentials: list[str | bytes] = list(Headers(scope=scope).getlist("authorization"))
                self._access.admit_for(_needed(scope["method"], scope["path"]), credentials)
            except AssayError as error:
                await error_answer(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _needed(method: str, path: str) -> Role:
    return _ROLES.get((method, path), Role.READER if method in _READING else Role.WRITER)
