"""Who calls, and what that lets them do: authentication by bearer token, roles, namespaces."""

import re
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Protocol

from rpc import context
from rpc.errors import AssayError, PermissionDenied, Unauthenticated
from rpc.reasons import Reason
from rpc.roles import Role, least_role
from rpc.tokens import Principal

DEFAULT_NAMESPACE = "default"

NOBODY_ASKED = Principal(DEFAULT_NAMESPACE, Role.SERVICE, "")
"""Every caller of a server without tokens: it is reached from its own machine, or from a network that is trusted."""

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]+=*)")
_MAX_HEADER_CHARS = 600

caller: ContextVar[Principal] = ContextVar("caller", default=NOBODY_ASKED)


class Tokens(Protocol):
    """Where tokens are known: see `TokenTable` and `TokenFile`."""

    def find(self, token: str) -> Principal | None:
        """Return whom a token stands for."""
        ...


class Access:
    """Lets callers in, each as whom its token says. Without tokens everybody is let in and may everything."""

    def __init__(self, tokens: Tokens | None = None, anonymous_namespace: str = "") -> None:
        """`anonymous_namespace`: where callers without a token are writers; empty: they are refused."""
        self._tokens = tokens
        self._anonymous = Principal(anonymous_namespace, Role.WRITER, "anonymous") if anonymous_namespace else None

    @property
    def guarded(self) -> bool:
        """Whether it asks for tokens at all."""
        return self._tokens is not None

    def admit(self, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> None:
        """Let a call in: `caller` and the credential to forward are set for all that it does.

        Raises:
            Unauthenticated: no token, one that is not known, or more than one.
            PermissionDenied: PERMISSION_DENIED: the role may not call this.
        """
        self.admit_for(least_role(method), [value for name, value in metadata if name == context.CREDENTIAL_KEY])

    def admit_for(self, needed: Role, credentials: list[str | bytes]) -> None:
        """Let in whoever has a role, by the values of its `authorization`; see `admit`."""
        caller.set(NOBODY_ASKED)
        context.credential.set("")
        if len(credentials) > 1:  # which of them would count depends on who reads them
            raise _unauthenticated("More than one authorization was sent.")
        credential = credentials[0] if credentials else ""
        principal = self._principal(credential)
        caller.set(principal)
        require(needed)
        context.credential.set(credential if isinstance(credential, str) else "")

    def _principal(self, credential: str | bytes) -> Principal:
        if self._tokens is None:
            return NOBODY_ASKED
        if not credential and self._anonymous is not None:
            return self._anonymous
        if not credential:
            raise _unauthenticated("A token is needed: authorization: Bearer TOKEN.")
        if isinstance(credential, bytes) or len(credential) > _MAX_HEADER_CHARS:
            raise _unauthenticated("The authorization is not of the form: Bearer TOKEN.")
        said = _BEARER.fullmatch(credential)
        if said is None:
            raise _unauthenticated("The authorization is not of the form: Bearer TOKEN.")
        known = self._tokens.find(said[1])
        if known is None:
            raise _unauthenticated("The token is not known.")
        return known


def require(needed: Role) -> None:
    """Refuse a caller whose role is less.

    Raises:
        PermissionDenied: PERMISSION_DENIED.
    """
    role = caller.get().role
    if not role.covers(needed):
        raise PermissionDenied(
            Reason.PERMISSION_DENIED,
            f"This needs the role {needed}; the token has the role {role}.",
            metadata={"needed": needed, "role": role},
        )


def namespace_for(given: str) -> str:
    """Return the namespace that the caller means: its own where it names none.

    Raises:
        PermissionDenied: NAMESPACE_FORBIDDEN: it is another's.
    """
    principal = caller.get()
    if not given or given == principal.namespace:
        return principal.namespace
    if principal.role is Role.SERVICE:
        return given
    raise namespace_forbidden(given)


def namespace_to_name(given: str = "") -> str:
    """Return what to call the caller's namespace before another service, which may not know the caller.

    Raises:
        PermissionDenied: NAMESPACE_FORBIDDEN: it is another's.
    """
    if caller.get() is NOBODY_ASKED:
        return given  # then the other service knows whose token it is
    return namespace_for(given)


def namespace_forbidden(namespace: str) -> AssayError:
    """Return the error for a namespace that the caller's token does not open, whether or not there is such a one."""
    return PermissionDenied(
        Reason.NAMESPACE_FORBIDDEN,
        "The token does not open this namespace.",
        metadata={"namespace": namespace},
    )


def _unauthenticated(message: str) -> Unauthenticated:
    return Unauthenticated(Reason.UNAUTHENTICATED, message)
