"""Commits that wait for PostgreSQL: each one file beside the blobs, under its namespace and key.

The file's name is the key, and it is put only where there is none, so the first commit wins here as it does there.
"""

import asyncio
import hashlib
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import orjson

from cache_service.breaker import NOT_NOW, TierAway
from cache_service.entries import CorruptRecordError, Record, packed, unpacked
from cache_service.invalidations.face import Invalidation
from cache_service.jobs.face import Event, Status, identity_json, identity_of
from cache_service.keys import job_id_of
from cache_service.objects import Objects
from cache_service.upkeep import Upkeep
from rpc.errors import AssayError
from rpc.logs import get_logger

log = get_logger(__name__)

PENDING = "pending"
DAMAGED = "damaged"
"""Folders of a namespace: what waits, and what waited and could not be read."""

_MAGIC = b"ACP1"
_HEAD_AT = len(_MAGIC) + 32 + 4

_AT_ONCE = 4
"""How many commits are moved at once: PostgreSQL brings them to its disk together."""

_LOOK_SECONDS = 15.0
"""How often to look for what other replicas let wait, while nothing is known to."""

Settle = Callable[[Record, Event], Awaitable[object]]


class PendingLog:
    """The commits that wait, of all namespaces and replicas. Any of it may raise TierAway."""

    def __init__(self, objects: Objects, upkeep: Upkeep, clock: Callable[[], float] = time.time) -> None:
        self._objects = objects
        self._upkeep = upkeep
        self._clock = clock
        self._kept = 0
        self._looked_at = float("-inf")
        self.maybe = True
        """Whether something may wait, so that a look-up which found nothing elsewhere should look here."""

    async def keep(self, record: Record, event: Event) -> Record:
        """Let a record wait unless another one does; return the one that stands. It survives a crash then."""
        namespace = event.identity.namespace
        raw = _enclosed(record, event)
        for _ in range(3):  # what stands may be drained, or found damaged, while it is read
            self._kept += 1
            self.maybe = True
            if await self._objects.put_new(_path(namespace, record.key), raw):
                return record
            standing = await self.find(namespace, record.key)
            if standing is not None:
                return standing
        raise TierAway("blobs")

    async def find(self, namespace: str, key: bytes) -> Record | None:
        """Return the record that waits under a key."""
        raw = await self._objects.fetch(_path(namespace, key))
        if raw is None:
            return None
        try:
            record, _ = _opened(raw, key)
        except CorruptRecordError as error:
            await self._set_aside(namespace, key.hex(), error)
            return None
        if record.expires_at <= self._clock():
            await self.remove(namespace, key)
            return None
        return record

    async def remove(self, namespace: str, key: bytes) -> None:
        """Forget what waits under a key."""
        await self._objects.delete(_path(namespace, key))

    async def remove_meant(self, entry: Invalidation) -> int:
        """Forget what waits and an invalidation means, and what is damaged if it erases; return how many waited."""
        namespace, removed = entry.selector.namespace, 0
        for name in await self._objects.names(f"{namespace}/{PENDING}"):
            raw = await self._objects.fetch(f"{namespace}/{PENDING}/{name}")
            try:
                record = None if raw is None else _opened(raw, _key_of(name))[0]
            except CorruptRecordError:
                continue  # drained, it is set aside
            if record is None or record.generation >= entry.generation:
                continue
            if entry.selector.means(record.key, record.scope):
                await self._objects.delete(f"{namespace}/{PENDING}/{name}")
                removed += 1
        if entry.erases:  # nobody can tell any more what they were computed from
            for name in await self._objects.names(f"{namespace}/{DAMAGED}"):
                await self._objects.delete(f"{namespace}/{DAMAGED}/{name}")
        return removed

    async def waiting(self) -> list[tuple[str, str]]:
        """Return the namespace and file name of all that waits."""
        found = []
        for namespace in await self._objects.namespaces():
            found += [(namespace, name) for name in await self._objects.names(f"{namespace}/{PENDING}")]
        return found

    async def drain(self, settle: Settle) -> None:
        """Hand all that waits to `settle`, file by file; a file goes once it is settled.

        Safe in many replicas at once, and to be ended anywhere: settling a record twice changes nothing.
        """
        if not self.maybe and time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        before, self._looked_at = self._kept, time.monotonic()
        left = await self.waiting()
        self.maybe = self.maybe or bool(left)
        self._upkeep.pending(len(left))
        for start in range(0, len(left), _AT_ONCE):
            some = left[start : start + _AT_ONCE]
            outcomes = await asyncio.gather(
                *(self._drain_one(namespace, name, settle) for namespace, name in some), return_exceptions=True
            )
            _raise_if_away(outcomes)
            self._upkeep.pending(len(left) - start - len(some))
        if self._kept == before:
            self.maybe = bool(await self.waiting())

    async def _drain_one(self, namespace: str, name: str, settle: Settle) -> None:
        path = f"{namespace}/{PENDING}/{name}"
        raw = await self._objects.fetch(path)
        if raw is None:
            return  # another replica was here
        try:
            record, event = _opened(raw, _key_of(name))
            if event.identity.namespace != namespace:
                raise CorruptRecordError("the commit waits in another namespace")
            await settle(record, event)
        except NOT_NOW:
            raise
        except (CorruptRecordError, AssayError) as error:
            await self._set_aside(namespace, name, error)
            return
        await self._objects.delete(path)
        self._upkeep.drained()

    async def _set_aside(self, namespace: str, name: str, error: Exception) -> None:
        """Move a file that cannot be read out of the way, for people to look at."""
        log.error("a pending commit was set aside", file=f"{namespace}/{DAMAGED}/{name}", error=type(error).__name__)
        self._upkeep.set_aside()
        await self._objects.move(f"{namespace}/{PENDING}/{name}", f"{namespace}/{DAMAGED}/{name}-{uuid.uuid4().hex}")


