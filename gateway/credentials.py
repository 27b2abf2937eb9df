"""Who asks over HTTP: the bearer token of a request, checked here where the gateway knows tokens, and handed on."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.problems import error_answer
from rpc.access import Access
from rpc.errors import AssayError
from rpc.roles import Role

_OPEN_PATHS = frozenset({"/", "/health", "/docs", "/openapi.json", "/problems", "/console"})
"""What a load balancer or a newcomer asks for; none of it tells of a namespace."""

_OPEN_FOLDERS = ("/docs/", "/problems/", "/console/", "/webhooks/")
"""Pages and what they load, which tell of nobody either; webhooks are signed themselves."""

_ROLES = {
    ("GET", "/metrics"): Role.SERVICE,  # totals over all namespaces
    ("POST", "/v1/lookups"): Role.READER,  # a question that is too long for an address
    ("POST", "/v1/explanations"): Role.READER,
}
"""The least role of single addresses."""

_READING = frozenset({"GET", "HEAD", "OPTIONS"})


class CredentialCheck:
    """Lets requests in by their token. The services have the last word on what each may do."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 or 403, or pass the request on with its caller known."""
        if scope["type"] == "http" and not _is_open(scope["path"]):
            try:
                credentials: list[str | bytes] = list(Headers(scope=scope).getlist("authorization"))
                self._access.admit_for(_needed(scope["method"], scope["path"]), credentials)
            except AssayError as error:
                await error_answer(error)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _is_open(path: str) -> bool:
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDERS)


def _needed(method: str, path: str) -> Role:
    return _ROLES.get((method, path), Role.READER if method in _READING else Role.WRITER)
