"""A small HTTP/1.1 load generator: prepared requests over kept connections, with next to no cost of its own."""

import asyncio
import statistics
import time
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Request:
    """A whole request as bytes, and the status that its answer must have."""

    base: str
    data: bytes
    status: int = 200


def request(
    base: str, line: str, headers: dict[str, str] | None = None, body: bytes = b"", status: int = 200
) -> Request:
    """Return a request such as "GET /path"."""
    said = {"Host": urlsplit(base).netloc, **(headers or {})}
    if body:
        said["Content-Length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
    return Request(base, f"{line} HTTP/1.1\r\n{head}\r\n".encode() + body, status)


class Connection:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def to(cls, base: str) -> "Connection":
        """Connect."""
        address = urlsplit(base)
        return cls(*await asyncio.open_connection(address.hostname, address.port, limit=1 << 20))

    async def send(self, asked: Request) -> bytes:
        """Send a request; return the body of its answer."""
        self._writer.write(asked.data)
        await self._writer.drain()
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        assert int(head[9:12]) == asked.status, head
        if b"content-length: " not in head:
            return b""
        length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
        return await self._reader.readexactly(length)

    def close(self) -> None:
        """Close."""
        self._writer.close()


async def rate_of(asked: Request, in_flight: int, seconds: float) -> float:
    """Return answers a second, with so many requests in flight."""
    connections = [await Connection.to(asked.base) for _ in range(in_flight)]
    until = time.perf_counter() + seconds
    answered = 0

    async def caller(connection: Connection) -> None:
        nonlocal answered
        while time.perf_counter() < until:
            await connection.send(asked)
            answered += 1

    started = time.perf_counter()
    await asyncio.gather(*map(caller, connections))
    taken = time.perf_counter() - started
    for connection in connections:
        connection.close()
    return answered / taken


async def times_at(asked: Request, rate: float, seconds: float) -> tuple[float, float]:
    """Return median and 99th percentile of the times to answer, in ms, where requests come at a fixed rate.

    Times count from the moment when a request was due, so that a server that falls behind cannot hide it.
    """
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(64):
        idle.put_nowait(await Connection.to(asked.base))
    times: list[float] = []

    async def one(due: float) -> None:
        connection = await idle.get()
        await connection.send(asked)
        times.append(1000 * (time.perf_counter() - due))
        idle.put_nowait(connection)

    begun = time.perf_counter()
    running = []
    for number in range(int(rate * seconds)):
        due = begun + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        running.append(asyncio.create_task(one(due)))
    await asyncio.gather(*running)
    while not idle.empty():
        idle.get_nowait().close()
    return statistics.median(times), statistics.quantiles(times, n=100)[98]
