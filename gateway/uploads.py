"""A multipart form, read while it arrives: the file is handed on piece by piece, nothing is spooled."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from streaming_form_data import ParseFailedException, StreamingFormDataParser
from streaming_form_data.parser import parse_content_boundary
from streaming_form_data.targets import BaseTarget

from gateway.formats import HEAD_BYTES
from gateway.joining import rechunked
from rpc.channels import CHUNK_BYTES
from rpc.errors import InvalidArgument
from rpc.reasons import Reason

FILE_FIELD = "file"

_PIECE_BYTES = 64 * 1024
"""What the parser is fed at once, at the least: fed single bytes, it fails where a part after the first begins with a
hyphen (release 2.1.0)."""

_MAX_SILENT_BYTES = 4 * _PIECE_BYTES
"""The most between two parts: the parser keeps a part's headers whole, and only a header bomb is so long."""

_TAIL_BYTES = 1024  # the closing delimiter must be among the last bytes; epilogues are a line at the most
_FIELD_BYTES = 64  # what an empty field costs, so that a million of them are not free
_MAX_NAME_CHARS = 255  # the longest name that file systems take
_MAX_DEPTH = 32  # of metadata: far beyond what people write, far below where parsers give up


@dataclass(frozen=True)
class UploadLimits:
    """What a form may hold, and how long it may pause."""

    file_bytes: int
    fields_bytes: int
    idle_seconds: float

    def check_declared(self, content_length: str) -> None:
        """Refuse a body that says itself that it is too large, before reading it.

        Raises:
            InvalidArgument: BLOB_TOO_LARGE.
        """
        most = self.file_bytes + self.fields_bytes + _MAX_SILENT_BYTES
        if content_length.isdecimal() and int(content_length) > most:
            raise too_large(self.file_bytes)


