"""The gateway's cached answers, against a bare Starlette echo of the same bodies and the labs' earlier design.

`python -m bench.gateway [--seconds S] [--pairs N] [--recording FILE]`. Servers are measured in alternating pairs; the
table gives the median ratio over the pairs with its spread. The recording is the demo's (3 MB) unless another is given.
"""

import argparse
import asyncio
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from assaycache.launcher import EmbeddedPostgres, Stack, StackOptions
from assaycache.samples import fetch_demo_recording
from bench.http_load import Request, rate_of, request, times_at

IN_FLIGHT = 8
PACE = 50.0
BOUNDARY = "bench-boundary"
ACCEPTED = {"Accept-Encoding": "gzip, deflate, br, zstd"}  # as browsers say
ANY_PORT = dict.fromkeys(
    ("gateway_port", "cache_port", "analysis_port", "cache_metrics_port", "analysis_metrics_port"), 0
)


@dataclass(frozen=True)
class Comparison:
    """Two requests for the same, and the ratio that is wanted."""

    name: str
    ours: Request
    theirs: Request
    peer: str
    goal: float


def form_of(recording: bytes) -> bytes:
    """Return an upload's form."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="trial.c3d"\r\n'
    kind = "Content-Type: application/octet-stream\r\n\r\n"
    return (head + kind).encode() + recording + f"\r\n--{BOUNDARY}--\r\n".encode()


@contextmanager
def peer(*arguments: str) -> Iterator[str]:
    """Run a peer; yield its address."""
    command = [sys.executable, "-m", "bench.http_peers", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait()


@contextmanager
def servers(folder: Path, recording: bytes) -> Iterator[list[Comparison]]:
    """Start the stack and its peers, let the result stand, and yield what is to be compared."""
    digest = hashlib.sha256(recording).hexdigest()
    with ExitStack() as running:
        options = StackOptions(home=folder / "stack", **ANY_PORT)
        ours = running.enter_context(Stack(options, lambda _line: None)).addresses.gateway
        assert ours is not None
        with httpx.Client(base_url=ours, timeout=120) as client:
            answer = client.post("/analyze", files={"file": ("trial.c3d", recording)})
            assert answer.status_code == 200, answer.text
            job_id = answer.json()["job_id"]
            url = f"/v1/results/{job_id}"
            plain = client.get(url, headers={"Accept-Encoding": "identity"})
            with client.stream("GET", url, headers=ACCEPTED) as coded:
                sent = b"".join(coded.iter_raw())
            tag = coded.headers["etag"]
        files = {"result": plain.content, "sent": sent, "answer": answer.content}
        for name, content in files.items():
            (folder / name).write_bytes(content)
        print(f"Upload {len(recording):,} bytes; result {len(plain.content):,} bytes of JSON, {len(sent):,} as sent.")
        echo = running.enter_context(peer("echo", str(folder / "sent"), str(folder / "answer")))
        engine = running.enter_context(EmbeddedPostgres(folder / "earlier"))
        earlier = running.enter_context(peer("earlier", engine.url, str(folder / "result"), digest))
        form = form_of(recording)
        typed = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        uploads = [request(base, "POST /analyze", typed, form) for base in (ours, echo, earlier)]
        got = request(ours, f"GET {url}", ACCEPTED)
        kept = request(ours, f"GET {url}", {**ACCEPTED, "If-None-Match": tag}, status=304)
        yield [
            Comparison("cached upload", uploads[0], uploads[1], "echo", 0.5),
            Comparison("result, 200", got, request(echo, "GET /result", ACCEPTED), "echo", 0.8),
            Comparison(
                "result, 304", kept, request(echo, "GET /result", {"If-None-Match": tag}, status=304), "echo", 0.8
            ),
            Comparison("result, 200", got, request(earlier, f"GET /jobs/{digest}", ACCEPTED), "earlier design", 50),
            Comparison("cached upload", uploads[0], uploads[2], "earlier design", 5),
        ]


def compared(table: Table, comparison: Comparison, seconds: float, pairs: int) -> None:
    """Measure both in turns; add a row."""
    rows = [
        tuple(asyncio.run(rate_of(asked, IN_FLIGHT, seconds)) for asked in (comparison.ours, comparison.theirs))
        for _ in range(pairs)
    ]
    ratios = sorted(ours / theirs for ours, theirs in rows)
    median = statistics.median(ratios)
    table.add_row(
        comparison.name,
        comparison.peer,
        f"{statistics.median(ours for ours, _ in rows):,.0f}/s",
        f"{statistics.median(theirs for _, theirs in rows):,.0f}/s",
        f"{median:.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})",
        f"{comparison.goal:g}",
        "yes" if median >= comparison.goal else "no",
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each measurement takes, in seconds")
    parser.add_argument("--pairs", type=int, default=7, help="how many pairs of measurements")
    parser.add_argument("--recording", type=Path, help="the C3D file to ask about")
    chosen = parser.parse_args()
    samples = Path(os.environ.get("ASSAYCACHE_SAMPLES", ".assaycache/samples"))
    recording = (chosen.recording or fetch_demo_recording(samples)).read_bytes()
    table = Table("request", "peer", "gateway", "peer's rate", "ratio, median (spread)", "goal", "met")
    paced = Table("request at 50/s", "median", "p99", "goal")
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder), recording) as comparisons:
        for comparison in comparisons:
            compared(table, comparison, chosen.seconds, chosen.pairs)
        for comparison in comparisons[:3]:
            median, p99 = asyncio.run(times_at(comparison.ours, PACE, 5 * chosen.seconds))
            paced.add_row(comparison.name, f"{median:.1f} ms", f"{p99:.1f} ms", "p99 < 20 ms")
    console = Console(width=130)
    console.print(table)
    console.print(paced)


if __name__ == "__main__":
    main()
