"""The references of this service: told to the cache, listed, built in a worker, removed."""

import queue
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

from analysis_service.pipelines import Pipeline
from analysis_service.sequence.reference.errors import ReferenceProblem
from analysis_service.sequence.reference.library import Library, Listing
from analysis_service.service.analyses import Caller
from analysis_service.service.flights import progress_of
from analysis_service.service.offers import offer_of
from analysis_service.service.problems import error_of_problem, no_reference
from analysis_service.service.reference_files import SEQUENCES_NAME, TAXONOMY_NAME, TREE_NAME, WARM
from analysis_service.service.steps import joined
from analysis_service.service.tasks import Pool, Tasks
from analysis_service.workers.pool import Progress, Queued
from analysis_service.workers.worker import Task
from assaycache.analysis.v1 import analysis_service_pb2 as pb2
from assaycache.cache.v1.pipelines_pb2 import PipelineOffer
from rpc.errors import AssayError, InvalidArgument, field_invalid, field_missing
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)


_DIGEST_BYTES = 32
_MOST_BYTES = 8 * 1024**3
"""Of all files together: SILVA's whole export has 1.5 GB."""
_BUILD_SECONDS = 3600.0
"""Greengenes 97 builds in minutes; the limit is for what would never end."""


class References:
    """A library of references, and the workers that build them. `announce` tells the cache at once."""

    def __init__(self, library: Library, pool: Pool, worker_count: int, announce: Callable[[], None]) -> None:
        self._library = library
        self._pool = pool
        self._worker_count = worker_count
        self._announce = announce

    def require_any(self) -> None:
        """Check that there is a reference at all.

        Raises:
            InvalidArgument: REFERENCE_UNKNOWN.
        """
        if not listing_of(self._library).digests:
            raise no_reference()

    def described(self) -> list[pb2.Reference]:
        """Return what is known of every reference, by name.

        Raises:
            FailedPrecondition: REFERENCE_DAMAGED.
        """
        with _problems():
            listing = self._library.listing()
            return [self._described(name, listing) for name in sorted(listing.digests)]

    def add(self, requests: Iterable[pb2.AddReferenceRequest], caller: Caller) -> Iterator[pb2.AddReferenceResponse]:
        """Return the events of building a reference, the reference last.

        Raises:
            AssayError: what the contract lists.
        """
        tasks = Tasks(self._pool)
        caller.when_left(tasks.cancel)
        with tempfile.TemporaryDirectory(prefix="reference-") as folder, tempfile.TemporaryFile() as nothing:
            header = _received(requests, Path(folder))
            arguments = joined(header.SerializeToString(), folder.encode())
            task = Task("reference:build", arguments, nothing, seconds=_BUILD_SECONDS)
            try:
                for progress in _followed(tasks, task):
                    yield pb2.AddReferenceResponse(progress=progress_of(progress))
                yield pb2.AddReferenceResponse(progress=progress_of(Progress("warming", 1.0)))
                self._warm(tasks, nothing)
            finally:
                tasks.cancel()
        self._announce()
        with _problems():
            yield pb2.AddReferenceResponse(reference=self._described(header.reference.name, self._library.listing()))

    def remove(self, digest: bytes) -> None:
        """Remove a reference under all its names.

        Raises:
            InvalidArgument: REFERENCE_UNKNOWN, FIELD_INVALID.
            FailedPrecondition: REFERENCE_DAMAGED.
        """
        if len(digest) != _DIGEST_BYTES:
            raise field_invalid("digest", f"must have {_DIGEST_BYTES} bytes")
        with _problems():
            names = [name for name, known in self._library.listing().digests.items() if known == digest.hex()]
            for name in names or [self._library.digest_of(digest.hex())]:
                self._library.remove(name)
        self._announce()

    def _warm(self, tasks: Tasks, nothing: BinaryIO) -> None:
        """Let the other workers load the classifier, as they have not where there was no reference when they began."""
        try:
            for ticket in [tasks.start(Task(WARM, b"", nothing), _hear_nothing) for _ in range(self._worker_count)]:
                tasks.wait(ticket)
        except AssayError as error:  # the reference is there all the same
            log.warning("not every worker has loaded the classifier", reason=error.reason)

    def _described(self, name: str, listing: Listing) -> pb2.Reference:
        digest = listing.digests[name]
        facts = self._library.facts(digest)
        return pb2.Reference(
            name=name,
            digest=bytes.fromhex(digest),
            version=facts.version,
            sequences=facts.sequences,
            ranks=facts.ranks,
            licence=facts.licence,
            citation=facts.citation,
            is_default=name == listing.default,
            has_tree=facts.has_tree,
        )


