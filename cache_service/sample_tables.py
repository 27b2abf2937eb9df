"""The tables `sample_results` and `sequences`: results as rows, written in the transaction that keeps the result.

A result is never lost for its rows: where it cannot be made into rows, or PostgreSQL refuses them or takes too long, it
is kept without.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice

from cache_service.blobs import BlobStore
from cache_service.engines.postgres import Transaction, UndoneError
from cache_service.entries import Payload, Record, check_payload, decoded
from cache_service.keys import job_id_of
from cache_service.sample_rows import Projections, Sample, SampleFigures, SequenceRow
from rpc.logs import get_logger

log = get_logger(__name__)

_FIRST_SECONDS, _ROW_SECONDS = 2.0, 80e-6
"""How long the rows of one result may take. 100,000 take 2 s on an idle machine and may take 10; the caller of Commit
has to wait that long, and as long again where PostgreSQL hangs meanwhile and the result becomes PENDING."""

_MOST_BYTES = 512 * 1024 * 1024
"""A result of 100,000 sequences of 300 letters is 60 MB; a larger one than this is not taken into memory."""

_CHUNK_BYTES = 1024 * 1024
_SLICE = 1000
"""How many rows are made at a time, in a thread: some milliseconds."""

Columns = tuple[object, ...]

_OF_RECORD = ("key", "job_id", "namespace", "computed_at", "pipeline_version")
_OF_SAMPLE = ("job_id", "result_id", "namespace")
_INSERT = (
    f"INSERT INTO sample_results ({', '.join(_OF_RECORD + SampleFigures._fields)})"  # noqa: S608 - constants
    f" VALUES ({', '.join(['%s'] * len(_OF_RECORD + SampleFigures._fields))}) RETURNING result_id"
)
_COPY = f"COPY sequences ({', '.join(_OF_SAMPLE + SequenceRow._fields)}) FROM STDIN"
# Beside a result that takes the place of another one stand that one's rows, until this.
_KEEP = """
WITH gone AS (DELETE FROM sample_results WHERE key = %(key)s AND result_id IS DISTINCT FROM %(result)s)
UPDATE analysis_results SET rows_bytes = %(bytes)s WHERE key = %(key)s AND rows_bytes <> %(bytes)s
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """What was written beside a result in a running transaction; `result_id` None: nothing."""

    key: bytes
    result_id: int | None = None
    size_bytes: int = 0

    async def keep(self, transaction: Transaction) -> None:
        """Let these rows be those of the result that stands now, and no others."""
        values = {"key": self.key, "result": self.result_id, "bytes": self.size_bytes}
        await transaction.run_named(_KEEP, **values)

    async def undo(self, transaction: Transaction) -> None:
        """Take them back, with all that the transaction has done since."""
        if self.result_id is not None:
            await transaction.undo_attempt()


def seconds_for(sample: Sample | None) -> float:
    """Return how long the rows of a sample may take."""
    return 0.0 if sample is None else _FIRST_SECONDS + _ROW_SECONDS * sample.count


class SampleTables:
    """Writes results as rows; `on_left_out` is told why it did not."""

    def __init__(
        self, projections: Projections, blobs: BlobStore, on_left_out: Callable[[str], None] = lambda _reason: None
    ) -> None:
        self._projections = projections
        self._blobs = blobs
        self._on_left_out = on_left_out

    async def read(self, record: Record) -> Sample | None:
        """Return a record as rows, if it is a result that has such a form and can be read."""
        payload = record.outcome
        if not isinstance(payload, Payload):
            return None
        projection = self._projections.get(payload.message_type)
        if projection is None:
            return None
        try:
            data = await self._data(payload, record.scope.namespace)
            return await asyncio.to_thread(projection, data)
        except Exception as error:  # whatever it is, the result is worth more than its rows
            self._left_out(record, "payload", type(error).__name__)
            return None

    async def write_in(self, transaction: Transaction, record: Record, sample: Sample | None) -> Rows:
        """Write rows in a running transaction, before the result that they belong to."""
        if sample is None:
            return Rows(record.key)
        job_id = job_id_of(record.key)
        try:
            async with transaction.attempt(seconds_for(sample)):
                of_record = (record.key, job_id, record.scope.namespace, _time(record), record.scope.pipeline.version)
                [row] = await transaction.fetch(_INSERT, *of_record, *sample.figures)
                of_sample = (job_id, row["result_id"], record.scope.namespace)
                await transaction.copy(_COPY, _slices(of_sample, sample.sequences))
        except UndoneError as error:
            self._left_out(record, "database", str(error))
            return Rows(record.key)
        return Rows(record.key, row["result_id"], sample.size_bytes)

    async def _data(self, payload: Payload, namespace: str) -> bytes:
        if payload.uncompressed_size_bytes > _MOST_BYTES:
            raise ValueError("the result is too large to be made into rows")
        if payload.blob is not None:
            pieces = [bytes(piece) async for piece in self._blobs.read(namespace, payload.blob, 0, _CHUNK_BYTES)]
            payload = replace(payload, data=b"".join(pieces), blob=None)
        return await asyncio.to_thread(_checked, payload)

    def _left_out(self, record: Record, reason: str, error: str) -> None:
        log.warning("a result is kept without its rows", job_id=job_id_of(record.key), why=reason, error=error)
        self._on_left_out(reason)


def _checked(payload: Payload) -> bytes:
    data = decoded(payload)
    check_payload(replace(payload, data=data, encoding="identity"))
    return data


async def _slices(
    of_sample: tuple[object, ...], rows: Iterator[SequenceRow]
) -> AsyncIterator[list[tuple[object, ...]]]:
    def some() -> list[tuple[object, ...]]:
        return [(*of_sample, *row) for row in islice(rows, _SLICE)]

    while made := await asyncio.to_thread(some):
        yield made


def _time(record: Record) -> datetime:
    return datetime.fromtimestamp(record.created_at, UTC)
