"""Fetching the bytes of queued work: only from storage that the operator allows, and only so many."""

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import SplitResult, unquote, urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError, PermissionDeniedError, UnauthenticatedError
from obstore.store import from_url

from rpc.errors import AssayError, InvalidArgument, NotFound, PermissionDenied, Unavailable
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)

_SCHEMES = {"file", "s3", "gs", "az", "http", "https"}
_CHUNK_BYTES = 1024 * 1024
_CLIENT_OPTIONS = {"connect_timeout": "5s", "timeout": "60s"}
_RETRY: Any = {"max_retries": 1}
"""Whoever queued it does not wait: the queue itself tries again, later."""


@dataclass(frozen=True)
class Fetched:
    """What was fetched."""

    sha256: bytes
    size_bytes: int
    name: str
    """The last part of its path."""


class Sources:
    """The storage that may be fetched from: URLs, below each of which everything is allowed."""

    def __init__(self, urls: str) -> None:
        """Read a list of URLs, joined by commas.

        Raises:
            ValueError: if one is not of a kind that can be fetched from.
        """
        self._roots = [_Root(url.strip()) for url in urls.split(",") if url.strip()]

    def fetch(self, uri: str, file: BinaryIO, limit_bytes: int) -> Fetched:
        """Write what lies at a URI into a file.

        Raises:
            PermissionDenied: SOURCE_FORBIDDEN.
            NotFound: SOURCE_MISSING.
            InvalidArgument: BLOB_TOO_LARGE.
            Unavailable: SOURCE_UNAVAILABLE.
        """
        root, path = self._allowed(uri)
        digest, size_bytes = hashlib.sha256(), 0
        with _errors_of(uri):
            found = obstore.get(root.store, path)
            _check_size(found.meta["size"], limit_bytes)
            for chunk in found.stream(min_chunk_size=_CHUNK_BYTES):
                size_bytes += len(chunk)
                _check_size(size_bytes, limit_bytes)
                digest.update(chunk)
                file.write(chunk)
        file.flush()
        return Fetched(digest.digest(), size_bytes, path.rsplit("/", 1)[-1])

    def _allowed(self, uri: str) -> tuple["_Root", str]:
        for root in self._roots:
            path = root.path_of(uri)
            if path:
                return root, path
        allowed = "nothing is" if not self._roots else "it is not below what is"
        raise PermissionDenied(
            Reason.SOURCE_FORBIDDEN, f"The file may not be fetched: {allowed} allowed by SOURCE_URLS."
        )


class _Root:
    """One URL below which everything is allowed."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in _SCHEMES or parts.query or parts.fragment or parts.username or parts.password:
            raise ValueError(f"SOURCE_URLS: {url!r} is not a URL such as s3://bucket/folder or file:///folder")
        self._parts = parts
        self._prefix = parts.path.rstrip("/") + "/"
        self._folder = Path(unquote(parts.path)).resolve() if parts.scheme == "file" else None
        options: Any = {} if self._folder else {"client_options": _client_options(parts), "retry_config": _RETRY}
        self.store: Any = from_url(url, **options)

    def path_of(self, uri: str) -> str | None:
        """Return the path of a URI below this root, None where it is not below."""
        try:
            parts = urlsplit(uri)
        except ValueError:
            return None
        below = (parts.scheme, parts.netloc) == (self._parts.scheme, self._parts.netloc)
        if not below or parts.query or parts.fragment or not parts.path.startswith(self._prefix):
            return None
        path = unquote(parts.path.removeprefix(self._prefix))
        if any(part in {"", ".", ".."} or "\\" in part or "\x00" in part for part in path.split("/")):
            return None
        return path if self._holds(path) else None

    def _holds(self, path: str) -> bool:
        """Whether a path stays below the folder when its links are followed."""
        return self._folder is None or (self._folder / path).resolve().is_relative_to(self._folder)


def _client_options(parts: SplitResult) -> dict[str, object]:
    return {**_CLIENT_OPTIONS, "allow_http": parts.scheme == "http"}


def _check_size(size_bytes: int, limit_bytes: int) -> None:
    if size_bytes > limit_bytes:
        raise InvalidArgument(
            Reason.BLOB_TOO_LARGE,
            f"The file is larger than the limit of {limit_bytes / 1e6:.0f} MB.",
            metadata={"limit_bytes": str(limit_bytes)},
        )


@contextlib.contextmanager
def _errors_of(uri: str) -> Iterator[None]:
    """Turn the storage's errors into ours. Their texts hold file names, so not even the log sees them."""
    try:
        yield
    except (FileNotFoundError, NotFoundError, IsADirectoryError) as error:
        raise NotFound(
            Reason.SOURCE_MISSING, "There is no file at the source.", metadata={"source_uri": uri}
        ) from error
    except (PermissionError, PermissionDeniedError, UnauthenticatedError) as error:
        raise PermissionDenied(Reason.SOURCE_FORBIDDEN, "The storage does not let the file be read.") from error
    except AssayError:
        raise
    except (OSError, BaseError) as error:
        log.warning("a source does not answer", error=type(error).__name__)
        raise Unavailable(Reason.SOURCE_UNAVAILABLE, "The storage does not answer.") from error
