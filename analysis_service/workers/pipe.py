"""What travels between the pool and a worker process: JSON heads, raw bytes, one file descriptor. No pickle."""

import json
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any

from rpc.errors import BY_CODE, AssayError, Internal, Violation
from rpc.reasons import Reason


class Pipe:
    """One end of a duplex pipe, over a stream socket whose descriptor it owns.

    Its methods raise one of `GONE` where the other end is gone.
    """

    def __init__(self, descriptor: int) -> None:
        self._connection: Connection[Any, Any] = Connection(descriptor)

    def send(self, head: dict[str, Any], body: bytes | None = None) -> None:
        """Send a head, and the bytes that belong to it."""
        self._connection.send_bytes(json.dumps(head).encode())
        if body is not None:
            self._connection.send_bytes(body)

    def receive(self) -> dict[str, Any]:
        """Wait for a head."""
        head: dict[str, Any] = json.loads(self._connection.recv_bytes())
        return head

    def receive_body(self) -> bytes:
        """Wait for the bytes that belong to the last head."""
        return self._connection.recv_bytes()

    def send_file(self, descriptor: int, process: int) -> None:
        """Hand an open file over to the process at the other end."""
        reduction.send_handle(self._connection, descriptor, process)

    def receive_file(self) -> int:
        """Wait for an open file; the caller closes it."""
        return reduction.recv_handle(self._connection)

    def has_news(self, seconds: float) -> bool:
        """Wait up to so long for something to receive, the other end's leaving included."""
        return self._connection.poll(seconds)

    def close(self) -> None:
        """Close this end."""
        self._connection.close()


GONE = (EOFError, OSError)
"""What a pipe raises when the other end is gone."""


def head_of(error: AssayError) -> dict[str, Any]:
    """Return the head that carries an error."""
    return {
        "kind": "refused",
        "code": error.code,
        "reason": error.reason,
        "message": error.message,
        "metadata": error.metadata,
        "violations": [[violation.field, violation.description] for violation in error.violations],
    }


def error_in(head: dict[str, Any]) -> AssayError:
    """Return the error that a head carries."""
    return BY_CODE.get(head["code"], Internal)(
        Reason(head["reason"]),
        head["message"],
        metadata=head["metadata"],
        violations=[Violation(field, description) for field, description in head["violations"]],
    )
