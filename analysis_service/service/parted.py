"""Jobs of pipelines whose results are put together of parts: what all of them do alike, in the workers."""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Protocol, TypeVar, runtime_checkable

import zstandard
from google.protobuf.message import DecodeError, Message

from analysis_service.service.part_columns import SideBySide
from analysis_service.service.steps import (
    Damaged,
    Finished,
    Plan,
    encoded_indexes,
    encoded_step,
    indexes_in,
    joined,
    split,
)
from analysis_service.workers.process import Input, Job, Report
from assaycache.cache.v1.cache_service_pb2 import BatchLookupColumns, BatchStoreItem, BatchStoreItems
from assaycache.cache.v1.entry_pb2 import ENCODING_IDENTITY, ENCODING_ZSTD, Encoding, Payload
from assaycache.cache.v1.identity_pb2 import Question
from rpc.errors import AssayError, Unavailable
from rpc.reasons import Reason

PREPARE, RECALL, COMPUTE, ASSEMBLE = "prepare", "recall", "compute", "assemble"

_ZSTD_LEVEL = 3
"""zstd's own default: higher levels cost several times the time for a few percent of doubles."""
_LEAST_COMPRESSED_BYTES = 1024
"""What is smaller travels as it is: of a few hundred bytes of names and numbers zstd saves a tenth, and setting it up
for each of ten thousands of them took longer than all else that is done to read them."""
_MAX_PART_BYTES = 64 * 1024**2
"""The most that a part may unpack to: the largest payload that the cache keeps."""
_MOST_OPEN = 8
"""Parts that were written together are read together; those of so many writings are in memory at a time. In the order
of the plan, known and computed ones take turns."""

_UNREADABLE = (zstandard.ZstdError, DecodeError, ValueError, AssayError)

Value = TypeVar("Value")


class Parts:
    """The parts of a plan, as `assemble` reads them: in the order of the plan, whatever order they came in."""

    def __init__(self, data: Input) -> None:
        self._written = list(split(memoryview(data)))
        self._places = {
            index: (number, at)
            for number, written in enumerate(self._written)
            for at, index in enumerate(BatchLookupColumns.FromString(bytes(written)).indexes)
        }
        self._side_by_side = lru_cache(_MOST_OPEN)(lambda number: SideBySide(bytes(self._written[number])))

    def __len__(self) -> int:
        return len(self._places)

    def decoded(self, decode: Callable[[bytes], Value]) -> Iterator[Value]:
        """Return what every part says. The caller must go to the end: only there it shows whether all were sound.

        Raises:
            DamagedParts: at the end, with every part that is not what it claims to be, or that `decode` cannot read
                (`DecodeError`, `ValueError`, `AssayError`).
        """
        damaged = []
        for index in sorted(self._places):
            try:
                value = decode(self._plain(index))
            except _UNREADABLE:
                damaged.append(index)
            else:
                yield value
        if damaged:
            raise DamagedParts(damaged)

    def _plain(self, index: int) -> bytes:
        number, at = self._places[index]
        parts = self._side_by_side(number)
        return _unpacked(parts.encoding, *parts.part(at))


class DamagedParts(Exception):
    """Parts that cannot be read; the server computes them anew."""

    def __init__(self, indexes: Sequence[int]) -> None:
        super().__init__(f"{len(indexes)} parts are damaged")
        self.indexes = tuple(indexes)


class Parted(Protocol):
    """What a pipeline in parts says of itself. The steps run in different processes: all that one hands to another
    is in the plan's state and the parts. `data` is the whole input file, verified before `prepare`."""

    def prepare(self, data: Input, question: Question, report: Report) -> Plan | Message:
        """Say which parts are needed, or return the result where it takes none."""
        ...

    def compute(
        self, data: Input, question: Question, state: Input, indexes: Sequence[int], report: Report
    ) -> Iterable[Message]:
        """Return the parts with these indexes in the plan, one after the other as they are computed."""
        ...

    def assemble(self, data: Input, question: Question, state: Input, parts: Parts, report: Report) -> Plan | Message:
        """Return the result, or a plan of further parts."""
        ...


@runtime_checkable
class Outlined(Parted, Protocol):
    """A pipeline in parts of whose inputs outlines are kept."""

    def recall(self, outlined: bytes, question: Question) -> Plan:
        """Say which parts are needed, by the outline that `prepare` made of the input; the input is not here.

        Raises:
            ValueError, DecodeError, AssayError: where the outline cannot be read.
        """
        ...


