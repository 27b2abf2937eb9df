"""References: built once from a database's files, kept as mapped arrays, known by their digests.

What is named here is loaded when it is first asked for: a server lists references without loading what builds them.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis_service.sequence.reference.builder import build
    from analysis_service.sequence.reference.errors import ReferenceProblem, ReferenceReason
    from analysis_service.sequence.reference.library import Library, Listing
    from analysis_service.sequence.reference.reference import About, Reference
    from analysis_service.sequence.reference.source import Source, gathered, read_source

_HOMES = {
    "About": "reference",
    "Library": "library",
    "Listing": "library",
    "Reference": "reference",
    "ReferenceProblem": "errors",
    "ReferenceReason": "errors",
    "Source": "source",
    "build": "builder",
    "gathered": "source",
    "read_source": "source",
}

__all__ = [
    "About",
    "Library",
    "Listing",
    "Reference",
    "ReferenceProblem",
    "ReferenceReason",
    "Source",
    "build",
    "gathered",
    "read_source",
]


def __getattr__(name: str) -> Any:
    """Load what is asked for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
