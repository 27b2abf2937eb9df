"""The JSON of results, rendered once and kept while there is room."""

from collections import OrderedDict


class Rendered:
    """A bounded memory of rendered results, least recently used out first.

    It is no cache of answers: JSON leaves it only for a digest that the cache service has named in the same request.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[str, tuple[bytes, bytes]] = OrderedDict()
        self.size_bytes = 0

    def known_digest(self, job_id: str) -> bytes:
        """Return the digest of the result that is kept for a job; empty where there is none."""
        digest, _ = self._kept.get(job_id, (b"", b""))
        return digest

    def get(self, job_id: str, digest: bytes) -> bytes | None:
        """Return the JSON of a job's result, if it is the one that the digest names."""
        kept, rendered = self._kept.get(job_id, (b"", b""))
        if kept != digest or not digest:
            return None
        self._kept.move_to_end(job_id)
        return rendered

    def put(self, job_id: str, digest: bytes, rendered: bytes) -> None:
        """Keep the JSON of a job's result; what is larger than the whole memory is not kept."""
        self._drop(job_id)
        if len(rendered) > self._limit_bytes:
            return
        self._kept[job_id] = (digest, rendered)
        self.size_bytes += len(rendered)
        while self.size_bytes > self._limit_bytes:
            self._drop(next(iter(self._kept)))

    def _drop(self, job_id: str) -> None:
        _, rendered = self._kept.pop(job_id, (b"", b""))
        self.size_bytes -= len(rendered)
