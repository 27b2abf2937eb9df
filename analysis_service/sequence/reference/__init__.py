"""References: built once from a database's files, kept as mapped arrays, known by their digests."""

from analysis_service.sequence.reference.build import build
from analysis_service.sequence.reference.errors import ReferenceProblem, ReferenceReason
from analysis_service.sequence.reference.library import Library, Listing
from analysis_service.sequence.reference.reference import About, Reference
from analysis_service.sequence.reference.source import Source, gathered, read_source

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
