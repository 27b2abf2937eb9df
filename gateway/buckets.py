"""The storage that files may be fetched from."""

from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from rpc.errors import field_invalid

_SCHEMES = frozenset({"http", "https", "s3", "gs", "az", "file"})
_MAX_NAME_CHARS = 1024  # the longest name of an object in the usual stores


class Buckets:
    """Where the files of each bucket lie; nothing else is fetched."""

    def __init__(self, prefixes: Mapping[str, str]) -> None:
        self._prefixes = dict(prefixes)

    def source_of(self, bucket_id: str, name: str) -> str:
        """Return the address of an object.

        Raises:
            InvalidArgument: FIELD_INVALID: the bucket is none of ours, or the name leads out of it.
        """
        prefix = self._prefixes.get(bucket_id)
        if prefix is None:
            raise field_invalid("record.bucket_id", "is not one of those that files are fetched from")
        parts = name.split("/")
        if len(name) > _MAX_NAME_CHARS or not name.isprintable() or "\\" in name or {"", ".", ".."} & set(parts):
            raise field_invalid("record.name", "is not the name of an object in a bucket")
        return f"{prefix.rstrip('/')}/{quote(name)}"


def buckets_in(text: str) -> dict[str, str]:
    """Return the buckets that a setting such as `id=https://host/path,other=s3://name` names.

    Raises:
        ValueError: it is not of that form.
    """
    found = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        bucket_id, equals, prefix = item.partition("=")
        address = urlsplit(prefix)
        if not (bucket_id and equals) or address.scheme not in _SCHEMES or address.query or address.fragment:
            raise ValueError(f"BUCKETS: {item!r} is not of the form id=https://host/path")
        found[bucket_id.strip()] = prefix
    return found
