"""The one REST call of the demo, by the standard library alone, as a frontend would make it."""

import http.client
import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True)
class RestAnswer:
    """What the gateway answered, and how long it took until all of it was here."""

    status: int
    body: dict[str, Any]
    seconds: float


def post_recording(gateway: str, recording: Path, file_name: str) -> RestAnswer:
    """Send a file to `POST /analyze` under a name and return the answer.

    Raises:
        OSError: if the gateway does not answer.
        ValueError: if its answer is not JSON.
    """
    boundary = secrets.token_hex(16)
    body = _form(boundary, recording.read_bytes(), file_name)
    # http.client and not urllib: no proxy that the environment names stands between us and this machine.
    connection = http.client.HTTPConnection(urlsplit(gateway).netloc, timeout=_TIMEOUT_SECONDS)
    started = time.perf_counter()
    try:
        connection.request("POST", "/analyze", body, {"Content-Type": f"multipart/form-data; boundary={boundary}"})
        response = connection.getresponse()
        text = response.read()
    finally:
        connection.close()
    return RestAnswer(response.status, json.loads(text), time.perf_counter() - started)


def _form(boundary: str, content: bytes, file_name: str) -> bytes:
    quoted = file_name.replace("\\", "\\\\").replace('"', '\\"')
    head = (
        f"--{boundary}\r\n"
        f'Content-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
