"""A multipart form, read while it arrives: the file is handed on piece by piece, nothing is spooled."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from gateway.formats import HEAD_BYTES
from gateway.joining import rechunked
from rpc.channels import CHUNK_BYTES
from rpc.errors import InvalidArgument
from rpc.reasons import Reason

FILE_FIELD = "file"

_MAX_SILENT_BYTES = 256 * 1024
"""The most before the first part and after the last, where there is nothing but line ends."""

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
        kind, options = parse_options_header(content_type)
        if kind != b"multipart/form-data" or not options.get(b"boundary"):
            raise broken("The body must be multipart/form-data with a boundary.")
        try:
            self._parser = MultipartParser(options[b"boundary"], self._parts.callbacks())
        except FormParserError as error:
            raise broken("The boundary of the form is too long.") from error

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
        while (data := await next_piece(self._body, self._limits)) is not None:
            self._feed(data)
            while arrived:
                yield arrived.popleft()
        self._check_whole()

    def _feed(self, data: bytes) -> None:
        self._parts.silent_bytes += len(data)
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise broken("The form is not well-formed multipart/form-data.") from error
        if self._parts.silent_bytes > _MAX_SILENT_BYTES:
            raise broken("The form has bytes before or after its fields without end.")

    def _check_whole(self) -> None:
        if not self._parts.is_complete:
            raise broken("The form was cut short: its closing delimiter is missing.")
        if not self._parts.has_file:
            raise InvalidArgument(
                Reason.FILE_MISSING, f"The form has no file: send the recording in the field {FILE_FIELD}."
            )


class _Parts:
    """Takes every part of the form: the file into `arrived`, the others into `fields`."""

    def __init__(self, limits: UploadLimits) -> None:
        self.arrived: deque[bytes] = deque()
        self.head = bytearray()
        self.fields: dict[str, bytearray] = {}
        self.file_name = ""
        self.has_file = False
        self.is_complete = False
        self.silent_bytes = 0
        self._limits = limits
        self._file_bytes = 0
        self._field_bytes = 0
        self._name = ""
        self._header = bytearray()
        self._disposition = bytearray()
        self._is_disposition = False

    def callbacks(self) -> Any:
        """Return what the parser tells, and to whom."""
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": self._on_header_field,
            "on_header_value": self._on_header_value,
            "on_header_end": self._header.clear,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": self._on_part_data,
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def _on_part_begin(self) -> None:
        self._disposition.clear()

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition += data[start:end]

    def _on_headers_finished(self) -> None:
        self.silent_bytes = 0
        _, options = parse_options_header(bytes(self._disposition))
        try:
            self._begin(options.get(b"name", b"").decode(), options.get(b"filename", b"").decode())
        except UnicodeDecodeError as error:
            raise broken("A part of the form has a name that is not UTF-8.") from error

    def _begin(self, name: str, file_name: str) -> None:
        self._name = name
        if name == FILE_FIELD:
            if self.has_file:
                raise broken("The form has two files; send one at a time.")
            self.has_file, self.file_name = True, file_name
        elif file_name:
            raise broken(f"The field {name} holds a file; send one file, in the field {FILE_FIELD}.")
        elif name in self.fields:
            raise broken(f"The field {name} was sent twice.")
        else:
            self._count_field_bytes(len(name) + _FIELD_BYTES)
            self.fields[name] = bytearray()

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.silent_bytes = 0
        piece = data if end - start == len(data) else data[start:end]
        if self._name == FILE_FIELD:
            self._take_file(piece)
        else:
            self._count_field_bytes(len(piece))
            self.fields[self._name] += piece

    def _on_part_end(self) -> None:
        self.silent_bytes = 0
        if self._name == FILE_FIELD and not self.file_name and not self._file_bytes:
            self.has_file = False  # what a browser sends where no file was chosen

    def _on_end(self) -> None:
        self.is_complete = True

    def _take_file(self, piece: bytes) -> None:
        self._file_bytes += len(piece)
        if self._file_bytes > self._limits.file_bytes:
            raise too_large(self._limits.file_bytes)
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]
        self.arrived.append(piece)

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
