"""Callers with tokens: one of each role in two labs' namespaces, and a service."""

import json

from rpc.roles import Role
from rpc.tokens import digest_of, new_token

OWN, OTHER = "lab-own", "lab-other"

TOKENS: dict[tuple[str, Role], str] = {
    (namespace, role): new_token() for namespace in (OWN, OTHER) for role in (Role.READER, Role.WRITER, Role.ADMIN)
} | {("default", Role.SERVICE): new_token()}

SERVICE = TOKENS["default", Role.SERVICE]
READER, WRITER, ADMIN = (TOKENS[OWN, role] for role in (Role.READER, Role.WRITER, Role.ADMIN))
OTHER_WRITER, OTHER_ADMIN = TOKENS[OTHER, Role.WRITER], TOKENS[OTHER, Role.ADMIN]

TOKENS_TEXT = json.dumps(
    {
        "tokens": [
            {"sha256": digest_of(token).hex(), "namespace": namespace, "role": role, "label": f"{role} of {namespace}"}
            for (namespace, role), token in TOKENS.items()
        ]
    }
)


def by_role() -> dict[Role, str]:
    """Return a token of each role, those below service of one namespace."""
    return {role: TOKENS["default" if role is Role.SERVICE else OWN, role] for role in Role}


def bearer(token: str) -> tuple[tuple[str, str], ...]:
    """Return the metadata that shows a token; none for none."""
    return (("authorization", f"Bearer {token}"),) if token else ()
