"""The demo's one REST call, against a server that writes down what it gets."""

import threading
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from assaycache.demo.rest import post_recording


class Gateway(BaseHTTPRequestHandler):
    """It answers every form alike and keeps it."""

    received: bytes = b""
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Gateway.received = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode() + body
        answer = b'{"status": "success", "cached": false}'
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Write nothing down."""


@pytest.fixture
def gateway() -> Iterator[str]:
    """A server on a free port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Gateway) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_recording_travels_whole_under_the_name_asked_for(
    gateway: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")  # must not stand in the way
    recording = tmp_path / "r.c3d"
    recording.write_bytes(bytes(range(256)) * 10 + b"\r\n--")
    answer = post_recording(gateway, recording, 'sähne "1".c3d')
    (part,) = BytesParser(policy=HTTP).parsebytes(Gateway.received).iter_parts()
    assert (answer.status, answer.body["status"]) == (200, "success")
    assert answer.seconds > 0
    assert part.get_payload(decode=True) == recording.read_bytes()
    assert 'name="file"; filename="sähne \\"1\\".c3d"'.encode() in Gateway.received
