"""The part of the client that lists, adds and removes reference databases."""

import abc
from collections.abc import Sequence
from pathlib import Path

from assaycache.analysis.v1 import analysis_service_pb2, analysis_service_pb2_grpc
from assaycache.client import references
from assaycache.client.calls import Patience
from assaycache.client.inquiry import Progress
from assaycache.client.records import Event, Reference

BUILD_SECONDS = 3600.0
"""How long the building of a reference may take by default; large ones take minutes."""
_CALL_SECONDS = 15.0
"""How long any other question may take."""


class Referring(abc.ABC):
    """What `Client` can do with the references of the analysis service."""

    _analysis: analysis_service_pb2_grpc.AnalysisServiceStub

    @abc.abstractmethod
    def _patience(self, seconds: float) -> Patience: ...

    def references(self) -> tuple[Reference, ...]:
        """Return the reference databases that are installed, by name."""
        return references.listed(self._analysis, self._patience(_CALL_SECONDS))

    def add_reference(
        self,
        name: str,
        sequences: str | Path,
        *,
        taxonomy: str | Path | None = None,
        tree: str | Path | None = None,
        version: str = "",
        licence: str = "",
        citation: str = "",
        ranks: Sequence[str] = (),
        replace: bool = False,
        make_default: bool = False,
        progress: Progress | None = None,
        timeout_seconds: float = BUILD_SECONDS,
    ) -> Reference:
        """Build a reference database and return it; adding the same again changes nothing.

        Args:
            name: what it is called; what is said of it is shown with every result.
            sequences: FASTA with lineages in the headers, plain or gzip.
            taxonomy: a table of accession and lineage, where the headers have none.
            tree: Newick, plain or gzip, rooted and with branch lengths, whose tips are the accessions: for Faith's
                diversity and UniFrac.
            version, licence, citation: where it comes from; part of its digest, like the name.
            ranks: their names, highest first, where the lineages do not say them.
            replace: take the place of another one of this name.
            make_default: make it the one that is meant where none is named; the first one is.
            progress: told each step, in the calling thread.
            timeout_seconds: how long to wait.

        Raises:
            InvalidArgument: REFERENCE_INVALID.
            FailedPrecondition: REFERENCE_EXISTS.
        """
        said = analysis_service_pb2.Reference(
            name=name, version=version, licence=licence, citation=citation, ranks=ranks, is_default=make_default
        )
        header = analysis_service_pb2.AddReferenceHeader(reference=said, replace=replace)
        files = references.Files(Path(sequences), *(None if path is None else Path(path) for path in (taxonomy, tree)))
        patience = self._patience(timeout_seconds)
        return references.added(self._analysis, header, files, progress or _ignored, patience)

    def remove_reference(self, name: str) -> Reference:
        """Remove a reference by its name or digest and return what it was; results made with it stay in the cache.

        Raises:
            InvalidArgument: REFERENCE_UNKNOWN.
        """
        return references.removed(self._analysis, name, self._patience(_CALL_SECONDS))


def _ignored(_event: Event) -> None:
    """Tell nobody."""
