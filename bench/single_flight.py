"""One cold key, 4 processes x 8 callers: how often it is computed, and how long all wait when the leader is killed.

`python -m bench.single_flight [--quick]`. Against cashews and dogpile.cache on the same Valkey. A computation takes one
second. Dogpile's lock has a time-out of 3 s, without which a killed leader's would never end; so it must be longer than
any computation, while our lease is extended for as long as one takes. Who has no answer 20 s after the kill is counted
as hanging.
"""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.launcher import EmbeddedValkey
from bench.pairs import Effort, effort_of, show, spread
from bench.stack import announce, running, upload_of
from rpc.channels import connect_aio

PROCESSES = 4
KINDS = ("assaycache", "cashews", "dogpile.cache")
PATIENCE_SECONDS = 20.0
_LOOK_SECONDS = 0.005


async def cold_question(cache: str) -> str:
    """Upload something new; return its digest, as the callers are told it."""
    async with connect_aio(cache) as channel:
        stub = CacheServiceStub(channel)
        await announce(stub)
        return (await stub.Ingest(upload_of(os.urandom(64)))).blob.sha256.hex()


def flown(kind: str, address: str, digest: str, *, kill_leader: bool) -> tuple[int, float | None]:
    """Let all ask; return how often it was computed, and when the last had an answer after the kill, or the start.

    None for a time: somebody had no answer.
    """
    with tempfile.TemporaryDirectory() as folder:
        journal = Path(folder) / "computations"
        journal.touch()
        command = [sys.executable, "-m", "bench.callers", kind, address, digest, str(journal)]
        callers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(PROCESSES)]
        try:
            for caller in callers:
                assert caller.stdout is not None
                caller.stdout.readline()  # it has imported and connected
            started = time.monotonic()
            for caller in callers:
                assert caller.stdin is not None
                caller.stdin.write(b"\n")
                caller.stdin.flush()
            if kill_leader:
                started = _leader_killed(journal, callers)
            ended = _ended(callers, started)
        finally:
            for caller in callers:
                caller.kill()
                caller.communicate()
        return len(journal.read_text(encoding="ascii").split()), ended


def _leader_killed(journal: Path, callers: Sequence["subprocess.Popen[bytes]"]) -> float:
    while not (written := journal.read_text(encoding="ascii").split()):
        time.sleep(_LOOK_SECONDS)
    time.sleep(0.3)  # in the midst of its computation
    leader = next(caller for caller in callers if caller.pid == int(written[0]))
    leader.send_signal(signal.SIGKILL)
    return time.monotonic()


def _ended(callers: Sequence["subprocess.Popen[bytes]"], started: float) -> float | None:
    while time.monotonic() < started + PATIENCE_SECONDS:
        codes = [caller.poll() for caller in callers]
        if all(code is not None for code in codes):
            return None if any(code not in {0, -signal.SIGKILL} for code in codes) else time.monotonic() - started
        time.sleep(_LOOK_SECONDS)
    return None


def row(kind: str, addresses: dict[str, str], cache: str, effort: Effort) -> tuple[str, ...]:
    """Measure one kind; return a row of the table."""
    rounds = 1 if effort.quick else 3
    cells = [kind]
    for kill_leader in (False, True):
        results = [
            flown(kind, addresses[kind], asyncio.run(cold_question(cache)), kill_leader=kill_leader)
            for _ in range(rounds)
        ]
        times = [ended for _, ended in results if ended is not None]
        cells += [
            f"{statistics.median(count for count, _ in results):.0f}",
            f"{spread(times)} s" if len(times) == rounds else f"hangs in {rounds - len(times)} of {rounds}",
        ]
    return tuple(cells)


def main() -> None:
    """Start what is measured, measure, print."""
    effort = effort_of(__doc__)
    table = Table("cache", "computations", "until all answered", "leader killed: computations", "until all answered")
    with tempfile.TemporaryDirectory() as folder, EmbeddedValkey(Path(folder) / "valkey") as valkey, running() as stack:
        cache = stack.addresses.cache[0]
        addresses = {"assaycache": cache, "cashews": valkey.url, "dogpile.cache": valkey.url}
        for kind in KINDS:
            table.add_row(*row(kind, addresses, cache, effort))
    show(table)


if __name__ == "__main__":
    main()
