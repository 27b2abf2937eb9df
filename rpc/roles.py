"""Which role may call which RPC, as data: the one place that says so, for both services."""

from collections.abc import Mapping
from enum import StrEnum


class Role(StrEnum):
    """What a caller may do; each may all that the ones before it may."""

    READER = "reader"
    WRITER = "writer"
    ADMIN = "admin"
    SERVICE = "service"

    def covers(self, needed: "Role") -> bool:
        """Return whether this role may what `needed` may."""
        return _RANKS[self] >= _RANKS[needed]


_RANKS: Mapping[Role, int] = {role: rank for rank, role in enumerate(Role)}

_BY_ROLE: Mapping[Role, tuple[str, ...]] = {
    # look-ups, downloads, lists
    Role.READER: (
        *("Lookup", "BatchLookup", "FindMissingBlobs", "Download", "ListJobs", "GetJob", "GetCapabilities"),
        *("GetSignals", "Compare", "ListPipelines", "ListReferences"),
    ),
    # what brings files, results and work in
    Role.WRITER: (
        *("Ingest", "Reserve", "Extend", "Commit", "Fail", "Release", "BatchStore", "Enqueue", "Withdraw"),
        *("Analyze",),
    ),
    # what takes away from a namespace, or tells about the whole of it
    Role.ADMIN: ("Invalidate", "EraseBlob", "Explain", "GetStats"),
    # what concerns all namespaces at once
    Role.SERVICE: (
        *("AnnouncePipelines", "Claim", "Settle"),
        *("AddReference", "RemoveReference"),
    ),
}

LEAST_ROLES: Mapping[str, Role] = {method: role for role, methods in _BY_ROLE.items() for method in methods}
"""The least role that each RPC needs, by its name without the service's."""


def least_role(method: str) -> Role:
    """Return the least role that an RPC needs; one that nobody has thought of needs the highest."""
    return LEAST_ROLES.get(method, Role.SERVICE)
