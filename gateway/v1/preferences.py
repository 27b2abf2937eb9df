"""`Prefer` (RFC 7240): how a caller wants to be answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Preferences:
    """Those that are heeded; the others are no error."""

    respond_async: bool = False
    minimal: bool = False

    @classmethod
    def of(cls, headers: Iterable[str]) -> Self:
        """Return what the `Prefer` headers of a request say."""
        said = {item.partition(";")[0].replace(" ", "").lower() for line in headers for item in line.split(",")}
        return cls("respond-async" in said, bool({"return=minimal", 'return="minimal"'} & said))
