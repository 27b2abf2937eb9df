"""Machine code before the first request."""

import numpy as np

from analysis_service.sequence.classifier_params import ClassifierParams
from analysis_service.sequence.kernels.diagonals import offsets
from analysis_service.sequence.kernels.kmers import KMERS, encoded
from analysis_service.sequence.kernels.machine_code import compiling_once
from analysis_service.sequence.kernels.near import near
from analysis_service.sequence.kernels.spectra import SPECTRUM
from analysis_service.sequence.orientation import Orientation
from analysis_service.sequence.projection import DIMENSIONS, Projection
from analysis_service.sequence.search import Search, joined


def warm() -> None:
    """Load the machine code, or compile it if no process of this user has done so: then it takes half a minute.

    A worker calls it when it starts; of several that start together one compiles.
    """
    with compiling_once():
        _classify()


def _classify() -> None:
    """Classify against an index of nothing, of the same types as a real one."""
    bits = np.zeros((KMERS, 8), np.uint64)
    paths = np.zeros((2, 1), np.int32)
    weights = np.zeros(KMERS, np.int32)
    letters, starts = np.zeros(2, np.uint8), np.zeros(3, np.int64)
    mean, axes = np.zeros(SPECTRUM), np.zeros((SPECTRUM, DIMENSIONS))
    for array in (bits, paths, weights, mean, axes, letters, starts):
        array.flags.writeable = False  # as mapped arrays are: to the compiler that is another type
    search = Search(bits, paths, taxon_count=1)
    queries, _ = Orientation(weights, search).oriented([encoded(b"ACGTTGCAACGGTCAATGCC")])
    search.find(queries, ClassifierParams())
    codes, hits, begins = joined(queries), np.zeros(1, np.int64), np.zeros(1, np.int64)
    offsets(*codes, letters, starts, hits, begins)
    near(*codes, letters, starts, hits, begins, np.empty((1, 2), np.int64))
    Projection(mean, axes).places(queries)