def job_name(pipeline: str, step: str) -> str:
    """Return the name of a step's job in the table."""
    return f"{pipeline}:{step}"


def compute_arguments(question: bytes, indexes: Iterable[int]) -> bytes:
    """Return the arguments of a `compute` job."""
    return joined(question, encoded_indexes(indexes))


def jobs_of(pipeline: str, steps: Parted) -> dict[str, Job]:
    """Return the jobs of a pipeline in parts, by name."""

    def prepare(data: Input, arguments: bytes, report: Report) -> bytes:
        question = Question.FromString(arguments)
        verify(data, question.blob.sha256)
        return encoded_step(_step(steps.prepare(data, question, report)))

    def compute(data: Input, arguments: bytes, report: Report, state: Input) -> bytes:
        question_bytes, indexes_bytes = split(arguments)
        indexes = indexes_in(indexes_bytes)
        found = steps.compute(data, Question.FromString(bytes(question_bytes)), state, indexes, report)
        return BatchStoreItems(items=_timed(found)).SerializeToString()

    def assemble(data: Input, arguments: bytes, report: Report, state: Input, parts: Input) -> bytes:
        question = Question.FromString(arguments)
        try:
            return encoded_step(_step(steps.assemble(data, question, state, Parts(parts), report)))
        except DamagedParts as error:
            return encoded_step(Damaged(error.indexes))

    jobs: dict[str, Job] = {PREPARE: prepare, COMPUTE: compute, ASSEMBLE: assemble}
    if isinstance(steps, Outlined):
        jobs[RECALL] = _recall_job(steps)
    return {job_name(pipeline, step): job for step, job in jobs.items()}


def _recall_job(steps: Outlined) -> Job:
    def recall(data: Input, arguments: bytes, report: Report) -> bytes:  # noqa: ARG001  it is done in no time
        try:
            (outlined,) = Parts(data).decoded(bytes)
            return encoded_step(steps.recall(outlined, Question.FromString(arguments)))
        except (*_UNREADABLE, DamagedParts):
            return encoded_step(Damaged(()))

    return recall


def payload_of(result: Message) -> Payload:
    """Return a message as a payload: the same bytes for the same message."""
    plain = result.SerializeToString(deterministic=True)
    is_small = len(plain) < _LEAST_COMPRESSED_BYTES
    return Payload(
        data=plain if is_small else zstandard.ZstdCompressor(level=_ZSTD_LEVEL).compress(plain),
        encoding=ENCODING_IDENTITY if is_small else ENCODING_ZSTD,
        sha256=hashlib.sha256(plain).digest(),
        uncompressed_size_bytes=len(plain),
        message_type=result.DESCRIPTOR.full_name,
    )


def plain_of(payload: Payload, most_bytes: int = _MAX_PART_BYTES) -> bytes:
    """Return the uncompressed bytes of a payload.

    Raises:
        ValueError: if they are not what the payload claims.
        ZstdError: if they cannot be unpacked.
    """
    return _unpacked(payload.encoding, payload.data, payload.sha256, payload.uncompressed_size_bytes, most_bytes)


def verify(data: Input, sha256: bytes) -> None:
    """Check the input here, not where it was downloaded, so that the server's threads need not.

    Raises:
        Unavailable: BLOB_STORE_UNAVAILABLE.
    """
    if hashlib.sha256(data).digest() != sha256:
        raise Unavailable(Reason.BLOB_STORE_UNAVAILABLE, "The blob store returned other bytes than it was given.")


def _unpacked(encoding: Encoding, data: bytes, sha256: bytes, size: int, most_bytes: int = _MAX_PART_BYTES) -> bytes:
    if size > most_bytes:
        raise ValueError("the payload claims to be larger than it may be")
    if encoding == ENCODING_ZSTD:
        data = zstandard.ZstdDecompressor().decompress(data, max_output_size=size)
    elif encoding != ENCODING_IDENTITY:
        raise ValueError("the payload's encoding is not known")
    if hashlib.sha256(data).digest() != sha256:
        raise ValueError("the payload's bytes are not those of its digest")
    return data


def _step(outcome: Plan | Message) -> Plan | Finished:
    return outcome if isinstance(outcome, Plan) else Finished(payload_of(outcome))


def _timed(parts: Iterable[Message]) -> Iterator[BatchStoreItem]:
    started = time.monotonic()
    for part in parts:
        item = BatchStoreItem(payload=payload_of(part))
        item.compute_cost.FromNanoseconds(round((time.monotonic() - started) * 1e9))
        yield item
        started = time.monotonic()
