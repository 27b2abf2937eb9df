"""Unique sequences with their abundances: all that follows is computed once for each of them."""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis_service.sequence.quality import phred


@dataclass(frozen=True, slots=True)
class UniqueSequence:
    """A sequence and how often it was seen.

    Attributes
    ----------
    letters : bytes
        The sequence, upper case, T for U.
    abundance : int
        Reads that it stands for: the sum of what the headers say, 1 where they say nothing.
    records : int
        Records of the file that hold it.
    first_id : str
        Identifier of the first of them.
    mean_quality : float or None
        Phred score of the mean error probability over all letters of all its records; None for FASTA.
    """

    letters: bytes
    abundance: int
    records: int
    first_id: str
    mean_quality: float | None


class Dereplicator:
    """Gathers records by their letters. What it holds grows with the unique sequences, not with the records."""

    def __init__(self) -> None:
        self._places: dict[bytes, int] = {}
        self._first_ids: list[str] = []
        self._abundances: list[int] = []
        self._records: list[int] = []
        self._errors: list[int] = []

    def add(
        self,
        letters: Iterable[bytes],
        ids: Iterable[str],
        abundances: Iterable[int],
        errors: Iterable[int] | None = None,
    ) -> None:
        """Add records.

        Parameters
        ----------
        letters : iterable of bytes
            Their sequences, upper case, T for U.
        ids : iterable of str
            Their identifiers.
        abundances : iterable of int
            The reads that each stands for.
        errors : iterable of int, optional
            Their expected errors in units of 1 / `quality.ERROR_UNIT`; either for all records of a sample or for none.
        """
        places = [self._place(sequence, first_id) for sequence, first_id in zip(letters, ids, strict=True)]
        for place, abundance in zip(places, abundances, strict=True):
            self._abundances[place] += abundance
            self._records[place] += 1
        if errors is not None:
            self._errors += [0] * (len(self._places) - len(self._errors))
            for place, error in zip(places, errors, strict=True):
                self._errors[place] += error

    def result(self) -> tuple[UniqueSequence, ...]:
        """The unique sequences, most abundant first, equally abundant ones by their letters."""
        letters = list(self._places)
        order = sorted(range(len(letters)), key=lambda place: (-self._abundances[place], letters[place]))
        return tuple(self._unique(letters[place], place) for place in order)

    def _place(self, letters: bytes, first_id: str) -> int:
        place = self._places.setdefault(letters, len(self._first_ids))
        if place == len(self._first_ids):
            self._first_ids.append(first_id)
            self._abundances.append(0)
            self._records.append(0)
        return place

    def _unique(self, letters: bytes, place: int) -> UniqueSequence:
        records = self._records[place]
        quality = phred(self._errors[place], records * len(letters)) if self._errors else None
        return UniqueSequence(letters, self._abundances[place], records, self._first_ids[place], quality)
