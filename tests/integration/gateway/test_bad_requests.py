"""What a caller may do to a whole stack over a bare socket: the right code, nothing left, memory flat."""

import gzip
import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from assaycache.launcher import Stack, StackOptions
from tests.support.gateway_standin import C3D, CONTENT_TYPE, form, part

LIMIT_BYTES = 4_000_000
MEMORY_BYTES = 96 * 1024 * 1024
"""What the gateway may grow by: four uploads' chunks, the parser, and what an interpreter keeps; far below a body."""
SECONDS = 30
ANY_PORT = dict.fromkeys(
    ("gateway_port", "cache_port", "analysis_port", "cache_metrics_port", "analysis_metrics_port"), 0
)
SETTINGS = {
    "ANALYSIS_WORKERS": "1",
    "MAX_UPLOAD_BYTES": str(LIMIT_BYTES),
    "UPLOAD_IDLE_SECONDS": "1",
    "UPLOAD_MEMORY_BYTES": "2000000",  # so that some uploads are held and some handed on
}


def quiet(_line: str) -> None:
    """Report nothing."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the stack."""
    return tmp_path_factory.mktemp("bad")


@pytest.fixture(scope="module")
def gateway(home: Path) -> Iterator[str]:
    """A whole stack; its gateway's address."""
    with Stack(StackOptions(home=home, environment=SETTINGS, **ANY_PORT), quiet) as stack:
        assert stack.addresses.gateway is not None
        yield stack.addresses.gateway


@pytest.fixture(autouse=True)
def nothing_is_left(gateway: str, home: Path) -> Iterator[None]:
    """After each test: nothing but whole blobs, memory as it was, everything well."""
    before = memory_bytes()
    yield
    until = time.monotonic() + SECONDS
    while leftovers(home) and time.monotonic() < until:
        time.sleep(0.05)
    assert leftovers(home) == []
    assert memory_bytes() - before < MEMORY_BYTES
    assert httpx.get(f"{gateway}/health", timeout=SECONDS).json()["status"] == "ok"


def leftovers(home: Path) -> list[Path]:
    """Return the files in the blob store that are no blobs."""
    return [path for path in (home / "blobs").rglob("*") if path.is_file() and len(path.name) != 64]


def memory_bytes() -> int:
    """Return what the gateway's process holds."""
    [process] = [
        process for process in psutil.Process().children(recursive=True) if process.cmdline()[-2:] == ["-m", "gateway"]
    ]
    return int(process.memory_info().rss)


def connected(gateway: str) -> socket.socket:
    """Return a connection to the gateway."""
    address = urlsplit(gateway)
    return socket.create_connection((address.hostname, address.port), timeout=SECONDS)