class UploadForm:
    """One form with one file in the field `file`, and small fields before or after it.

    Read the file by `pieces()`; `fields` is complete once that has ended.
    """

    def __init__(self, content_type: str, body: AsyncIterator[bytes], limits: UploadLimits) -> None:
        """Begin.

        Raises:
            InvalidArgument: BODY_INVALID: the content type is not that of a form.
        """
        self._body = body
        self._limits = limits
        self._parts = _Parts(limits)
        headers = {"Content-Type": content_type}
        try:
            self._ender = b"\r\n--" + parse_content_boundary(headers) + b"--"
            self._parser = StreamingFormDataParser(headers)
        except (ParseFailedException, ValueError) as error:
            raise broken("The body must be multipart/form-data with a boundary.") from error
        self._parser.register("any", self._parts, matches=self._parts.announce)
        self._tail = b"\r\n"
        self._ended = False

    @property
    def file_name(self) -> str:
        """The file's name, without folders and control characters."""
        return clean_name(self._parts.file_name)

    @property
    def head(self) -> bytes:
        """The file's first bytes, as far as they have been read."""
        return bytes(self._parts.head)

    def text(self, name: str) -> str:
        """Return a field as text; empty where it was not sent.

        Raises:
            InvalidArgument: BODY_INVALID: it is not UTF-8.
        """
        try:
            return self._parts.fields.get(name, b"").decode().strip()
        except UnicodeDecodeError as error:
            raise broken(f"The field {name} is not UTF-8 text.") from error

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the file in pieces as they arrive, and read the form to its end; an empty file yields none.

        Raises:
            InvalidArgument: FILE_MISSING, BLOB_TOO_LARGE, METADATA_INVALID, BODY_INVALID.
        """
        arrived = self._parts.arrived
        while await self._read_piece():
            while arrived:
                yield arrived.popleft()
        self._check_whole()

    async def _read_piece(self) -> bool:
        """Feed the parser with the next bytes of the body; False at its end."""
        arrived: list[bytes] = []
        size_bytes = 0
        while size_bytes < _PIECE_BYTES and (data := await self._next()) is not None:
            arrived.append(data)
            size_bytes += len(data)
        if size_bytes:
            self._feed(arrived[0] if len(arrived) == 1 else b"".join(arrived))
        return size_bytes > 0

    async def _next(self) -> bytes | None:
        return await next_piece(self._body, self._limits)

    def _feed(self, piece: bytes) -> None:
        self._parts.silent_bytes += len(piece)
        try:
            self._parser.data_received(piece)
        except (ParseFailedException, ValueError) as error:  # ValueError: headers that are not UTF-8
            raise broken("The form is not well-formed multipart/form-data.") from error
        if self._parts.silent_bytes > _MAX_SILENT_BYTES:
            raise broken("The form has headers, or bytes between its fields, without end.")
        self._tail = (self._tail + piece[-_TAIL_BYTES:])[-_TAIL_BYTES:]

    def _check_whole(self) -> None:
        if self._parts.is_open or self._ender not in self._tail:
            raise broken("The form was cut short: its closing delimiter is missing.")
        if not self._parts.has_file:
            raise InvalidArgument(
                Reason.FILE_MISSING, f"The form has no file: send the recording in the field {FILE_FIELD}."
            )


class _Parts(BaseTarget):  # type: ignore[misc]  # the library has no types
    """Takes every part of the form: the file into `arrived`, the others into `fields`."""

    def __init__(self, limits: UploadLimits) -> None:
        super().__init__()
        self.arrived: deque[bytes] = deque()
        self.head = bytearray()
        self.fields: dict[str, bytearray] = {}
        self.file_name = ""
        self.file_bytes = 0
        self.has_file = False
        self.is_open = False
        self.silent_bytes = 0
        self._limits = limits
        self._field_bytes = 0
        self._name = ""

    def announce(self, _registered: str, name: str) -> bool:
        """Note the name of the part that begins; the parser asks this of every part."""
        self._name = name
        return True

    def on_start(self) -> None:
        if self.is_open:
            raise broken("A part of the form names itself twice.")
        self.is_open = True
        self.silent_bytes = 0
        if self._name == FILE_FIELD:
            self._begin_file()
        elif self.multipart_filename:
            raise broken(f"The field {self._name} holds a file; send one file, in the field {FILE_FIELD}.")
        elif self._name in self.fields:
            raise broken(f"The field {self._name} was sent twice.")
        else:
            self._count_field_bytes(len(self._name) + _FIELD_BYTES)
            self.fields[self._name] = bytearray()

    def on_data_received(self, chunk: bytes) -> None:
        self.silent_bytes = 0
        if self._name == FILE_FIELD:
            self._take_file(chunk)
        else:
            self._take_field(chunk)

    def on_finish(self) -> None:
        self.is_open = False
        self.silent_bytes = 0
        if self._name == FILE_FIELD and not self.file_name and not self.file_bytes:
            self.has_file = False  # what a browser sends where no file was chosen

    def _begin_file(self) -> None:
        if self.has_file:
            raise broken("The form has two files; send one at a time.")
        self.has_file = True
        self.file_name = self.multipart_filename or ""

    def _take_file(self, chunk: bytes) -> None:
        self.file_bytes += len(chunk)
        if self.file_bytes > self._limits.file_bytes:
            raise too_large(self._limits.file_bytes)
        if len(self.head) < HEAD_BYTES:
            self.head += chunk[: HEAD_BYTES - len(self.head)]
        if chunk:
            self.arrived.append(chunk)

    def _take_field(self, chunk: bytes) -> None:
        self._count_field_bytes(len(chunk))
        self.fields[self._name] += chunk

    def _count_field_bytes(self, count: int) -> None:
        self._field_bytes += count
        if self._field_bytes > self._limits.fields_bytes:
            raise InvalidArgument(
                Reason.METADATA_INVALID,
                f"The fields beside the file hold more than {self._limits.fields_bytes} bytes.",
                metadata={"field": self._name, "limit_bytes": str(self._limits.fields_bytes)},
            )


async def chunks_of(body: AsyncIterator[bytes], limits: UploadLimits) -> AsyncIterator[bytes]:
    """Yield a body in chunks of `CHUNK_BYTES`.

    Raises:
        InvalidArgument: BLOB_TOO_LARGE; BODY_INVALID: it pauses too long or is cut short.
    """
    async for chunk in rechunked(_bounded(body, limits), CHUNK_BYTES):
        yield chunk


async def _bounded(body: AsyncIterator[bytes], limits: UploadLimits) -> AsyncIterator[bytes]:
    size_bytes = 0
    while (piece := await next_piece(body, limits)) is not None:
        size_bytes += len(piece)
        if size_bytes > limits.file_bytes:
            raise too_large(limits.file_bytes)
        yield piece


async def next_piece(body: AsyncIterator[bytes], limits: UploadLimits) -> bytes | None:
    """Return what arrives next of a body; None at its end.

    Raises:
        InvalidArgument: BODY_INVALID: it pauses too long or is cut short.
    """
    try:
        async with asyncio.timeout(limits.idle_seconds):
            return await anext(body, None)
    except TimeoutError as error:
        raise broken(f"Nothing arrived for {limits.idle_seconds:g} s.") from error


async def drain(body: AsyncIterator[bytes], seconds: float) -> None:
    """Read and forget what is left, so that a sender still sending sees the answer; give up after a while."""
    with contextlib.suppress(TimeoutError, InvalidArgument):  # the second: the sender has left
        async with asyncio.timeout(seconds):
            async for _ in body:
                pass


def broken(how: str) -> InvalidArgument:
    """Return the error for a body that cannot be read."""
    return InvalidArgument(Reason.BODY_INVALID, how)


def too_large(limit_bytes: int) -> InvalidArgument:
    """Return the error for a file over the limit."""
    return InvalidArgument(
        Reason.BLOB_TOO_LARGE,
        f"The file is larger than the limit of {limit_bytes} bytes.",
        metadata={"limit_bytes": str(limit_bytes)},
    )


def clean_name(name: str) -> str:
    """Return a file's name without folders, control characters and undue length."""
    last = re.split(r"[/\\]", name)[-1]
    printable = "".join(letter for letter in last if letter.isprintable())
    return printable[-_MAX_NAME_CHARS:].strip() or "unnamed"


