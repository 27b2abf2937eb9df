"""The steps of `sequence.taxonomy`, whose parts are its unique sequences."""

import hashlib
import math
from collections.abc import Iterator, Sequence

from analysis_service.pipelines import SEQUENCE_ASSIGNMENT, SEQUENCE_TAXONOMY
from analysis_service.sequence.classifier_params import ClassifierParams
from analysis_service.sequence.dereplication import UniqueSequence
from analysis_service.sequence.intake import take_in
from analysis_service.sequence.params import SequenceParams
from analysis_service.sequence.sample.member import SampleMember
from analysis_service.sequence.sample.whole import analyse
from analysis_service.service.parameters import params_of, refusals
from analysis_service.service.part_columns import contents_of
from analysis_service.service.parted import Parts
from analysis_service.service.sequence_messages import (
    MOST_LISTED,
    Assignment,
    AssignmentReader,
    assignment_message,
    list_sequences,
    reading_message,
    reference_message,
    sample_message,
)
from analysis_service.service.sequence_state import SampleState, encoded_sample
from analysis_service.service.shelf import Shelf
from analysis_service.service.steps import Plan
from analysis_service.service.translate import fill, read
from analysis_service.workers.process import Input, Report
from assaycache.analysis.v1 import sequence_pb2
from assaycache.cache.v1.cache_service_pb2 import BatchLookupRequest
from assaycache.cache.v1.identity_pb2 import PipelineRef, Question


class SequenceSteps:
    """See `Parted`. A plan's state is the sample; the question names its reference by digest."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def prepare(self, data: Input, question: Question, report: Report) -> Plan:
        """Read, filter and dereplicate the file."""
        params = params_of(SEQUENCE_TAXONOMY, question.params)
        self._shelf.require(question.reference.digest)
        with refusals():
            intake = take_in(data, params, report=report)
        wanted = _wanted(question, params, intake.sequences)
        return Plan(wanted, encoded_sample(reading_message(intake), intake.sequences))

    def compute(
        self,
        data: Input,  # noqa: ARG002  the state has all of it
        question: Question,
        state: Input,
        indexes: Sequence[int],
        report: Report,
    ) -> Iterator[sequence_pb2.SequenceAssignment]:
        """Assign single sequences."""
        params = classifier_params(params_of(SEQUENCE_TAXONOMY, question.params))
        classifier = self._shelf.classifier(question.reference.digest, params)
        sample = SampleState(state)
        letters = [sample.letters_of(index) for index in indexes]
        yield from map(assignment_message, classifier.assign_many(letters, lambda done: report("classifying", done)))

    def assemble(
        self,
        data: Input,  # noqa: ARG002  the state has all of it
        question: Question,
        state: Input,
        parts: Parts,
        report: Report,
    ) -> sequence_pb2.SequenceTaxonomy:
        """Look at the sample as a whole."""
        params = params_of(SEQUENCE_TAXONOMY, question.params)
        reference = self._shelf.reference(question.reference.digest)
        ranks = reference.taxonomy.ranks
        sample, reader = SampleState(state), AssignmentReader(len(ranks))
        assignments = list(parts.decoded(reader.read))
        report("sample", 0.2)
        letters, abundances = sample.letters(), sample.abundances
        whole = analyse(_members(letters, abundances, assignments), ranks, params, reference.phylogeny)
        report("sample", 0.8)
        result = sample_message(whole, _mean_confidence(assignments, abundances), ranks)
        result.reading.CopyFrom(sample.reading)
        list_sequences(result, sample.first(MOST_LISTED, letters), reader.listed, whole.clustering)
        result.unlisted_sequences = len(sample) - len(reader.listed)
        result.reference.CopyFrom(reference_message(reference))
        fill(result.params, params)
        return result


def classifier_params(params: SequenceParams) -> ClassifierParams:
    """Return only what an assignment depends on."""
    return read(fill(sequence_pb2.SequenceAssignmentParams(), params), ClassifierParams)


def _wanted(question: Question, params: SequenceParams, sequences: Sequence[UniqueSequence]) -> BatchLookupRequest:
    wanted = BatchLookupRequest(
        pipeline=PipelineRef(name=SEQUENCE_ASSIGNMENT.name, version=SEQUENCE_ASSIGNMENT.version),
        reference=question.reference,
    )
    wanted.params.Pack(fill(sequence_pb2.SequenceAssignmentParams(), params), deterministic=True)
    contents = ((hashlib.sha256(sequence.letters).digest(), len(sequence.letters)) for sequence in sequences)
    wanted.part_columns.CopyFrom(contents_of(contents))
    return wanted


def _members(
    letters: Sequence[bytes], abundances: Sequence[int], assignments: Sequence[Assignment]
) -> list[SampleMember]:
    columns = zip(letters, abundances, assignments, strict=True)
    return [SampleMember(sequence, abundance, *found[:4]) for sequence, abundance, found in columns]


def _mean_confidence(assignments: Sequence[Assignment], abundances: Sequence[int]) -> float:
    """Return the mean over the reads."""
    products = (found.confidence * reads for found, reads in zip(assignments, abundances, strict=True))
    return math.fsum(products) / (sum(abundances) or 1)
