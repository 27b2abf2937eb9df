"""Queries against a reference's bit rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis_service.sequence.classifier_params import ClassifierParams
from analysis_service.sequence.kernels.bit_rows import word_rows
from analysis_service.sequence.kernels.search import best_shared, search

Codes = NDArray[np.uint8]


@dataclass(frozen=True)
class Found:
    """What the search says, one row a query.

    Attributes
    ----------
    kmers, shared : NDArray of int64
        How many different k-mers the query has, and how many of them the best hit has.
    hits : NDArray of int64
        The best hit's index, -1 without one.
    taxa : NDArray of int32, shape (queries, ranks)
        Indices into the taxonomy's names, -1 without a hit.
    confidences, margins : NDArray of float64, shape (queries, ranks)
        The share of the votes, rounded to 4 decimals, and by how much it exceeds the next taxon's.
    """

    kmers: NDArray[np.int64]
    hits: NDArray[np.int64]
    shared: NDArray[np.int64]
    taxa: NDArray[np.int32]
    confidences: NDArray[np.float64]
    margins: NDArray[np.float64]

    @property
    def shared_fractions(self) -> NDArray[np.float64]:
        """The part of a query's k-mers that its best hit has."""
        fractions: NDArray[np.float64] = self.shared / np.maximum(self.kmers, 1)
        return fractions

    def only(self, queries: NDArray[np.int64]) -> "Found":
        """What was said of some of the queries."""
        return Found(
            self.kmers[queries],
            self.hits[queries],
            self.shared[queries],
            self.taxa[queries],
            self.confidences[queries],
            self.margins[queries],
        )


def joined(queries: Sequence[Codes]) -> tuple[Codes, NDArray[np.int64]]:
    """The queries one after the other, and where each starts (with the end as the last)."""
    starts = np.zeros(len(queries) + 1, np.int64)
    np.cumsum([query.size for query in queries], out=starts[1:])
    return (np.concatenate(queries) if queries else np.empty(0, np.uint8)), starts


class Search:
    """Finds the references that share the most k-mers with a query, and lets them vote.

    Parameters
    ----------
    bits
        One row of bits a k-mer, shape (KMERS, words).
    paths
        Each reference's taxon at every rank, shape (references, ranks).
    taxon_count
        How many taxa there are.
    """

    def __init__(self, bits: NDArray[np.uint64], paths: NDArray[np.int32], taxon_count: int) -> None:
        self._bits = bits
        self._presence = word_rows(bits)
        self._paths = paths
        self._taxon_count = taxon_count
        self._nobody = np.zeros((1, bits.shape[1]), np.uint64)

    def find(
        self, queries: Sequence[Codes], params: ClassifierParams, barred: NDArray[np.uint64] | None = None
    ) -> Found:
        """Search each query on its own; `barred` has a row of bits a query: the references that it may not see."""
        codes, starts = joined(queries)
        ranks = self._paths.shape[1]
        counts = np.empty((len(queries), 3), np.int64)
        taxa = np.empty((len(queries), ranks), np.int32)
        confidences = np.empty((len(queries), ranks))
        margins = np.empty((len(queries), ranks))
        if queries:
            search(
                codes,
                starts,
                self._bits,
                self._presence,
                self._paths,
                self._taxon_count,
                self._nobody if barred is None else barred,
                params.top_references,
                params.bootstraps,
                params.bootstrap_kmers,
                counts,
                taxa,
                confidences,
                margins,
            )
        kmers, hits, shared = counts.T
        return Found(kmers, hits, shared, taxa, confidences.round(4), margins.round(4))

    def shared_with_best(
        self, queries: Sequence[Codes], barred: NDArray[np.uint64] | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many different k-mers each query has, and how many of them its best hit has; nobody votes."""
        codes, starts = joined(queries)
        counts = np.zeros((len(queries), 2), np.int64)
        if queries:
            hidden = self._nobody if barred is None else barred
            best_shared(codes, starts, self._bits, self._presence, hidden, counts)
        return counts[:, 0], counts[:, 1]

    def barring(self, members: Sequence[NDArray[np.int64]]) -> NDArray[np.uint64]:
        """The rows of `barred` that hide these references, one array of indices a query."""
        barred = np.zeros((len(members), self._bits.shape[1]), np.uint64)
        for row, hidden in zip(barred, members, strict=True):
            np.bitwise_or.at(row, hidden >> 6, np.uint64(1) << (hidden & 63).astype(np.uint64))
        return barred
