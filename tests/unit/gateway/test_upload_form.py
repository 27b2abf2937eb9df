"""A form gives its file piece by piece and its fields, however its bytes arrive."""

import asyncio
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.uploads import UploadForm, UploadLimits, clean_name, object_in
from rpc.errors import AssayError, InvalidArgument
from rpc.reasons import Reason
from tests.support.gateway_standin import BOUNDARY, C3D, CONTENT_TYPE, form, part

LIMITS = UploadLimits(file_bytes=3_000_000, fields_bytes=2_000, idle_seconds=0.2)
DEEP = '{"a":' * 40 + "1" + "}" * 40
TRICKY = b"\r\n--x-boundar\r\n--\r\r\n\n--x-boundary-not\r\n-" + C3D


async def arriving(pieces: Iterable[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def cut(body: bytes, size: int) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


async def read(pieces: Iterable[bytes], limits: UploadLimits = LIMITS) -> tuple[UploadForm, list[bytes]]:
    upload = UploadForm(CONTENT_TYPE, arriving(pieces), limits)
    return upload, [chunk async for chunk in upload.pieces()]


async def refusal(pieces: Iterable[bytes], limits: UploadLimits = LIMITS) -> AssayError:
    with pytest.raises(InvalidArgument) as caught:
        await read(pieces, limits)
    return caught.value


@pytest.mark.parametrize("size", [1, 2, 3, 7, 61, 512, 1023, 1024, 4096, 10**9])
@pytest.mark.parametrize("content", [C3D, TRICKY, b"\r\n", b"-", b"\0" * 5000], ids=repr)
async def test_the_file_is_the_same_however_it_is_cut(size: int, content: bytes) -> None:
    body = form(part("params", b"{}"), part("file", content, "a.c3d"), part("metadata", b'{"a":1}'))
    upload, chunks = await read(cut(body, size))
    assert b"".join(chunks) == content
    assert upload.text("metadata") == '{"a":1}'
    assert upload.text("params") == "{}"
    assert upload.file_name == "a.c3d"
    assert upload.head == content[:512]


@given(content=st.binary(min_size=1, max_size=3000), cuts=st.lists(st.integers(1, 900), max_size=20))
def test_any_bytes_survive_any_cutting(content: bytes, cuts: list[int]) -> None:
    body, pieces = form(part("file", content, "a.c3d")), []
    for size in cuts:
        pieces.append(body[:size])
        body = body[size:]
    _, chunks = asyncio.run(read([*pieces, body]))
    assert b"".join(chunks) == content


async def test_a_file_is_handed_on_as_it_arrives() -> None:
    content = bytes(range(256)) * 10_000
    _, pieces = await read(cut(form(part("file", content, "a.c3d")), 100_000))
    assert {len(piece) for piece in pieces[1:-1]} == {100_000}
    assert b"".join(pieces) == content


async def test_no_more_is_read_than_the_taker_takes() -> None:
    taken = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        for piece in cut(form(part("file", bytes(2_900_000), "a.c3d")), 65_536):
            taken += len(piece)
            yield piece

    pieces = UploadForm(CONTENT_TYPE, body(), LIMITS).pieces()
    await anext(pieces)
    assert taken <= 65_536
    await pieces.aclose()


async def test_a_form_without_a_file_says_which_field_is_wanted() -> None:
    error = await refusal([form(part("metadata", b"{}"))])
    assert error.reason is Reason.FILE_MISSING
    assert "field file" in error.message


async def test_a_file_field_where_nothing_was_chosen_is_a_missing_file() -> None:
    assert (await refusal([form(part("file", b"", ""))])).reason is Reason.FILE_MISSING


async def test_an_empty_file_is_a_file_without_chunks() -> None:
    upload, chunks = await read([form(part("file", b"", "a.c3d"), part("metadata", b"{}"))])
    assert (upload.file_name, chunks, upload.text("metadata")) == ("a.c3d", [], "{}")


async def test_an_empty_form_has_no_file() -> None:
    assert (await refusal([form()])).reason is Reason.FILE_MISSING


@pytest.mark.parametrize("second", ["file", "file2"])
async def test_two_files_are_refused(second: str) -> None:
    error = await refusal([form(part("file", C3D, "a.c3d"), part(second, C3D, "b.c3d"))])
    assert error.reason is Reason.BODY_INVALID


async def test_a_name_in_any_script_is_kept() -> None:
    upload, _ = await read(cut(form(part("file", C3D, "größe 膝.c3d")), 3))
    assert upload.file_name == "größe 膝.c3d"


async def test_a_field_sent_twice_is_refused() -> None:
    error = await refusal([form(part("file", C3D, "a.c3d"), part("metadata", b"{}"), part("metadata", b"{}"))])
    assert error.reason is Reason.BODY_INVALID


@pytest.mark.parametrize("missing", [1, 5, 20, 300, 600])
async def test_a_body_that_was_cut_short_is_refused(missing: int) -> None:
    body = form(part("file", C3D, "a.c3d"), part("metadata", b'{"a":1}')).rstrip()
    assert (await refusal([body[:-missing]])).reason is Reason.BODY_INVALID


@pytest.mark.parametrize("body", [b"", b"garbage", b"--other\r\n", b"--x-boundary\r\nno header\r\n"])
async def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    assert (await refusal([body])).reason is Reason.BODY_INVALID


async def test_headers_that_are_not_text_are_refused() -> None:
    body = form(part("file", C3D, "a.c3d")).replace(b"a.c3d", b"\xff\xfe.c3d")
    assert (await refusal([body])).reason is Reason.BODY_INVALID


async def test_a_header_without_end_is_refused_before_it_fills_the_memory() -> None:
    pieces = [f"--{BOUNDARY}\r\nX: ".encode(), *[b"a" * 65_536] * 1000]
    arrived = iter(pieces)
    error = await refusal(arrived)
    assert error.reason is Reason.BODY_INVALID
    assert sum(1 for _ in arrived) > 900


@pytest.mark.parametrize("headers", [b"X: a\r\n" * 100, b"X: " + b"a" * 10_000 + b"\r\n"])
async def test_a_part_with_more_headers_than_forms_have_is_refused(headers: bytes) -> None:
    body = form(part("file", C3D, "a.c3d")).replace(b"Content-Disposition", headers + b"Content-Disposition")
    assert (await refusal(cut(body, 100))).reason is Reason.BODY_INVALID


@pytest.mark.parametrize("around", [(b"\r\n", b""), (b"", b"\r\n"), (b"", b" and what else is said\r\n")])
async def test_what_stands_around_a_form_is_not_read(around: tuple[bytes, bytes]) -> None:
    before, after = around
    _, chunks = await read(cut(before + form(part("file", C3D, "a.c3d")).rstrip() + after, 50))
    assert b"".join(chunks) == C3D


@pytest.mark.parametrize("before", [True, False])
async def test_what_stands_around_a_form_has_an_end(before: bool) -> None:
    body = form(part("file", C3D, "a.c3d")).rstrip()
    endless = [b"\r\n" * 30_000] * 100
    arrived = iter([*endless, body] if before else [body, *endless])
    assert (await refusal(arrived)).reason is Reason.BODY_INVALID
    assert sum(1 for _ in arrived) > 90


async def test_many_small_fields_are_refused_like_a_large_one() -> None:
    fields = [part(f"f{index}", b"") for index in range(100)]
    assert (await refusal([form(*fields, part("file", C3D, "a"))])).reason is Reason.METADATA_INVALID


async def test_reading_stops_where_the_file_passes_the_limit() -> None:
    body = form(part("file", bytes(2_000_000), "a.c3d"))
    arrived = iter(cut(body, 65_536))
    error = await refusal(arrived, UploadLimits(500_000, 2_000, 1.0))
    assert error.reason is Reason.BLOB_TOO_LARGE
    assert error.metadata["limit_bytes"] == "500000"
    assert sum(1 for _ in arrived) > 20


async def test_a_file_of_just_the_limit_is_taken() -> None:
    _, chunks = await read([form(part("file", bytes(500_000), "a.c3d"))], UploadLimits(500_000, 2_000, 1.0))
    assert sum(map(len, chunks)) == 500_000


async def test_fields_beyond_their_limit_are_refused() -> None:
    error = await refusal([form(part("metadata", b"x" * 2_001), part("file", C3D, "a.c3d"))])
    assert error.reason is Reason.METADATA_INVALID


async def test_an_upload_that_pauses_too_long_is_given_up() -> None:
    async def body() -> AsyncIterator[bytes]:
        yield form(part("file", C3D, "a.c3d"))[:300]
        await asyncio.Event().wait()

    upload = UploadForm(CONTENT_TYPE, body(), UploadLimits(1000, 1000, 0.01))
    with pytest.raises(InvalidArgument, match=r"Nothing arrived for 0\.01 s"):
        _ = [piece async for piece in upload.pieces()]


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_a_content_type_that_is_no_form_is_refused(content_type: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        UploadForm(content_type, arriving([]), LIMITS)
    assert caught.value.reason is Reason.BODY_INVALID


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("a.c3d", "a.c3d"),
        ("../../etc/a.c3d", "a.c3d"),
        (r"C:\Users\P042\a.c3d", "a.c3d"),
        ("a\0b\nc.c3d", "abc.c3d"),
        ("größe 膝.c3d", "größe 膝.c3d"),
        ("", "unnamed"),
        ("/", "unnamed"),
        ("x" * 300 + ".c3d", "x" * 251 + ".c3d"),
        ("a\udcff.c3d", "a.c3d"),
    ],
)
def test_a_file_name_loses_folders_and_control_characters(sent: str, shown: str) -> None:
    assert clean_name(sent) == shown


def test_a_field_holds_a_json_object_or_nothing() -> None:
    assert object_in("", "metadata", Reason.METADATA_INVALID) == {}
    assert object_in('{"a": [1, {"b": "\\\\u0000"}]}', "metadata", Reason.METADATA_INVALID) == {
        "a": [1, {"b": "\\u0000"}]
    }


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[1]",
        '"text"',
        "1",
        "null",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": "\\u0000"}',
        '{"\\u0000": 1}',
        '{"a":' * 40 + "1" + "}" * 40,
        "[" * 5000,
    ],
)
def test_anything_but_a_sound_json_object_is_refused(text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        object_in(text, "metadata", Reason.METADATA_INVALID)
    assert caught.value.reason is Reason.METADATA_INVALID
    assert caught.value.metadata == {"field": "metadata"}