def head(line: str, **headers: object) -> bytes:
    """Return the head of a request."""
    said = {"Host": "127.0.0.1", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return (f"{line} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in said.items()) + "\r\n").encode()


def answer_on(connection: socket.socket) -> tuple[int, bytes]:
    """Return status and the rest of what is answered before the connection ends or has nothing more to say."""
    received = b""
    while b"\r\n\r\n" not in received or not received.endswith(b"}"):
        piece = connection.recv(65536)
        if not piece:
            break
        received += piece
    return (int(received[9:12]) if received else 0), received


UPLOADS = [
    ("POST /analyze", {"Content_Type": CONTENT_TYPE}, part("file", C3D + bytes(1_500_000), "cut.c3d")),
    (f"PUT /v1/blobs/{'0' * 64}", {}, bytes(1_500_000)),
]
KINDS = ["form", "blob"]


@pytest.mark.parametrize(("line", "headers", "body"), UPLOADS, ids=KINDS)
def test_a_connection_that_is_cut(gateway: str, line: str, headers: dict[str, str], body: bytes) -> None:
    with connected(gateway) as connection:
        connection.sendall(head(line, Content_Length=3_000_000, **headers) + body)


@pytest.mark.parametrize(("line", "headers", "body"), UPLOADS, ids=KINDS)
def test_an_upload_that_stops_coming(gateway: str, line: str, headers: dict[str, str], body: bytes) -> None:
    with connected(gateway) as connection:
        connection.sendall(head(line, Content_Length=3_000_000, **headers) + body)
        status, said = answer_on(connection)
    assert (status, b'"reason":"BODY_INVALID"' in said) == (400, True), said


def test_a_form_that_is_longer_than_it_said(gateway: str) -> None:
    body = form(part("file", C3D, "a.c3d"))
    with connected(gateway) as connection:
        connection.sendall(head("POST /analyze", Content_Length=len(body) - 20, Content_Type=CONTENT_TYPE) + body)
        status, said = answer_on(connection)
    assert (status, b'"reason":"BODY_INVALID"' in said) == (400, True), said


def test_a_blob_that_is_longer_than_it_said(gateway: str) -> None:
    content = bytes(1000)
    line = f"PUT /v1/blobs/{hashlib.sha256(content).hexdigest()}"
    with connected(gateway) as connection:
        connection.sendall(head(line, Content_Length=900) + content)
        status, said = answer_on(connection)
    assert (status, b"DIGEST_MISMATCH" in said) == (400, True), said


def test_a_content_length_that_is_none(gateway: str) -> None:
    with connected(gateway) as connection:
        connection.sendall(head("POST /analyze", Content_Length="-5", Content_Type=CONTENT_TYPE) + b"x")
        assert answer_on(connection)[0] == 400


def test_a_declared_size_over_the_limit_is_refused_before_the_body(gateway: str) -> None:
    asked = head("POST /analyze", Content_Length=10**12, Content_Type=CONTENT_TYPE, Expect="100-continue")
    with connected(gateway) as connection:
        connection.sendall(asked)
        status, said = answer_on(connection)
    assert (status, b"BLOB_TOO_LARGE" in said) == (413, True), said


@pytest.mark.parametrize(("line", "headers", "body"), UPLOADS, ids=KINDS)
def test_200_mb_over_the_limit(gateway: str, line: str, headers: dict[str, str], body: bytes) -> None:
    chunk = b"100000\r\n" + bytes(0x100000) + b"\r\n"
    with connected(gateway) as connection:
        connection.sendall(head(line, Transfer_Encoding="chunked", **headers))
        connection.sendall(f"{len(body):x}\r\n".encode() + body + b"\r\n")
        try:
            for _ in range(204):
                connection.sendall(chunk)
            connection.sendall(b"0\r\n\r\n")
        except OSError:  # the rest is not waited for any longer; what was answered is there to be read
            pass
        status, said = answer_on(connection)
    assert (status, b"BLOB_TOO_LARGE" in said) == (413, True), said


@pytest.mark.parametrize("form_body", [form(), form(part("metadata", b"{}"))])
def test_a_form_without_a_file(gateway: str, form_body: bytes) -> None:
    answer = httpx.post(f"{gateway}/v1/analyses", content=form_body, headers={"Content-Type": CONTENT_TYPE})
    assert (answer.status_code, answer.json()["reason"]) == (400, "FILE_MISSING")


def test_a_form_with_two_files(gateway: str) -> None:
    both = form(part("file", C3D, "a.c3d"), part("file", C3D, "b.c3d"))
    answer = httpx.post(f"{gateway}/analyze", content=both, headers={"Content-Type": CONTENT_TYPE}, timeout=SECONDS)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BODY_INVALID")


def test_a_bomb_is_not_unpacked(gateway: str) -> None:
    bomb = gzip.compress(bytes(200_000_000), 1)
    for name, headers in (("bomb.gz", {}), ("bomb.c3d.gz", {"Content-Encoding": "gzip"})):
        answer = httpx.post(f"{gateway}/analyze", files={"file": (name, bomb)}, headers=headers, timeout=SECONDS)
        assert (answer.status_code, answer.json()["reason"]) == (415, "FILE_FORMAT_UNKNOWN")


def test_a_bomb_of_headers_around_the_request(gateway: str) -> None:
    with connected(gateway) as connection:
        try:
            connection.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            for number in range(5000):
                connection.sendall(f"X-{number}: {'x' * 1000}\r\n".encode())
        except OSError:  # it has stopped listening
            return
        assert answer_on(connection)[0] in {0, 400, 431}


@pytest.mark.parametrize(
    ("before", "piece"),
    [
        ("POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ", "x" * 1000),
        ("PUT /v1/blobs/0 HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n" * 150),
        ("PUT /v1/blobs/0 HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x" * 1000),
    ],
    ids=["one header", "trailers", "a chunk's extension"],
)
def test_what_never_ends_before_or_between_bodies_is_not_kept(gateway: str, before: str, piece: str) -> None:
    taken_bytes = 0
    with connected(gateway) as connection:
        connection.sendall(before.encode())
        try:
            for _ in range(20_000):
                connection.sendall(piece.encode())
                taken_bytes += len(piece)
        except OSError:  # it has stopped listening
            pass
    assert taken_bytes < 16_000_000, "what the systems on both sides hold for a connection is a few megabytes"


def test_a_bomb_of_headers_inside_a_form(gateway: str) -> None:
    bomb = b"--x-boundary\r\n" + b"".join(b"X-%d: %s\r\n" % (number, b"x" * 1000) for number in range(3000))
    answer = httpx.post(f"{gateway}/analyze", content=bomb, headers={"Content-Type": CONTENT_TYPE}, timeout=SECONDS)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BODY_INVALID")


def test_a_json_body_without_end(gateway: str) -> None:
    answer = httpx.post(f"{gateway}/v1/lookups", content=b"[" * 5_000_000, timeout=SECONDS)
    assert (answer.status_code, answer.json()["reason"]) == (413, "BLOB_TOO_LARGE")
    deep = httpx.post(f"{gateway}/v1/lookups", content=b"[" * 200_000, timeout=SECONDS)
    assert (deep.status_code, deep.json()["reason"]) == (400, "BODY_INVALID")
