"""Tokens of leases: they name the authority that granted the lease and all that a commit must know of the job."""

from dataclasses import dataclass
from typing import Any

import orjson

from cache_service.jobs.face import identity_json, identity_of
from cache_service.keys import MAX_SIZE_BYTES, Identity, identify
from rpc.errors import InvalidArgument
from rpc.reasons import Reason

MAX_OWNER_CHARS = 200

_AUTHORITIES = {"durable", "hot", "process"}
_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Token:
    """A lease as its holder carries it."""

    authority: str
    owner_id: str
    nonce: bytes
    identity: Identity
    generation: int = 0
    """That of the newest invalidation known when the lease was granted; a later one voids it."""

    def packed(self) -> bytes:
        """Return the token as bytes."""
        return orjson.dumps(
            {
                "authority": self.authority,
                "owner": self.owner_id,
                "nonce": self.nonce.hex(),
                "identity": identity_json(self.identity),
                "generation": self.generation,
            }
        )


def token_of(raw: bytes) -> Token:
    """Return the token that these bytes are.

    Raises:
        InvalidArgument: TOKEN_INVALID.
    """
    try:
        return _checked(orjson.loads(raw))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InvalidArgument(Reason.TOKEN_INVALID, "The token was not issued by this cache.") from error


def _checked(data: dict[str, Any]) -> Token:
    """Return the token, whose identity is the one that follows from its parts."""
    said = identity_of(data["identity"])
    token = Token(data["authority"], data["owner"], bytes.fromhex(data["nonce"]), said, data["generation"])
    if type(token.generation) is not int or not 0 <= token.generation <= MAX_SIZE_BYTES:
        raise ValueError("no generation")
    if said != identify(said.namespace, said.pipeline, said.params, said.reference_digest, said.blob):
        raise ValueError("the identity is not that of its key")
    if token.authority not in _AUTHORITIES or len(token.nonce) != _NONCE_BYTES:
        raise ValueError("no authority grants such a lease")
    if len(token.owner_id) > MAX_OWNER_CHARS or "\x00" in token.owner_id:
        raise ValueError("nobody has such a name")
    return token
