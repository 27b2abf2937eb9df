"""Records and identities for tests of the cache."""

import hashlib
import time

import zstandard

from cache_service.entries import Failure, Payload, Record
from cache_service.keys import Blob, Identity, Pipeline, identify


def some_identity(content: bytes = b"recording", namespace: str = "default") -> Identity:
    """Return the identity of a question about this content."""
    blob = Blob(hashlib.sha256(content).digest(), len(content))
    return identify(namespace, Pipeline("emg.session", "1.0.0"), b"", b"", blob)


def some_payload(content: bytes = b"result " * 20) -> Payload:
    """Return a payload of this content."""
    return Payload(
        zstandard.ZstdCompressor().compress(content),
        "zstd",
        hashlib.sha256(content).digest(),
        len(content),
        "test.Result",
    )


def some_record(
    key: bytes | None = None, content: bytes = b"result " * 20, seconds: float = 60.0, cost_ms: float = 12.5
) -> Record:
    """Return a record that is a result."""
    now = time.time()
    return Record(key or some_identity(content).key, some_payload(content), cost_ms, now, now + seconds)


def some_failure(key: bytes | None = None, seconds: float = 60.0) -> Record:
    """Return a record that is a failure."""
    now = time.time()
    failure = Failure("FILE_NOT_C3D", "The file is not C3D.")
    return Record(key or some_identity(b"bad").key, failure, 0.0, now, now + seconds)
