"""Signatures of webhooks, as the Standard Webhooks specification (version 1) has them."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from rpc.errors import Unauthenticated
from rpc.reasons import Reason

_SECRET_PREFIX = "whsec_"  # noqa: S105 - how the specification marks secrets, not one of them
_MAX_ID_CHARS = 200


class Signatures:
    """Checks webhooks by secrets; several let one be replaced without a gap."""

    def __init__(self, secrets: Sequence[str], tolerance_seconds: float) -> None:
        self._keys = [key_of(secret) for secret in secrets]
        self._tolerance_seconds = tolerance_seconds

    def check(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """Return the id of a webhook that is signed rightly and lately; `now` is in seconds since 1970.

        Raises:
            Unauthenticated: SIGNATURE_INVALID.
        """
        identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not 0 < len(identifier) <= _MAX_ID_CHARS or not identifier.isprintable():
            raise _refusal("webhook-id is missing or too long")
        if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 12):
            raise _refusal("webhook-timestamp is not a number of seconds since 1970")
        if abs(now - int(timestamp)) > self._tolerance_seconds:
            raise _refusal(f"webhook-timestamp is off by more than {self._tolerance_seconds:g} s")
        if not self._is_signed(f"{identifier}.{timestamp}.".encode() + body, headers.get("webhook-signature", "")):
            raise _refusal("none of webhook-signature is that of this body")
        return identifier

    def _is_signed(self, signed: bytes, offered: str) -> bool:
        given = [item.removeprefix("v1,").encode() for item in offered.split() if item.startswith("v1,")]
        wanted = [signature(key, signed) for key in self._keys]
        matches = [hmac.compare_digest(one, other) for one in given for other in wanted]  # all, for constant time
        return any(matches)


def signature(key: bytes, signed: bytes) -> bytes:
    """Return the base64 of the HMAC-SHA256 of what is signed."""
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256))


def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for: base64, with or without the specification's prefix.

    Raises:
        ValueError: it is not base64, or shorter than the 24 bytes that the specification asks for.
    """
    try:
        key = base64.b64decode(secret.removeprefix(_SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("WEBHOOK_SECRETS must be base64, as whsec_…") from None
    if len(key) < 24:
        raise ValueError("each of WEBHOOK_SECRETS must hold 24 bytes at least")
    return key


def _refusal(how: str) -> Unauthenticated:
    return Unauthenticated(Reason.SIGNATURE_INVALID, f"The webhook is refused: {how}.")
