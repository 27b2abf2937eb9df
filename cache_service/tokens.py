"""Tokens of leases: they name the authority that granted the lease and all that a commit must know of the job."""

from dataclasses import dataclass

import orjson

from cache_service.jobs.face import identity_json, identity_of
from cache_service.keys import Identity, job_id_of
from rpc.errors import InvalidArgument
from rpc.reasons import Reason


@dataclass(frozen=True, slots=True)
class Token:
    """A lease as its holder carries it."""

    authority: str
    owner_id: str
    nonce: bytes
    identity: Identity

    def packed(self) -> bytes:
        """Return the token as bytes."""
        return orjson.dumps(
            {
                "authority": self.authority,
                "owner": self.owner_id,
                "nonce": self.nonce.hex(),
                "identity": identity_json(self.identity),
            }
        )


def token_of(raw: bytes) -> Token:
    """Return the token that these bytes are.

    Raises:
        InvalidArgument: TOKEN_INVALID.
    """
    try:
        data = orjson.loads(raw)
        identity = identity_of(data["identity"])
        if identity.job_id != job_id_of(identity.key):
            raise ValueError("the job id is not that of the key")
        return Token(str(data["authority"]), str(data["owner"]), bytes.fromhex(data["nonce"]), identity)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidArgument(Reason.TOKEN_INVALID, "The token was not issued by this cache.") from error