def _hear_nothing(event: Queued | Progress) -> None:
    """Let nobody know: it takes a moment."""


def offers_of(pipelines: Iterable[Pipeline], library: Library) -> list[PipelineOffer]:
    """Return what the cache is to hear, with the references as they are now."""
    listing = listing_of(library)
    return [offer_of(pipeline, listing) for pipeline in pipelines]


def listing_of(library: Library) -> Listing:
    """Return what a library holds; one whose list is damaged holds nothing, which is logged."""
    try:
        return library.listing()
    except ReferenceProblem as problem:
        log.warning("the list of references cannot be read", text=problem.message)
        return Listing()


@contextmanager
def _problems() -> Iterator[None]:
    try:
        yield
    except ReferenceProblem as problem:
        raise error_of_problem(problem) from problem


def _received(requests: Iterable[pb2.AddReferenceRequest], folder: Path) -> pb2.AddReferenceHeader:
    """Write the files that arrive into a folder, and return the header."""
    header: pb2.AddReferenceHeader | None = None
    left = _MOST_BYTES
    with ExitStack() as closing:
        files = {"sequences_chunk": closing.enter_context((folder / SEQUENCES_NAME).open("wb"))}
        for request in requests:
            kind = request.WhichOneof("message")
            if (kind == "header") != (header is None) or kind is None:
                raise _out_of_order("chunks" if header else "header")
            if kind == "header":
                header = _checked(request.header)
                continue
            chunk: bytes = getattr(request, kind)
            left -= len(chunk)
            if left < 0:
                raise InvalidArgument(Reason.BLOB_TOO_LARGE, "The files are too large.", metadata=_LIMIT)
            if kind not in files:
                files[kind] = closing.enter_context((folder / _NAMES[kind]).open("wb"))
            files[kind].write(chunk)
    if header is None:
        raise _out_of_order("header")
    return header


_NAMES = {"sequences_chunk": SEQUENCES_NAME, "taxonomy_chunk": TAXONOMY_NAME, "tree_chunk": TREE_NAME}
_LIMIT = {"limit_bytes": str(_MOST_BYTES)}


def _checked(header: pb2.AddReferenceHeader) -> pb2.AddReferenceHeader:
    if not header.reference.name:
        raise field_missing("header.reference.name")
    return header


def _out_of_order(expected: str) -> InvalidArgument:
    text = f"The stream must go on with {expected}." if expected == "chunks" else "The stream must begin with a header."
    return InvalidArgument(Reason.STREAM_INVALID, text, metadata={"expected": expected})


def _followed(tasks: Tasks, task: Task) -> Iterator[Progress]:
    """Run a task; return its progress, and raise what it raises."""
    events: queue.SimpleQueue[Progress | Exception | None] = queue.SimpleQueue()

    def hear(event: Queued | Progress) -> None:
        if isinstance(event, Progress):
            events.put(event)

    def run() -> None:
        try:
            tasks.run(task, hear)
        except Exception as error:  # raised again where it is heard
            events.put(error)
        else:
            events.put(None)

    threading.Thread(target=run, name="building", daemon=True).start()
    while (event := events.get()) is not None:
        if isinstance(event, Exception):
            raise event
        yield event
