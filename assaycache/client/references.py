"""Reference databases on their way to the analysis service."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from assaycache.analysis.v1 import analysis_service_pb2, analysis_service_pb2_grpc
from assaycache.client.calls import ANALYSIS, Patience, errors_of
from assaycache.client.inquiry import Progress
from assaycache.client.records import Event, Reference
from rpc.channels import CHUNK_BYTES
from rpc.errors import Internal, InvalidArgument
from rpc.reasons import Reason


class Files(NamedTuple):
    """What a reference is built of."""

    sequences: Path
    taxonomy: Path | None
    tree: Path | None


def listed(stub: analysis_service_pb2_grpc.AnalysisServiceStub, patience: Patience) -> tuple[Reference, ...]:
    """Return the references, by name."""
    with errors_of(ANALYSIS):
        answer = stub.ListReferences(analysis_service_pb2.ListReferencesRequest(), **patience.call())
    return tuple(map(reference_of, answer.references))


def added(
    stub: analysis_service_pb2_grpc.AnalysisServiceStub,
    header: analysis_service_pb2.AddReferenceHeader,
    files: Files,
    told: Progress,
    patience: Patience,
) -> Reference:
    """Send the files and return the reference that was built of them."""
    call = stub.AddReference(_requests(header, files), **patience.call())
    try:
        with errors_of(ANALYSIS):
            for message in call:
                if message.HasField("reference"):
                    return reference_of(message.reference)
                told(Event(message.progress.stage, message.progress.fraction))
    finally:
        call.cancel()
    raise Internal(Reason.INTERNAL, "The analysis service ended its answer without a reference.")


def removed(stub: analysis_service_pb2_grpc.AnalysisServiceStub, name: str, patience: Patience) -> Reference:
    """Remove a reference by its name or digest and return what it was."""
    found = named(listed(stub, patience), name)
    request = analysis_service_pb2.RemoveReferenceRequest(digest=bytes.fromhex(found.digest))
    with errors_of(ANALYSIS):
        stub.RemoveReference(request, **patience.call())
    return found


def named(references: Sequence[Reference], name: str) -> Reference:
    """Return the reference of a name or digest.

    Raises:
        InvalidArgument: REFERENCE_UNKNOWN.
    """
    for reference in references:
        if name in {reference.name, reference.digest}:
            return reference
    known = ", ".join(reference.name for reference in references) or "none"
    raise InvalidArgument(
        Reason.REFERENCE_UNKNOWN, f"There is no reference {name!r}; there is: {known}.", metadata={"reference": name}
    )


def reference_of(message: analysis_service_pb2.Reference) -> Reference:
    """Return a reference."""
    return Reference(
        name=message.name,
        digest=message.digest.hex(),
        version=message.version,
        sequences=message.sequences,
        ranks=tuple(message.ranks),
        licence=message.licence,
        citation=message.citation,
        is_default=message.is_default,
        has_tree=message.has_tree,
    )


def _requests(
    header: analysis_service_pb2.AddReferenceHeader, files: Files
) -> Iterator[analysis_service_pb2.AddReferenceRequest]:
    yield analysis_service_pb2.AddReferenceRequest(header=header)
    for chunk in _chunks(files.sequences):
        yield analysis_service_pb2.AddReferenceRequest(sequences_chunk=chunk)
    for chunk in _chunks(files.taxonomy):
        yield analysis_service_pb2.AddReferenceRequest(taxonomy_chunk=chunk)
    for chunk in _chunks(files.tree):
        yield analysis_service_pb2.AddReferenceRequest(tree_chunk=chunk)


def _chunks(path: Path | None) -> Iterator[bytes]:
    if path is None:
        return
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
