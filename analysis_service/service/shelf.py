"""The references that a worker process has open: mapped once, read-only, their pages shared by all workers."""

from functools import lru_cache

from analysis_service.sequence.classifier import Classifier
from analysis_service.sequence.classifier_params import ClassifierParams
from analysis_service.sequence.reference.errors import ReferenceProblem
from analysis_service.sequence.reference.library import Library
from analysis_service.sequence.reference.reference import Reference
from analysis_service.service.problems import error_of_problem, no_reference

_MOST_OPEN = 4
"""References that stay open. One costs address space, and the names of its taxa."""
_MOST_CLASSIFIERS = 8


class Shelf:
    """Opens references by their digests, each verified when it is first opened."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._opened = lru_cache(_MOST_OPEN)(self._open)
        self._prepared = lru_cache(_MOST_CLASSIFIERS)(self._prepare)

    def require(self, digest: bytes) -> None:
        """Check that a reference is at hand.

        Raises:
            InvalidArgument: REFERENCE_UNKNOWN.
            FailedPrecondition: REFERENCE_DAMAGED.
        """
        if not digest:
            raise no_reference()
        try:
            self._library.facts(digest.hex())
        except ReferenceProblem as problem:
            raise error_of_problem(problem) from problem

    def reference(self, digest: bytes) -> Reference:
        """Return an open reference; errors are those of `require`."""
        return self._opened(digest)

    def classifier(self, digest: bytes, params: ClassifierParams) -> Classifier:
        """Return a classifier on a reference; errors are those of `require`."""
        return self._prepared(digest, params)

    def _open(self, digest: bytes) -> Reference:
        try:
            return Reference.open(self._library.path_of(digest.hex()))
        except ReferenceProblem as problem:
            raise error_of_problem(problem) from problem

    def _prepare(self, digest: bytes, params: ClassifierParams) -> Classifier:
        return Classifier(self.reference(digest), params)
