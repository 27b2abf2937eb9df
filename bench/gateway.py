"""The gateway's cached answers, against a bare Starlette echo of the same bodies and the labs' earlier design.

`python -m bench.gateway [--seconds S] [--pairs N] [--recording FILE]`. Servers are measured in alternating pairs; the
table gives the median ratio over the pairs with its spread. The recording is the demo's (3 MB) unless another is given;
results are also those of a longer recording, whose JSON is of the size that the earlier design was first measured with.
"""

import argparse
import asyncio
import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from assaycache.launcher import EmbeddedPostgres, Stack, StackOptions
from assaycache.samples import fetch_demo_recording
from bench.http_load import Request, rate_of, request, times_at
from tests.support.long_recording import long_recording

FEW, MANY = 8, 64
"""Requests in flight: some people, and a load."""

PACE = 50.0
LONG_MINUTES = 0.8
"""How long the longer recording is: its result is about 235 kB of JSON."""
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
    in_flight: int = FEW


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


@dataclass(frozen=True)
class Standing:
    """A result that stands: where it is, and the bytes of its answers."""

    url: str
    tag: str
    plain: bytes
    sent: bytes
    answer: bytes


def standing(base: str, recording: bytes) -> Standing:
    """Let the result of a recording stand."""
    with httpx.Client(base_url=base, timeout=120) as client:
        answer = client.post("/analyze", files={"file": ("trial.c3d", recording)})
        assert answer.status_code == 200, answer.text
        url = f"/v1/results/{answer.json()['job_id']}"
        plain = client.get(url, headers={"Accept-Encoding": "identity"}).raise_for_status()
        with client.stream("GET", url, headers=ACCEPTED) as coded:
            coded.raise_for_status()
            sent = b"".join(coded.iter_raw())
    print(f"Upload {len(recording):,} bytes; result {len(plain.content):,} bytes of JSON, {len(sent):,} as sent.")
    return Standing(url, coded.headers["etag"], plain.content, sent, answer.content)


@contextmanager
def peers(folder: Path, database_url: str, result: Standing, digest: str) -> Iterator[tuple[str, str]]:
    """Run an echo and the earlier design, both with this result; yield their addresses."""
    folder.mkdir()
    for name, content in {"result": result.plain, "sent": result.sent, "answer": result.answer}.items():
        (folder / name).write_bytes(content)
    with (
        peer("echo", str(folder / "sent"), str(folder / "answer")) as echo,
        peer("earlier", database_url, str(folder / "result"), digest) as earlier,
    ):
        yield echo, earlier


@contextmanager
def servers(folder: Path, recordings: Sequence[bytes]) -> Iterator[list[Comparison]]:
    """Start the stack and its peers, let the results stand, and yield what is to be compared."""
    with ExitStack() as running:
        options = StackOptions(home=folder / "stack", **ANY_PORT)
        ours = running.enter_context(Stack(options, lambda _line: None)).addresses.gateway
        assert ours is not None
        engine = running.enter_context(EmbeddedPostgres(folder / "earlier"))
        comparisons: list[Comparison] = []
        for recording in recordings:
            result, digest = standing(ours, recording), hashlib.sha256(recording).hexdigest()
            echo, earlier = running.enter_context(peers(folder / digest, engine.url, result, digest))
            if not comparisons:
                comparisons += uploads_compared(ours, echo, earlier, form_of(recording))
            comparisons += results_compared(ours, echo, f"{earlier}/jobs/{digest}", result)
        yield comparisons


def uploads_compared(ours: str, echo: str, earlier: str, form: bytes) -> list[Comparison]:
    """Return how cached uploads are compared."""
    typed = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    mine, least, before = (request(base, "POST /analyze", typed, form) for base in (ours, echo, earlier))
    return [
        Comparison("cached upload", mine, least, "echo", 0.5),
        Comparison("cached upload", mine, before, "earlier design", 5),
    ]


def results_compared(ours: str, echo: str, earlier: str, result: Standing) -> list[Comparison]:
    """Return how answers with a result are compared; `earlier` is its whole address at the earlier design."""
    kilobytes, kept = f"{len(result.plain) / 1000:.0f} kB", {**ACCEPTED, "If-None-Match": result.tag}
    base, path = earlier.rsplit("/jobs/", 1)
    got = request(ours, f"GET {result.url}", ACCEPTED)
    unchanged = request(ours, f"GET {result.url}", kept, status=304)
    least, least_unchanged = request(echo, "GET /result", ACCEPTED), request(echo, "GET /result", kept, status=304)
    before = request(base, f"GET /jobs/{path}", ACCEPTED)
    whole, same = f"result of {kilobytes}, 200", f"result of {kilobytes}, 304"
    return [
        *(Comparison(whole, got, least, "echo", 0.8, in_flight) for in_flight in (FEW, MANY)),
        *(Comparison(same, unchanged, least_unchanged, "echo", 0.8, in_flight) for in_flight in (FEW, MANY)),
        *(Comparison(whole, got, before, "earlier design", 50, in_flight) for in_flight in (FEW, MANY)),
    ]


def compared(table: Table, comparison: Comparison, seconds: float, pairs: int) -> None:
    """Measure both in turns; add a row."""
    rows = [
        tuple(
            asyncio.run(rate_of(asked, comparison.in_flight, seconds)) for asked in (comparison.ours, comparison.theirs)
        )
        for _ in range(pairs)
    ]
    ratios = sorted(ours / theirs for ours, theirs in rows)
    median = statistics.median(ratios)
    table.add_row(
        comparison.name,
        comparison.peer,
        str(comparison.in_flight),
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
    table = Table("request", "peer", "in flight", "gateway", "peer's rate", "ratio, median (spread)", "goal", "met")
    paced = Table("request at 50/s", "median", "p99", "goal")
    recordings = [recording, long_recording(LONG_MINUTES)]
    with tempfile.TemporaryDirectory() as folder, servers(Path(folder), recordings) as comparisons:
        for comparison in comparisons:
            compared(table, comparison, chosen.seconds, chosen.pairs)
        for comparison in (each for each in comparisons if each.peer == "echo" and each.in_flight == FEW):
            median, p99 = asyncio.run(times_at(comparison.ours, PACE, 5 * chosen.seconds))
            paced.add_row(comparison.name, f"{median:.1f} ms", f"{p99:.1f} ms", "p99 < 20 ms")
    console = Console(width=130)
    console.print(table)
    console.print(paced)


if __name__ == "__main__":
    main()