def object_in(text: str, field: str, reason: Reason) -> dict[str, Any]:
    """Return the JSON object that a field holds; an empty field is an empty object.

    Raises:
        InvalidArgument: `reason`: it is not a JSON object, is nested too deeply or holds a NUL character.
    """
    if not text:
        return {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _not_object(field, reason, f"is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise _not_object(field, reason, "must be a JSON object")
    check_object(value, field, reason)
    return value


def check_object(value: dict[str, Any], field: str, reason: Reason) -> None:
    """Refuse a JSON object that cannot be kept.

    Raises:
        InvalidArgument: `reason`: it is nested too deeply or holds a NUL character.
    """
    for depth, level in enumerate(_levels(value)):
        if depth > _MAX_DEPTH:
            raise _not_object(field, reason, f"is nested more than {_MAX_DEPTH} deep")
        if any(isinstance(item, str) and "\0" in item for item in level):
            raise _not_object(field, reason, "holds a NUL character")


def _levels(value: Any) -> Iterator[list[Any]]:
    """Yield what JSON holds, depth by depth, the names of objects among it."""
    level = [value]
    while level:
        yield level
        level = [inner for item in level if isinstance(item, dict | list) for inner in _inside(item)]


def _inside(item: dict[str, Any] | list[Any]) -> list[Any]:
    return [*item.keys(), *item.values()] if isinstance(item, dict) else item


def _not_object(field: str, reason: Reason, how: str) -> InvalidArgument:
    return InvalidArgument(reason, f"The field {field} {how}.", metadata={"field": field})
