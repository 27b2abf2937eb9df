"""The JSON of results, rendered once and kept compressed while there is room."""

import base64
import gzip
import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache

import zstandard

RENDERER_VERSION = "1"
"""Part of every entity tag: raise it when the same result is rendered to other bytes than before."""

CODINGS = ("zstd", "gzip", "identity")
"""The content codings of results, best first."""

_GZIP_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Coded:
    """A rendering in one content coding."""

    body: bytes
    coding: str
    repr_digest: str


class Rendering:
    """One result as JSON. Making one compresses: do it beside the event loop."""

    def __init__(self, digest: bytes, plain: bytes) -> None:
        self.digest = digest
        self._repr_digests = {"identity": _repr_digest(plain)}
        self._bodies: dict[str, bytes] = {}
        self._keep("zstd", zstandard.compress(plain))

    @property
    def plain(self) -> bytes:
        """The JSON."""
        return zstandard.decompress(self._bodies["zstd"])

    @property
    def size_bytes(self) -> int:
        """What is kept of it."""
        return sum(map(len, self._bodies.values()))

    def has(self, coding: str) -> bool:
        """Tell whether a coding costs nothing more."""
        return coding == "identity" or coding in self._bodies

    def coded(self, coding: str) -> Coded:
        """Return it in a coding, compressing it the first time."""
        if not self.has(coding):
            self._keep("gzip", gzip.compress(self.plain, _GZIP_LEVEL, mtime=0))
        body = self.plain if coding == "identity" else self._bodies[coding]
        return Coded(body, coding, self._repr_digests[coding])

    def _keep(self, coding: str, body: bytes) -> None:
        self._repr_digests[coding] = _repr_digest(body)
        self._bodies[coding] = body


class Rendered:
    """A bounded memory of renderings by the digest of their result, least recently used out first.

    It is no cache of answers: JSON leaves it only for a digest that the cache service has named in the same request.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[bytes, tuple[Rendering, int]] = OrderedDict()
        self.size_bytes = 0

    def __contains__(self, digest: bytes) -> bool:
        return digest in self._kept

    def get(self, digest: bytes) -> Rendering | None:
        """Return the rendering of the result that the digest names."""
        if digest not in self._kept:
            return None
        self._kept.move_to_end(digest)
        return self._kept[digest][0]

    def put(self, rendering: Rendering) -> None:
        """Keep a rendering, or count anew one that has grown; what is larger than the whole memory is not kept."""
        self._drop(rendering.digest)
        size_bytes = rendering.size_bytes
        if size_bytes > self._limit_bytes:
            return
        self._kept[rendering.digest] = (rendering, size_bytes)
        self.size_bytes += size_bytes
        while self.size_bytes > self._limit_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, digest: bytes) -> None:
        if digest in self._kept:
            self.size_bytes -= self._kept.pop(digest)[1]


def entity_tag(digest: bytes, coding: str) -> str:
    """Return the strong entity tag of a result in a coding."""
    return f'"{digest.hex()}-{RENDERER_VERSION}-{coding}"'


@lru_cache(maxsize=256)
def coding_for(accept_encoding: str) -> str:
    """Return the best coding that an `Accept-Encoding` allows; identity where it allows none of ours."""
    weights = dict(_weight(item) for item in accept_encoding.lower().split(",") if item.strip())
    anything = weights.get("*", 0.0)
    allowed = {coding: weights.get(coding, anything) for coding in CODINGS[:-1]}
    best = max(allowed, key=lambda coding: allowed[coding])  # the first of equals
    return best if allowed[best] > 0 and allowed[best] >= weights.get("identity", 0.0) else "identity"


def _weight(item: str) -> tuple[str, float]:
    name, _, parameter = item.partition(";")
    quality = parameter.strip().removeprefix("q=")
    try:
        return name.strip(), float(quality) if quality else 1.0
    except ValueError:
        return name.strip(), 0.0


def _repr_digest(body: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
