"""Sequences to assignments."""

from collections.abc import Callable, Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.assignment import Assignment, RankCall, Status
from analysis_service.sequence.classifier_params import ClassifierParams, check
from analysis_service.sequence.gate import MIN_KMERS
from analysis_service.sequence.identity import Alignment, align, identity_of
from analysis_service.sequence.kernels.diagonals import offsets
from analysis_service.sequence.kernels.kmers import encoded
from analysis_service.sequence.kernels.near import near
from analysis_service.sequence.orientation import Orientation
from analysis_service.sequence.reference import Reference
from analysis_service.sequence.search import Codes, Found, Search, joined

Report = Callable[[float], None]
"""Hears the fraction of the sequences that are done."""

_BATCH = 256
"""Sequences between two reports; what is said of one does not depend on the others."""
_LETTERS = np.frombuffer(b"ACGTN", np.uint8)
_NO_ALIGNMENT = Alignment(0.0, 0.0)


class Classifier:
    """Assigns sequences to the taxa of a reference.

    An assignment depends on the sequence, the reference and the parameters only: not on other sequences, their order,
    the number of threads, the process or the machine. Threads may share a classifier.

    Parameters
    ----------
    reference
        An open reference.
    params
        Defaults are those of the pipeline.
    """

    def __init__(self, reference: Reference, params: ClassifierParams | None = None) -> None:
        self._reference = reference
        self._params = params or ClassifierParams()
        check(self._params)
        self._search = Search(reference.bits, reference.taxonomy.paths, len(reference.taxonomy.names))
        self._orientation = Orientation(reference.strand_weights, self._search)
        self._names = [*reference.taxonomy.names, ""]  # so that -1 has no name

    def assign(self, letters: bytes) -> Assignment:
        """Assign one sequence; `letters` are IUPAC nucleotides."""
        return self.assign_many([letters])[0]

    def assign_many(self, letters: Sequence[bytes], report: Report | None = None) -> list[Assignment]:
        """Assign sequences, in their order."""
        assignments: list[Assignment] = []
        for first in range(0, len(letters), _BATCH):
            assignments += self._assign_batch(letters[first : first + _BATCH])
            if report:
                report(len(assignments) / len(letters))
        return assignments

    def _assign_batch(self, letters: Sequence[bytes]) -> list[Assignment]:
        reference, params = self._reference, self._params
        queries, turned = self._orientation.oriented(_encoded_each(letters))
        found = self._search.find(queries, params)
        is_marker = (found.hits >= 0) & reference.gate.passes(
            found.kmers, found.shared_fractions, params.min_shared_fraction
        )
        is_enough = found.kmers >= MIN_KMERS
        alignments = self._aligned(queries, np.where(is_marker & is_enough, found.hits, -1))
        identities = np.array([alignment.identity for alignment in alignments])
        novelties = reference.novelty.probabilities(found, identities).tolist()
        calls = self._calls(found, novelties)
        places = reference.projection.places(queries).tolist()
        fractions = found.shared_fractions.round(4).tolist()
        assignments = []
        for i in range(len(letters)):
            strand = "-" if turned[i] else "+"
            place = (places[i][0], places[i][1], places[i][2])
            if not (is_marker[i] and is_enough[i]):
                status = Status.NOT_THIS_MARKER if is_enough[i] else Status.UNASSIGNED
                assignments.append(self._nothing(status, strand, fractions[i], place))
                continue
            assignments.append(
                Assignment(
                    status=self._status(calls[i], novelties[i]),
                    strand=strand,
                    ranks=calls[i],
                    shared_fraction=fractions[i],
                    hit_accession=reference.accessions[int(found.hits[i])],
                    identity=alignments[i].identity,
                    overlap=alignments[i].overlap,
                    novelty=novelties[i],
                    coordinates=place,
                )
            )
        return assignments

    def _aligned(self, queries: list[Codes], hits: NDArray[np.int64]) -> list[Alignment]:
        """Each query with its hit, where its k-mers point and else anywhere; nothing where the hit is -1."""
        reference = self._reference
        codes, starts = joined(queries)
        letters, begins, found = (
            _LETTERS[codes],
            np.zeros(len(queries), np.int64),
            np.empty((len(queries), 2), np.int64),
        )
        offsets(codes, starts, reference.letters, reference.starts, hits, begins)
        near(letters, starts, reference.letters, reference.starts, hits, begins, found)
        text, edges = letters.tobytes(), starts.tolist()
        alignments = []
        for hit, (edits, span), (start, end) in zip(hits.tolist(), found.tolist(), pairwise(edges), strict=True):
            if hit < 0:
                alignments.append(_NO_ALIGNMENT)
            elif edits >= 0:
                alignments.append(Alignment(identity_of(edits, end - start, span), 1.0))
            else:
                alignments.append(align(text[start:end], reference.letters_of(hit)))
        return alignments

    def _calls(self, found: Found, novelties: list[float]) -> list[tuple[RankCall, ...]]:
        """The taxon at every rank, named where it has the confidence.

        From the genus down it is, besides, to be as probably in the reference at all as is asked for of a name.
        """
        calibrated = self._reference.calibration.calibrated(found)
        is_called = found.confidences >= self._params.min_confidence
        is_called &= calibrated >= self._params.min_probability
        novelty = np.array(novelties)
        is_absent = (novelty >= self._params.novelty_threshold) | (
            (1.0 - novelty).round(4) < self._params.min_confidence
        )
        is_called[is_absent, self._reference.novelty.rank :] = False
        taxa = np.where(np.logical_and.accumulate(is_called, axis=1), found.taxa, -1).tolist()
        rows = zip(taxa, found.confidences.tolist(), calibrated.tolist(), strict=True)
        return [tuple(map(RankCall, map(self._names.__getitem__, called), *shares)) for called, *shares in rows]

    def _status(self, calls: tuple[RankCall, ...], novelty: float) -> Status:
        if novelty >= self._params.novelty_threshold:
            return Status.POTENTIALLY_NOVEL
        return Status.KNOWN if any(call.name for call in calls) else Status.UNASSIGNED

    def _nothing(
        self, status: Status, strand: str, shared_fraction: float, place: tuple[float, float, float]
    ) -> Assignment:
        blanks = tuple(RankCall("", 0.0, 0.0) for _ in self._reference.taxonomy.ranks)
        return Assignment(status, strand, blanks, shared_fraction, "", 0.0, 0.0, 0.0, place)


def _encoded_each(letters: Sequence[bytes]) -> list[Codes]:
    """The codes of all, looked up at once."""
    codes, ends = encoded(b"".join(letters)), accumulate(map(len, letters), initial=0)
    return [codes[start:end] for start, end in pairwise(ends)]
