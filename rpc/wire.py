"""Pieces of messages as they stand on the wire, for answers that are written by hand."""

from google.protobuf.message import Message

VARINT, BYTES = 0, 2
"""Kinds of fields."""


def tag(message: type[Message], field: str, kind: int) -> bytes:
    """Return what a field begins with."""
    return varint(message.DESCRIPTOR.fields_by_name[field].number << 3 | kind)


def varint(number: int) -> bytes:
    """Return a number, at most seven bits a byte, the least first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
