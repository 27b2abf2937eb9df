"""The queue in PostgreSQL, on its clock: rows taken with FOR UPDATE SKIP LOCKED, no session state.

Whoever picks a task locks its turn first, the row of its namespace and pipeline. So a namespace serves its tasks one at
a time, in order, while other claimants are served from other namespaces at the same moment.
"""

import secrets
from collections.abc import Sequence

from cache_service.engines.postgres import Postgres, Row, Transaction, json_value
from cache_service.entries import Failure, Submission, failure_json, failure_of
from cache_service.jobs.durable import DurableJobs
from cache_service.jobs.face import Event, Status
from cache_service.keys import Pipeline
from cache_service.queue.face import (
    CLAIM_SECONDS,
    Claimed,
    Depth,
    Order,
    Place,
    Withdrawn,
    given_up,
    pause_seconds,
    withdrawal,
)

_MOST_COUNTED = 10_000
"""How far a position is counted: a caller far behind needs no exact number, and counting takes time."""

_FORGOTTEN_AT_ONCE = 1000

_PUT = """
INSERT INTO tasks (task_id, namespace, idempotency_key, pipeline, pipeline_version, question, source_uri, submission,
    params_json, file_name, uploader, context, job_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (namespace, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
RETURNING task_id, job_id, number
"""
_POSITION = f"""
SELECT count(*) AS position FROM (
    SELECT 1 FROM tasks WHERE namespace = %s AND number < %s AND ended_at IS NULL AND owner_id IS NULL
    LIMIT {_MOST_COUNTED}
) before
"""  # noqa: S608 - a constant
# The turn to be served: of the namespace with the fewest claimed, then the one served least recently; within it, that
# of the task which came first. LIMIT 1 in the inner select has each turn's first task looked up by the index, however
# many wait behind it.
_TURN = """
SELECT n.namespace, n.pipeline, n.pipeline_version FROM queue_turns n
CROSS JOIN LATERAL (
    SELECT t.number FROM tasks t
    WHERE t.namespace = n.namespace AND t.pipeline = n.pipeline AND t.pipeline_version = n.pipeline_version
      AND t.ended_at IS NULL AND t.ready_at <= now()
    ORDER BY t.number LIMIT 1
) head
WHERE cardinality(%(names)s::text[]) = 0 OR EXISTS (
    SELECT 1 FROM unnest(%(names)s::text[], %(versions)s::text[]) AS p (name, version)
    WHERE p.name = n.pipeline AND p.version IN ('', n.pipeline_version))
ORDER BY (SELECT count(*) FROM tasks c
          WHERE c.owner_id IS NOT NULL AND c.namespace = n.namespace AND c.ready_at > now()),
         (SELECT max(m.served_at) FROM queue_turns m WHERE m.namespace = n.namespace),
         n.namespace, head.number
LIMIT 1 FOR UPDATE OF n
"""
_HEAD = """
SELECT t.*, extract(epoch FROM now() - t.enqueued_at)::float8 AS waited FROM tasks t
WHERE t.namespace = %(namespace)s AND t.pipeline = %(pipeline)s AND t.pipeline_version = %(pipeline_version)s
  AND t.ended_at IS NULL AND t.ready_at <= now()
ORDER BY t.number LIMIT 1 FOR UPDATE OF t SKIP LOCKED
"""
_WAITING = """
SELECT task_id, job_id FROM tasks
WHERE namespace = %(namespace)s AND (task_id = %(id)s OR job_id = %(id)s) AND ended_at IS NULL
  AND (owner_id IS NULL OR ready_at <= now())
ORDER BY task_id = %(id)s DESC, number DESC LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_LEFT = "SELECT count(*) AS tasks FROM tasks WHERE namespace = %s AND job_id = %s AND ended_at IS NULL"
_SERVED = """
UPDATE queue_turns SET served_at = clock_timestamp()
WHERE namespace = %(namespace)s AND pipeline = %(pipeline)s AND pipeline_version = %(pipeline_version)s
RETURNING namespace
"""
_ANY_OPEN = "SELECT 1 FROM tasks WHERE ended_at IS NULL LIMIT 1"
_HELD = """
SELECT t.*, extract(epoch FROM now() - t.enqueued_at)::float8 AS waited FROM tasks t
WHERE t.owner_id = %s AND t.ended_at IS NULL FOR UPDATE
"""
_TAKE = """
UPDATE tasks SET owner_id = %s, nonce = %s, attempts = attempts + 1, updated_at = now(),
    ready_at = clock_timestamp() + make_interval(secs => %s)
WHERE task_id = %s
"""
_JOIN = """
UPDATE tasks SET job_id = %s WHERE task_id = %s AND nonce = %s AND namespace = %s AND ended_at IS NULL
RETURNING task_id
"""
_EXTEND = """
UPDATE tasks SET ready_at = now() + make_interval(secs => %s)
WHERE task_id = %s AND nonce = %s AND ended_at IS NULL RETURNING task_id
"""
_RELEASE = """
UPDATE tasks SET owner_id = NULL, nonce = NULL, updated_at = now(), attempts = %s,
    last_error = coalesce(%s, last_error), ready_at = now() + make_interval(secs => %s)
