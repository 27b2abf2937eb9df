"""What is found out about sequences, as the contract says it."""

import math
from collections.abc import Iterable, Sequence

from analysis_service.sequence.assignment import Assignment, RankCall, Status
from analysis_service.sequence.dereplication import UniqueSequence
from analysis_service.sequence.intake import Intake
from analysis_service.sequence.reference import Reference
from analysis_service.sequence.sample.clusters import Clustering
from analysis_service.sequence.sample.member import SampleMember
from analysis_service.sequence.sample.views import hierarchy, sankey
from analysis_service.sequence.sample.whole import WholeSample
from analysis_service.service.translate import fill
from assaycache.analysis.v1 import sequence_pb2

MOST_LISTED = 100_000
"""Unique sequences that a result lists: about 50 MB before compression; a file of more is mostly errors of reading."""

_STATUSES = {status.value: getattr(sequence_pb2, f"SEQUENCE_STATUS_{status.name}") for status in Status}
_STATUS_NAMES = {number: name for name, number in _STATUSES.items()}


def assignment_message(assignment: Assignment) -> sequence_pb2.SequenceAssignment:
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


def assignment_of(message: sequence_pb2.SequenceAssignment) -> Assignment:
    """Return what a part says.

    Raises:
        ValueError: if it says no status that is known, or not all of every rank.
    """
    status = _STATUS_NAMES.get(message.status)
    if status is None:
        raise ValueError("the part has a status that is not known")
    columns = zip(message.names, message.confidences, message.probabilities, strict=True)
    return Assignment(
        status=status,
        strand="-" if message.is_reversed else "+",
        ranks=tuple(RankCall(*call) for call in columns),
        shared_fraction=message.shared_fraction,
        hit_accession=message.hit_accession,
        identity=message.identity,
        overlap=message.overlap,
        novelty=message.novelty,
        coordinates=(message.x, message.y, message.z),
    )


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


def sample_message(
    whole: WholeSample, members: Sequence[SampleMember], ranks: Sequence[str]
) -> sequence_pb2.SequenceTaxonomy:
    """Return what is said of a sample as a whole."""
    return sequence_pb2.SequenceTaxonomy(
        ranks=ranks,
        statuses=[
            sequence_pb2.SequenceStatusCount(
                status=_STATUSES[count.status], sequences=count.sequences, reads=count.reads
            )
            for count in whole.statuses
        ],
        mean_confidence=_mean_confidence(members),
        compositions=[fill(sequence_pb2.SequenceComposition(), item) for item in whole.compositions],
        hierarchy=fill(sequence_pb2.SequenceHierarchyNode(), hierarchy(members, ranks)),
        sankey=fill(sequence_pb2.SequenceSankey(), sankey(members, ranks)),
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
    listed = sequences[:MOST_LISTED]
    for sequence, assignment in zip(listed, assignments, strict=False):
        result.sequences.add(
            id=sequence.first_id,
            letters=sequence.letters.decode("ascii"),
            abundance=sequence.abundance,
            records=sequence.records,
            mean_quality=sequence.mean_quality,
            cluster=clustering.id_of[sequence.letters],
            assignment=assignment,
        )
    result.unlisted_sequences = len(sequences) - len(listed)


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


def _mean_confidence(members: Sequence[SampleMember]) -> float:
    reads = sum(member.abundance for member in members)
    return math.fsum(_lowest_confidence(member.assignment) * member.abundance for member in members) / (reads or 1)


def _lowest_confidence(assignment: object) -> float:
    assert isinstance(assignment, Assignment)  # noqa: S101  members are made of assignments here
    return next((call.confidence for call in reversed(assignment.ranks) if call.name), 0.0)
