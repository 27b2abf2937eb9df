"""What the steps of a computation in parts say to each other: between the server and its workers, as bytes.

prepare   input                   -> Plan | Finished
recall    outline                 -> Plan | Damaged
compute   input, state            -> a BatchStoreItems of the parts asked for
assemble  input, state, all parts -> Finished | Damaged | Plan (of further parts)
"""

import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from assaycache.cache.v1.cache_service_pb2 import BatchLookupRequest
from assaycache.cache.v1.entry_pb2 import Payload

_LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Plan:
    """The parts that are needed: `wanted` asks for them under their own pipeline, by columns, in the order of their
    indexes.

    `state` is the pipeline's own: whatever `compute` and `assemble` need that `prepare` found. `outline` is what
    `recall` needs to plan the same without the input.
    """

    wanted: BatchLookupRequest
    state: bytes
    outline: Payload | None = None


@dataclass(frozen=True)
class Finished:
    """The result."""

    payload: Payload


@dataclass(frozen=True)
class Damaged:
    """Parts that could not be read, by their indexes: they are to be computed anew."""

    indexes: tuple[int, ...]


Step = Plan | Finished | Damaged


def encoded_step(step: Step) -> bytes:
    """Return a step as bytes."""
    match step:
        case Plan(wanted, state, outline):
            outlined = [] if outline is None else [outline.SerializeToString()]
            return joined(b"plan", wanted.SerializeToString(), state, *outlined)
        case Finished(payload):
            return joined(b"finished", payload.SerializeToString())
        case Damaged(indexes):
            return joined(b"damaged", encoded_indexes(indexes))


def step_in(data: bytes) -> Step:
    """Return the step that bytes say."""
    kind, *fields = split(data)
    match bytes(kind), fields:
        case b"plan", [wanted, state, *outlined]:
            outline = Payload.FromString(bytes(outlined[0])) if outlined else None
            return Plan(BatchLookupRequest.FromString(bytes(wanted)), bytes(state), outline)
        case b"finished", [payload]:
            return Finished(Payload.FromString(bytes(payload)))
        case b"damaged", [indexes]:
            return Damaged(indexes_in(indexes))
        case _:
            raise ValueError("the bytes are no step")


def joined(*fields: bytes) -> bytes:
    """Return fields as one string of bytes, each behind its length."""
    return b"".join(piece for field in fields for piece in (_LENGTH.pack(len(field)), field))


def split(data: bytes | memoryview) -> Iterator[memoryview]:
    """Return the fields of `joined`."""
    view, start = memoryview(data), 0
    while start < len(view):
        (length,) = _LENGTH.unpack_from(view, start)
        start += _LENGTH.size
        yield view[start : start + length]
        start += length


def encoded_indexes(indexes: Iterable[int]) -> bytes:
    """Return the indexes of parts as bytes."""
    return array("I", indexes).tobytes()


def indexes_in(data: bytes | memoryview) -> tuple[int, ...]:
    """Return the indexes that bytes say."""
    indexes = array("I")
    indexes.frombytes(data)
    return tuple(indexes)


def in_slices(indexes: Sequence[int], length: int) -> Iterator[Sequence[int]]:
    """Return the indexes in slices of a length, the last one perhaps shorter."""
    return (indexes[start : start + length] for start in range(0, len(indexes), length))