WHERE task_id = %s
"""
# The nonce stays, so that a settlement can be repeated; who asked stays only where no job tells it.
_END = """
UPDATE tasks SET owner_id = NULL, updated_at = now(), ended_at = now(), failure = %(failure)s,
    job_id = coalesce(%(job_id)s::uuid, job_id), submission = '', context = '',
    file_name = CASE WHEN coalesce(%(job_id)s::uuid, job_id) IS NULL THEN file_name ELSE '' END,
    uploader = CASE WHEN coalesce(%(job_id)s::uuid, job_id) IS NULL THEN uploader ELSE '' END
WHERE task_id = %(task_id)s
RETURNING task_id
"""
_SETTLED = "SELECT 1 FROM tasks WHERE task_id = %s AND nonce = %s AND ended_at IS NOT NULL AND (failure IS NULL) = %s"
_DEPTH = """
SELECT count(*) FILTER (WHERE owner_id IS NULL OR ready_at <= now()) AS waiting,
       count(*) FILTER (WHERE owner_id IS NOT NULL AND ready_at > now()) AS claimed,
       coalesce(extract(epoch FROM now() - min(enqueued_at)
           FILTER (WHERE owner_id IS NULL OR ready_at <= now())), 0)::float8 AS oldest
FROM tasks WHERE ended_at IS NULL AND (%(namespace)s::text IS NULL OR namespace = %(namespace)s)
"""
_FORGET = """
DELETE FROM tasks WHERE task_id IN (
    SELECT task_id FROM tasks WHERE ended_at < now() - make_interval(secs => %s) LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING task_id
"""


class DurableQueue:
    """Tasks as rows."""

    def __init__(self, database: Postgres, jobs: DurableJobs, max_attempts: int) -> None:
        self._database = database
        self._jobs = jobs
        self._max_attempts = max_attempts

    async def put(self, order: Order, at: float) -> Place:
        """Queue work, and write its job into the book where its blob is known."""
        async with self._database.transaction() as transaction:
            row = await transaction.fetch_one(_PUT, *_order_values(order))
            if row is None:
                row = await transaction.fetch_one(
                    "SELECT task_id, job_id, number FROM tasks WHERE namespace = %s AND idempotency_key = %s",
                    order.namespace,
                    order.idempotency_key,
                )
                if row is None:  # it ended and was forgotten this very moment
                    raise RuntimeError("a task of the same idempotency key went away while it was asked for")
            else:
                await self._write_down(transaction, order, at)
            counted = await transaction.fetch_one(_POSITION, order.namespace, row["number"])
        position = 0 if counted is None else int(counted["position"])
        return Place(str(row["task_id"]), _text(row["job_id"]), position)

    async def withdraw(self, namespace: str, identifier: str) -> Withdrawn:
        """End a task that nobody works on; one that is being claimed this moment stays."""
        async with self._database.transaction() as transaction:
            waiting = await transaction.fetch_named(_WAITING, namespace=namespace, id=identifier)
            for task in waiting:
                await _end(transaction, task["task_id"], failure=withdrawal())
            job_id = waiting[0]["job_id"] if waiting else identifier
            counted = await transaction.fetch_one(_LEFT, namespace, job_id)
        return Withdrawn(bool(waiting), 0 if counted is None else counted["tasks"])

    async def claim(self, owner_id: str, pipelines: Sequence[Pipeline]) -> Claimed | None:
        """Take the next task; where the one that was picked is not to be had, pick again."""
        if await self._database.fetch_one(_ANY_OPEN) is None:
            return None  # whoever waits looks each second, mostly for nothing: one statement is all that this costs
        wanted = {"names": [item.name for item in pipelines], "versions": [item.version for item in pipelines]}
        while True:
            async with self._database.transaction() as transaction:
                # Two calls of one owner, at two replicas perhaps, must not take two tasks.
                await transaction.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", owner_id)
                held = await transaction.fetch_one(_HELD, owner_id)
                if held is not None:
                    await transaction.fetch(_EXTEND, CLAIM_SECONDS, held["task_id"], held["nonce"])
                    return _claimed(held, bytes(held["nonce"]), held["attempts"])
                turn = await self._turn(transaction, wanted)
                if turn is None:
                    return None
                claimed = await self._take(transaction, turn, owner_id)
            if claimed is not None:
                return claimed

    async def _turn(self, transaction: Transaction, wanted: dict[str, list[str]]) -> Row | None:
        """Lock the turn to be served; wait for it only where no other is to be had."""
        rows = await transaction.fetch_named(f"{_TURN} SKIP LOCKED", **wanted)
        rows = rows or await transaction.fetch_named(_TURN, **wanted)
        return rows[0] if rows else None

    async def _take(self, transaction: Transaction, turn: Row, owner_id: str) -> Claimed | None:
        """Claim a turn's next task; None where others were faster, or where its attempts are used up."""
        rows = await transaction.fetch_named(_HEAD, **turn)
        if not rows:
            return None
        head = rows[0]
        if head["attempts"] >= self._max_attempts:
            await self._give_up(transaction, head, head["attempts"], _failure(head["last_error"]))
            return None
        nonce = secrets.token_bytes(16)
        await transaction.fetch(_TAKE, owner_id, nonce, CLAIM_SECONDS, head["task_id"])
        await transaction.fetch_named(_SERVED, **turn)
        return _claimed(head, nonce, head["attempts"] + 1)

    async def join(self, task_id: str, nonce: bytes, asked: Event) -> None:
        """Note which job a task turned out to be, and write that into the book, which lists it from now on."""
        job = asked.identity
        async with self._database.transaction() as transaction:
            if await transaction.fetch_one(_JOIN, job.job_id, task_id, nonce, job.namespace) is not None:
                await self._jobs.write_in(transaction, asked)

    async def extend(self, task_id: str, nonce: bytes) -> bool:
        """Let a claim last on, also one past its time that nobody else has taken."""
        return await self._database.fetch_one(_EXTEND, CLAIM_SECONDS, task_id, nonce) is not None

    async def release(self, task_id: str, nonce: bytes, error: Failure | None) -> None:
        """Put a task back, if it is this nonce's."""
        async with self._database.transaction() as transaction:
            row = await _locked(transaction, task_id, nonce)
            if row is None:
                return
            attempts = row["attempts"]
            if error is None:
                await transaction.fetch(_RELEASE, attempts - 1, None, 0.0, task_id)
            elif attempts >= self._max_attempts:
                await self._give_up(transaction, row, attempts, error)
            else:
                values = attempts, json_value(failure_json(error)), pause_seconds(attempts), task_id
                await transaction.fetch(_RELEASE, *values)

    async def settle(self, task_id: str, nonce: bytes, outcome: str | Failure) -> bool:
        """End a task, if it is this nonce's; ending it again likewise is no loss."""
        failed = isinstance(outcome, Failure)
        async with self._database.transaction() as transaction:
            if await _locked(transaction, task_id, nonce) is None:
                return await transaction.fetch_one(_SETTLED, task_id, nonce, not failed) is not None
            if isinstance(outcome, Failure):
                await _end(transaction, task_id, failure=outcome)
            else:
                await _end(transaction, task_id, job_id=outcome)
            return True

    async def depth(self, namespace: str | None) -> Depth:
        """Return how much there is to do."""
        async with self._database.transaction() as transaction:
            (row,) = await transaction.fetch_named(_DEPTH, namespace=namespace)
        return Depth(row["waiting"], row["claimed"], row["oldest"])

    async def forget(self, ended_seconds: float) -> int:
        """Remove some of the tasks that ended so long ago."""
        return len(await self._database.fetch(_FORGET, ended_seconds, _FORGOTTEN_AT_ONCE))

    async def _write_down(self, transaction: Transaction, order: Order, at: float) -> None:
        turn = order.namespace, order.pipeline.name, order.pipeline.version
        await transaction.fetch("INSERT INTO queue_turns VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", *turn)
        if order.identity is not None:
            event = Event(order.identity, at, order.params_json, status=Status.ASKED, submission=order.submission)
            await self._jobs.write_in(transaction, event)

    async def _give_up(self, transaction: Transaction, row: Row, attempts: int, last: Failure | None) -> None:
        await _end(transaction, row["task_id"], failure=given_up(attempts, last))


async def _end(
    transaction: Transaction, task_id: str, *, job_id: str | None = None, failure: Failure | None = None
) -> None:
    said = None if failure is None else json_value(failure_json(failure))
    await transaction.fetch_named(_END, task_id=task_id, job_id=job_id, failure=said)


async def _locked(transaction: Transaction, task_id: str, nonce: bytes) -> Row | None:
    return await transaction.fetch_one(
        "SELECT * FROM tasks WHERE task_id = %s AND nonce = %s AND ended_at IS NULL FOR UPDATE", task_id, nonce
    )


def _order_values(order: Order) -> tuple[object, ...]:
    submission = order.submission or Submission()
    return (
        order.task_id,
        order.namespace,
        order.idempotency_key or None,
        order.pipeline.name,
        order.pipeline.version,
        order.question,
        order.source_uri,
        order.submission_message,
        order.params_json,
        submission.file_name,
        submission.uploader,
        order.context,
        None if order.identity is None else order.identity.job_id,
    )


def _claimed(row: Row, nonce: bytes, attempt: int) -> Claimed:
    return Claimed(
        str(row["task_id"]),
        nonce,
        bytes(row["question"]),
        row["source_uri"],
        bytes(row["submission"]),
        bytes(row["context"]),
        attempt,
        waited_seconds=max(0.0, row["waited"]),
    )


def _failure(data: dict[str, object] | None) -> Failure | None:
    return None if data is None else failure_of(data)


def _text(uuid: object) -> str:
    return "" if uuid is None else str(uuid)
