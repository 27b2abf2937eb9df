"""What the steps of `sequence.taxonomy` hand on: the unique sequences of a file, as columns that are read where they
lie."""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from analysis_service.sequence.dereplication import UniqueSequence
from analysis_service.service.steps import joined, split
from analysis_service.workers.process import Input
from assaycache.analysis.v1.sequence_pb2 import SequenceReading


class SampleState:
    """The unique sequences of a file, and what is said of its reading."""

    def __init__(self, state: Input | bytes) -> None:
        reading, letters, ends, abundances, records, qualities, ids = split(memoryview(state))
        self.reading = SequenceReading.FromString(bytes(reading))
        self._letters = letters
        self._ends = np.frombuffer(ends, "<i8")
        self._abundances = np.frombuffer(abundances, "<i8")
        self._records = np.frombuffer(records, "<i8")
        self._qualities = np.frombuffer(qualities, "<f8")
        self._ids = ids

    def __len__(self) -> int:
        return len(self._ends)

    def letters_of(self, index: int) -> bytes:
        """Return the letters of a sequence."""
        start = int(self._ends[index - 1]) if index else 0
        return bytes(self._letters[start : int(self._ends[index])])

    @property
    def abundances(self) -> list[int]:
        """The reads of each, in the order of the plan."""
        abundances: list[int] = self._abundances.tolist()
        return abundances

    def letters(self) -> list[bytes]:
        """Return the letters of all of them, in the order of the plan."""
        ends = self._ends.tolist()
        return [bytes(self._letters[start:end]) for start, end in pairwise([0, *ends])]

    def first(self, count: int, letters: Sequence[bytes]) -> list[UniqueSequence]:
        """Return the first of them; `letters` are those of all."""
        ids = bytes(self._ids).decode().split("\n", count)
        columns = zip(
            letters[:count],
            self._abundances[:count].tolist(),
            self._records[:count].tolist(),
            ids[:count],
            self._qualities[:count].tolist(),
            strict=True,
        )
        return [
            UniqueSequence(sequence, abundance, records, first_id, None if math.isnan(quality) else quality)
            for sequence, abundance, records, first_id, quality in columns
        ]


def encoded_sample(reading: SequenceReading, sequences: Sequence[UniqueSequence]) -> bytes:
    """Return the state of a file's unique sequences; their ids hold no white space."""
    return joined(
        reading.SerializeToString(deterministic=True),
        b"".join(sequence.letters for sequence in sequences),
        np.cumsum([len(sequence.letters) for sequence in sequences], dtype="<i8").tobytes(),
        np.array([sequence.abundance for sequence in sequences], "<i8").tobytes(),
        np.array([sequence.records for sequence in sequences], "<i8").tobytes(),
        np.array([_quality(sequence.mean_quality) for sequence in sequences], "<f8").tobytes(),
        "\n".join(sequence.first_id for sequence in sequences).encode(),
    )


def _quality(score: float | None) -> float:
    return math.nan if score is None else score
