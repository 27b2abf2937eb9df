"""Tokens of leases: they name the authority that granted the lease and all that a commit must know of the job.

Tokens of tasks: they name the task. One kind does not pass for the other.
"""

import uuid
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


@dataclass(frozen=True, slots=True)
class TaskToken:
    """A claim of a task as its holder carries it."""

    task_id: str
    nonce: bytes

    def packed(self) -> bytes:
        """Return the token as bytes."""
        return orjson.dumps({"task": self.task_id, "nonce": self.nonce.hex()})


def any_token_of(raw: bytes) -> Token | TaskToken:
    """Return the token that these bytes are, of a lease or of a task.

    Raises:
        InvalidArgument: TOKEN_INVALID.
    """
    try:
        data = orjson.loads(raw)
        return _checked_task(data) if "task" in data else _checked(data)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise InvalidArgument(Reason.TOKEN_INVALID, "The token was not issued by this cache.") from error


def token_of(raw: bytes) -> Token:
    """Return the token of a lease that these bytes are.

    Raises:
        InvalidArgument: TOKEN_INVALID.
    """
    token = any_token_of(raw)
    if isinstance(token, Token):
        return token
    raise InvalidArgument(Reason.TOKEN_INVALID, "This is the token of a task, not of a lease.")


def task_token_of(raw: bytes) -> TaskToken:
    """Return the token of a task that these bytes are.

    Raises:
        InvalidArgument: TOKEN_INVALID.
    """
    token = any_token_of(raw)
    if isinstance(token, TaskToken):
        return token
    raise InvalidArgument(Reason.TOKEN_INVALID, "This is the token of a lease, not of a task.")


def _checked_task(data: dict[str, Any]) -> TaskToken:
    token = TaskToken(str(uuid.UUID(data["task"])), bytes.fromhex(data["nonce"]))
    if len(token.nonce) != _NONCE_BYTES:
        raise ValueError("no claim has such a nonce")
    return token


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
