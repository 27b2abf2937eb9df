"""What is found out about sequences, as the contract says it."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from analysis_service.sequence import assignment as classified
from analysis_service.sequence.assignment import Status
from analysis_service.sequence.dereplication import UniqueSequence
from analysis_service.sequence.intake import Intake
from analysis_service.sequence.reference import Reference
from analysis_service.sequence.sample.clusters import Clustering
from analysis_service.sequence.sample.whole import WholeSample
from analysis_service.service.translate import fill
from assaycache.analysis.v1 import sequence_pb2

MOST_LISTED = 100_000
"""Unique sequences that a result lists: about 50 MB before compression; a file of more is mostly errors of reading."""

_STATUSES = {status.value: getattr(sequence_pb2, f"SEQUENCE_STATUS_{status.name}") for status in Status}
_STATUS_NAMES = {number: name for name, number in _STATUSES.items()}


def assignment_message(assignment: classified.Assignment) -> sequence_pb2.SequenceAssignment:
    """Return the part of one sequence."""
    x, y, z = assignment.coordinates
    return sequence_pb2.SequenceAssignment(
        status=_STATUSES[assignment.status],
        is_reversed=assignment.strand == "-",
        names=[call.name for call in assignment.ranks],
        confidences=[call.confidence for call in assignment.ranks],
        probabilities=[call.calibrated for call in assignment.ranks],
        shared_fraction=assignment.shared_fraction,
        hit_accession=assignment.hit_accession,
        identity=assignment.identity,
        overlap=assignment.overlap,
        novelty=assignment.novelty,
        x=x,
        y=y,
        z=z,
    )


class Assignment(NamedTuple):
    """What of a part the whole sample needs."""

    status: str
    names: tuple[str, ...]
    hit_accession: str
    coordinates: tuple[float, float, float]
    confidence: float
    """Of the lowest taxon that is named; 0 without one."""


class AssignmentReader:
    """Reads the parts of a sample, in the order of the plan. There may be a million: what they have in common is kept
    once, and whole messages only of those that a result lists."""

    def __init__(self, rank_count: int) -> None:
        self.listed: list[sequence_pb2.SequenceAssignment] = []
        self._rank_count = rank_count
        self._lineages: dict[tuple[str, ...], _Lineage] = {}
        self._accessions: dict[str, str] = {}

    def read(self, plain: bytes) -> Assignment:
        """Return what a part says.

        Raises:
            DecodeError: if it is no such message.
            ValueError: if it says no status that is known, or not all of every rank.
        """
        message = sequence_pb2.SequenceAssignment.FromString(plain)
        status = _STATUS_NAMES.get(message.status)
        if status is None:
            raise ValueError("the part has a status that is not known")
        names, confidences = tuple(message.names), message.confidences
        if not len(names) == len(confidences) == len(message.probabilities) == self._rank_count:
            raise ValueError("the part is of another reference")
        if len(self.listed) < MOST_LISTED:
            self.listed.append(message)
        lineage = self._lineages.get(names) or self._lineages.setdefault(names, _lineage(names))
        accession = message.hit_accession
        return Assignment(
            status,
            lineage.names,
            self._accessions.setdefault(accession, accession),
            (message.x, message.y, message.z),
            0.0 if lineage.lowest is None else confidences[lineage.lowest],
        )


class _Lineage(NamedTuple):
    names: tuple[str, ...]
    lowest: int | None
    """The place of the last name."""


def _lineage(names: tuple[str, ...]) -> _Lineage:
    return _Lineage(names, max((at for at, name in enumerate(names) if name), default=None))


def reading_message(intake: Intake) -> sequence_pb2.SequenceReading:
    """Return what is said of the reading of a file."""
    return sequence_pb2.SequenceReading(
        format=intake.form.value,
        is_compressed=intake.is_compressed,
        records=intake.records,
        kept_records=intake.kept_records,
        kept_reads=intake.kept_reads,
        unique_sequences=len(intake.sequences),
        dropped=fill(sequence_pb2.SequenceDropped(), intake.dropped),
        warnings=[
            sequence_pb2.SequenceWarning(code=warning.code.name, message=warning.message) for warning in intake.warnings
        ],
    )


def sample_message(whole: WholeSample, mean_confidence: float, ranks: Sequence[str]) -> sequence_pb2.SequenceTaxonomy:
    """Return what is said of a sample as a whole."""
    return sequence_pb2.SequenceTaxonomy(
        ranks=ranks,
        statuses=[
            sequence_pb2.SequenceStatusCount(
                status=_STATUSES[count.status], sequences=count.sequences, reads=count.reads
            )
            for count in whole.statuses
        ],
        mean_confidence=mean_confidence,
        compositions=[fill(sequence_pb2.SequenceComposition(), item) for item in whole.compositions],
        hierarchy=fill(sequence_pb2.SequenceHierarchyNode(), whole.hierarchy),
        sankey=fill(sequence_pb2.SequenceSankey(), whole.sankey),
        clusters=[fill(sequence_pb2.SequenceCluster(), item) for item in whole.clustering.clusters],
        diversity=fill(sequence_pb2.SequenceDiversity(), whole.diversity),
        rarefaction=[fill(sequence_pb2.SequenceRarefactionPoint(), item) for item in whole.rarefaction],
    )


def list_sequences(
    result: sequence_pb2.SequenceTaxonomy,
    sequences: Sequence[UniqueSequence],
    assignments: Iterable[sequence_pb2.SequenceAssignment],
    clustering: Clustering,
) -> None:
    """Add the most abundant sequences to a result."""
    for sequence, assignment in zip(sequences, assignments, strict=True):
        result.sequences.add(
            id=sequence.first_id,
            letters=sequence.letters.decode("ascii"),
            abundance=sequence.abundance,
            records=sequence.records,
            mean_quality=sequence.mean_quality,
            cluster=clustering.id_of[sequence.letters],
            assignment=assignment,
        )


def reference_message(reference: Reference) -> sequence_pb2.SequenceReference:
    """Return what a result says of its reference."""
    about = reference.about
    return sequence_pb2.SequenceReference(
        digest=bytes.fromhex(reference.digest),
        name=about.name,
        version=about.version,
        licence=about.licence,
        citation=about.citation,
        sequences=len(reference),
    )
