"""Who asks over HTTP: the bearer token of a request, checked here where the gateway knows tokens, and handed on."""

import re
from collections.abc import Sequence

from starlette.types import Scope

from gateway.headers import all_headers
from rpc.access import Access
from rpc.roles import Role, least_role

_OPEN_PATHS = frozenset({"/", "/health", "/docs", "/openapi.json", "/problems", "/console"})
"""What a load balancer or a newcomer asks for; none of it tells of a namespace."""

_OPEN_FOLDERS = ("/docs/", "/problems/", "/console/", "/webhooks/")
"""Pages and what they load, which tell of nobody either; webhooks are signed themselves."""

_METRICS = ("GET", "/metrics")

_RPCS: Sequence[tuple[str, re.Pattern[str], str]] = (
    ("POST", re.compile("/v1/lookups"), "Lookup"),  # a question that is too long for an address
    ("POST", re.compile("/v1/explanations"), "Explain"),
    ("GET", re.compile("/v1/jobs/[^/]+/explanation"), "Explain"),
    ("GET", re.compile("/v1/stats"), "GetStats"),
    ("POST", re.compile("/v1/invalidations"), "Invalidate"),
    ("DELETE", re.compile("/v1/blobs/[^/]+"), "EraseBlob"),
)
"""The RPC behind an address, where its role is not the one that its method tells: what the service will ask for."""

_READING = frozenset({"GET", "OPTIONS"})


class CredentialCheck:
    """Lets requests in by their token. The services have the last word on what each may do."""

    def __init__(self, access: Access) -> None:
        self._access = access

    async def check(self, scope: Scope) -> None:
        """Let a request in, with its caller known.

        Raises:
            Unauthenticated: no token, one that is not known, or more than one.
            PermissionDenied: PERMISSION_DENIED: its role may not ask this.
        """
        if _is_open(scope["path"]):
            return
        credentials: list[str | bytes] = list(all_headers(scope, b"authorization"))
        self._access.admit_for(_needed(scope["method"], scope["path"]), credentials)


def _is_open(path: str) -> bool:
    return path in _OPEN_PATHS or path.startswith(_OPEN_FOLDERS)


def _needed(method: str, path: str) -> Role:
    if (method, path) == _METRICS:
        return Role.SERVICE  # totals over all namespaces
    for of_method, of_path, rpc in _RPCS:
        if method == of_method and of_path.fullmatch(path):
            return least_role(rpc)
    return Role.READER if method in _READING else Role.WRITER
