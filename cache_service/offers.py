"""What the analysis services announced: which pipelines there are, remembered here and kept where replicas see it."""

import asyncio
import struct
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cache_service.breaker import NOT_NOW
from cache_service.engines.postgres import Postgres
from cache_service.engines.valkey import Valkey
from cache_service.keys import Pipeline
from rpc.errors import InvalidArgument
from rpc.logs import get_logger
from rpc.reasons import Reason

log = get_logger(__name__)

_REFRESH_SECONDS = 2.0
"""How old the memory may be before an unknown or an active version is asked for again."""

_VALKEY_NAME = "ac:pipelines"
_HEAD = struct.Struct(">d?")
"""Before an offer in Valkey: when it was announced, and whether it is active."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One version of a pipeline; `content` is the announcement as it came."""

    pipeline: Pipeline
    active: bool
    content: bytes


class OfferShelf(Protocol):
    """Where offers are kept for all replicas. Any of it may raise TierAway."""

    async def write(self, offers: Sequence[Offer]) -> None:
        """Keep offers."""
        ...

    async def read(self) -> list[Offer]:
        """Return all offers, oldest announcement first."""
        ...


class DurableOffers:
    """Offers as rows."""

    def __init__(self, database: Postgres) -> None:
        self._database = database

    async def write(self, offers: Sequence[Offer]) -> None:
        """Keep offers."""
        async with self._database.transaction() as transaction:
            for offer in sorted(offers, key=lambda offer: (offer.pipeline.name, offer.pipeline.version)):
                await transaction.fetch(
                    "INSERT INTO pipelines (name, version, active, offer) VALUES (%s, %s, %s, %s)"
                    " ON CONFLICT (name, version) DO UPDATE SET"
                    " active = excluded.active, offer = excluded.offer, announced_at = now()",
                    offer.pipeline.name,
                    offer.pipeline.version,
                    offer.active,
                    offer.content,
                )

    async def read(self) -> list[Offer]:
        """Return all offers."""
        rows = await self._database.fetch("SELECT name, version, active, offer FROM pipelines ORDER BY announced_at")
        return [Offer(Pipeline(row["name"], row["version"]), row["active"], bytes(row["offer"])) for row in rows]


class HotOffers:
    """Offers as one hash in Valkey."""

    def __init__(self, valkey: Valkey) -> None:
        self._valkey = valkey

    async def write(self, offers: Sequence[Offer]) -> None:
        """Keep offers."""
        fields = {
            f"{offer.pipeline.name}\n{offer.pipeline.version}": _HEAD.pack(time.time(), offer.active) + offer.content
            for offer in offers
        }
        if fields:
            await self._valkey.call(lambda client: client.hset(_VALKEY_NAME, mapping=fields))

    async def read(self) -> list[Offer]:
        """Return all offers."""
        fields = await self._valkey.call(lambda client: client.hgetall(_VALKEY_NAME))
        announced = []
        for name, value in fields.items():
            try:
                at, active = _HEAD.unpack_from(value)
                announced.append((at, Offer(Pipeline(*name.decode().split("\n")), active, value[_HEAD.size :])))
            except (struct.error, ValueError, TypeError):
                log.error("an offer is damaged; it comes back when it is announced again", place="valkey")  # noqa: TRY400 - one line says it
        return [offer for _, offer in sorted(announced, key=lambda item: item[0])]


class Offers:
    """The offers as this process knows them, read again from the shelves when a question is not understood."""

    def __init__(self, shelves: Sequence[OfferShelf], clock: Callable[[], float] = time.monotonic) -> None:
        self._shelves = shelves
        self._clock = clock
        self._known: dict[Pipeline, Offer] = {}
        self._active: dict[str, Pipeline] = {}
        self._changes = 0
        self._read_at = float("-inf")
        self._refreshing = asyncio.Lock()

    async def announce(self, offers: Sequence[Offer]) -> bool:
        """Take offers in; return whether a shelf keeps them beyond this process."""
        self._learn(offers)
        kept = False
        for shelf in self._shelves:
            try:
                await shelf.write(offers)
                kept = True
            except NOT_NOW:
                continue  # the breaker counts it; the announcer repeats itself
        return kept

    async def find(self, name: str, version: str) -> Offer:
        """Return the offer of a version, or of the active one where the version is empty.

        Raises:
            InvalidArgument: PIPELINE_UNKNOWN, PIPELINE_VERSION_UNKNOWN.
        """
        offer = self._lookup(name, version)
        if offer is None or not version:
            await self._refresh()
            offer = self._lookup(name, version)
        if offer is not None:
            return offer
        known = sorted({pipeline.name for pipeline in self._known})
        if name not in known:
            listed = ", ".join(known) or "none yet; is the analysis service running?"
            raise InvalidArgument(
                Reason.PIPELINE_UNKNOWN,
                f"No pipeline is called {name!r}; known are: {listed}.",
                metadata={"pipeline": name, "known": ",".join(known)},
            )
        versions = ", ".join(sorted(pipeline.version for pipeline in self._known if pipeline.name == name))
        raise InvalidArgument(
            Reason.PIPELINE_VERSION_UNKNOWN,
            f"The pipeline {name} has no version {version!r}; known are: {versions}.",
            metadata={"pipeline": name, "version": version},
        )

    async def changes(self) -> int:
        """Return a number that grows whenever an offer comes or changes; whoever sees it unchanged knows them all."""
        await self._refresh()
        return self._changes

    async def all(self) -> list[Offer]:
        """Return all offers."""
        await self._refresh()
        return sorted(self._known.values(), key=lambda offer: (offer.pipeline.name, offer.pipeline.version))

    def _lookup(self, name: str, version: str) -> Offer | None:
        pipeline = Pipeline(name, version) if version else self._active.get(name)
        return None if pipeline is None else self._known.get(pipeline)

    async def _refresh(self) -> None:
        """Read the shelves unless that was done just now; whoever comes meanwhile waits for it."""
        if self._is_fresh():
            return
        async with self._refreshing:
            if not self._is_fresh():
                await self._read()
                self._read_at = self._clock()

    def _is_fresh(self) -> bool:
        return self._clock() - self._read_at <= _REFRESH_SECONDS

    async def _read(self) -> None:
        for shelf in self._shelves:
            try:
                self._learn(await shelf.read())
                return
            except NOT_NOW:
                continue  # the next shelf, or what is known already

    def _learn(self, offers: Iterable[Offer]) -> None:
        for offer in offers:
            if self._known.get(offer.pipeline) != offer:
                self._changes += 1
            self._known[offer.pipeline] = offer
            if offer.active:
                self._active[offer.pipeline.name] = offer.pipeline
            elif self._active.get(offer.pipeline.name) == offer.pipeline:
                del self._active[offer.pipeline.name]