def _raise_if_away(outcomes: list[BaseException | None]) -> None:
    """Raise what ends a round. Whatever else went wrong stays for the next one, and keeps no other commit waiting."""
    for outcome in outcomes:
        if isinstance(outcome, NOT_NOW) or (outcome is not None and not isinstance(outcome, Exception)):
            raise outcome
        if outcome is not None:
            log.error("a pending commit was not drained", error=type(outcome).__name__)


def _path(namespace: str, key: bytes) -> str:
    return f"{namespace}/{PENDING}/{key.hex()}"


def _key_of(name: str) -> bytes:
    try:
        return bytes.fromhex(name)
    except ValueError as error:
        raise CorruptRecordError("the name is no key") from error


def _enclosed(record: Record, event: Event) -> bytes:
    """Return a commit as bytes: magic, digest of the event, its length, the event as JSON, the packed record."""
    head = orjson.dumps(_event_json(event))
    return b"".join((_MAGIC, hashlib.sha256(head).digest(), len(head).to_bytes(4, "big"), head, packed(record)))


def _opened(raw: bytes, key: bytes) -> tuple[Record, Event]:
    """Return the commit that `_enclosed` made, checked."""
    end = _HEAD_AT + int.from_bytes(raw[_HEAD_AT - 4 : _HEAD_AT], "big")
    head = raw[_HEAD_AT:end]
    if raw[: len(_MAGIC)] != _MAGIC or hashlib.sha256(head).digest() != raw[len(_MAGIC) : _HEAD_AT - 4]:
        raise CorruptRecordError("the event is damaged")
    record = unpacked(raw[end:], key)
    try:
        event = _event_of(orjson.loads(head))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CorruptRecordError("the event does not decode") from error
    if event.identity.key != key:
        raise CorruptRecordError(f"the event is not that of {job_id_of(key)}")
    return record, event


def _event_json(event: Event) -> dict[str, object]:
    return {
        "identity": identity_json(event.identity),
        "at": event.at,
        "params_json": event.params_json,
        "status": event.status,
        "cost_ms": event.compute_cost_ms,
        "size_bytes": event.result_size_bytes,
    }


def _event_of(data: dict[str, Any]) -> Event:
    return Event(
        identity_of(data["identity"]),
        float(data["at"]),
        str(data["params_json"]),
        status=None if data["status"] is None else Status(data["status"]),
        compute_cost_ms=float(data["cost_ms"]),
        result_size_bytes=int(data["size_bytes"]),
    )
