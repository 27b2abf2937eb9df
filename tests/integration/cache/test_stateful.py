"""Any sequence of storing, looking up, invalidating, expiring, erasing and losing engines keeps to the rules.

The cache is the real one over real PostgreSQL, Valkey and a folder. An engine is lost by its circuit breaker: it is
left alone as one that has just failed to answer. That engines really die and hang is what tests/fault is about.
"""

import asyncio
import hashlib
from collections.abc import Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import redis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from prometheus_client import CollectorRegistry

from assaycache.launcher import EmbeddedPostgres, EmbeddedValkey
from cache_service.__main__ import Built, build
from cache_service.breaker import Breaker, TierAway
from cache_service.cache import Missed, Question
from cache_service.entries import Failure, Payload, Record
from cache_service.invalidations.face import Selector
from cache_service.keys import Blob, Identity, Pipeline, identify
from cache_service.records import Found
from cache_service.reservations import Leased
from cache_service.settings import CacheSettings
from cache_service.tokens import Token
from rpc.errors import AssayError, FailedPrecondition, NotFound
from rpc.reasons import Reason
from tests.conftest import a_database
from tests.fault.scale import FULL
from tests.support.cache_model import FAILURE, NOTHING, RESULT, Part, Standing
from tests.support.records import some_payload

EXAMPLES, STEPS = (60, 50) if FULL else (5, 20)

NAMESPACE = "default"
RECORDINGS = (b"walk", b"jump")
VERSIONS = ("1.0.0", "1.1.0")
PARTS = Pipeline("emg.channel", "1.0.0")
SHORT_SECONDS = 0.3

recordings = st.sampled_from(RECORDINGS)
versions = st.sampled_from(VERSIONS)
Asked = tuple[bytes, str]
T = TypeVar("T")


class Switch(Breaker):
    """A breaker that can be held open."""

    away = False

    @property
    def available(self) -> bool:
        return not self.away and super().available

    def check(self) -> None:
        if self.away:
            raise TierAway(self.tier)
        super().check()


@dataclass(frozen=True)
class Places:
    """Where one run keeps its things."""

    postgres: EmbeddedPostgres
    template: str
    valkey: EmbeddedValkey
    folder: Path


def blob_of(recording: bytes) -> Blob:
    return Blob(hashlib.sha256(recording).digest(), len(recording))


def identity_of(asked: Asked) -> Identity:
    return identify(NAMESPACE, Pipeline("emg.session", asked[1]), b"", b"", blob_of(asked[0]))


def part_of(recording: bytes) -> Identity:
    channel = b"channel of " + recording
    return identify(NAMESPACE, PARTS, b"", b"", Blob(hashlib.sha256(channel).digest(), len(channel)))


class CacheUnderChange(RuleBasedStateMachine):
    """One cache, all that may happen to it, and the model of what it may say."""

    def __init__(self, places: Places, number: int) -> None:
        super().__init__()
        self._opened = ExitStack()
        self._runner = self._opened.enter_context(asyncio.Runner())
        self._valkey = self._opened.enter_context(redis.Redis.from_url(places.valkey.url))
        self._valkey.flushall()
        self._settings = CacheSettings(
            database_url=self._opened.enter_context(a_database(places.postgres, places.template)),
            redis_url=places.valkey.url,
            blob_url=(places.folder / str(number)).as_uri(),
        )
        self._away = {"postgresql": False, "valkey": False}
        self._standing = {(recording, version): Standing() for recording in RECORDINGS for version in VERSIONS}
        self._parts = {recording: Part() for recording in RECORDINGS}
        self._uploaded: set[bytes] = set()
        self._tokens: list[tuple[Asked, int, Token]] = []
        self._start()

    def teardown(self) -> None:
        self._stop()
        self._opened.close()

    # -- the process and its engines -----------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def _start(self) -> None:
        self._run(self._begin())

    async def _begin(self) -> None:
        self._built: Built = build(self._settings, CollectorRegistry())
        self._cache = self._built.cache
        engines = self._built.engines
        for name, engine in (
            ("postgresql", engines.database),
            ("postgresql", engines.log_database),
            ("valkey", engines.valkey),
        ):
            assert engine is not None
            engine.breaker = Switch(name)
        self._apply_away()
        await engines.open()
        await self._built.coherence.start()
        self._background = [asyncio.create_task(work()) for work in self._built.endless]  # held, or they may vanish

    def _stop(self) -> None:
        self._run(self._end())

    async def _end(self) -> None:
        """End as a killed process does: nothing is written down any more."""
        while left := {task for task in asyncio.all_tasks() if is_of_the_cache(task)}:
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=1.0)
        await self._built.engines.close()

    def _apply_away(self) -> None:
        engines = self._built.engines
        for engine in filter(None, (engines.database, engines.log_database, engines.valkey)):
            assert isinstance(engine.breaker, Switch)
            engine.breaker.away = self._away[engine.breaker.tier]

    @rule()
    def the_process_is_restarted(self) -> None:
        self._stop()
        self._start()

    @rule(engine=st.sampled_from(["postgresql", "valkey"]))
    def an_engine_goes_or_comes_back(self, engine: str) -> None:
        self._away[engine] = not self._away[engine]
        self._apply_away()

    @rule()
    def valkey_loses_all(self) -> None:
        self._valkey.flushall()

    # -- computing -----------------------------------------------------------------------------------------------

    @rule(recording=recordings)
    def a_recording_is_uploaded(self, recording: bytes) -> None:
        self._run(self._upload(recording))
        self._uploaded.add(recording)

    async def _upload(self, recording: bytes) -> None:
        async with self._cache.files.upload(NAMESPACE) as upload:
            await upload.write(recording)
            await upload.publish()

    @rule(recording=recordings, version=versions)
    def somebody_reserves(self, recording: bytes, version: str) -> None:
        asked = (recording, version)
        identity = identity_of(asked)
        owner = f"owner {len(self._tokens)}"
        try:
            outcome = self._run(self._cache.reserve(Question(identity), owner, 0.0, retry_failed=False))
        except FailedPrecondition:
            assert recording not in self._uploaded
            return
        standing = self._standing[asked]
        if isinstance(outcome, Found):
            self._check(asked, outcome)
        elif isinstance(outcome, Leased):
            assert recording in self._uploaded
            assert NOTHING in standing.allowed(durable_answers=not self._away["postgresql"])
            self._tokens.append((asked, standing.version, outcome.token))
        else:
            assert any(held == asked for held, _, _ in self._tokens)

    @rule(recording=recordings, version=versions)
    def a_question_is_answered(self, recording: bytes, version: str) -> None:
        """All of it in one step, since few random sequences get that far."""
        self.a_recording_is_uploaded(recording)
        known = len(self._tokens)
        self.somebody_reserves(recording, version)
        if len(self._tokens) > known:
            self.a_leader_stores_a_part(known)
            self.a_leader_commits(known, short=False)

    def _settled(self, number: int) -> tuple[Asked, int, Token]:
        return self._tokens.pop(number % len(self._tokens))

    def _refused(self, asked: Asked, version: int, error: AssayError) -> None:
        """A lease is refused where its question was forgotten, or where there was another."""
        if version != self._standing[asked].version:
            assert error.reason is Reason.LEASE_VOIDED
        else:
            assert error.reason is Reason.LEASE_LOST

    @precondition(lambda self: self._tokens)
    @rule(number=st.integers(0, 9), short=st.booleans())
    def a_leader_commits(self, number: int, short: bool) -> None:
        asked, version, token = self._settled(number)
        seconds = SHORT_SECONDS if short else None
        payload = some_payload(content_of(asked, version))
        before = set(self._standing[asked].may)
        try:
            done = self._run(self._cache.commit(token, payload, 5.0, seconds))
        except FailedPrecondition as error:
            self._refused(asked, version, error)
            return
        assert version == self._standing[asked].version
        assert done.record.outcome == payload
        self._standing[asked].committed(done.durability)
        if short and before != {RESULT}:
            self._run(asyncio.sleep(SHORT_SECONDS + 0.05))  # its time is over then
            self._standing[asked].may = before | {NOTHING}

    @precondition(lambda self: self._tokens)
    @rule(number=st.integers(0, 9))
    def a_leader_fails(self, number: int) -> None:
        asked, version, token = self._settled(number)
        try:
            self._run(self._cache.fail(token, Failure("FILE_NOT_C3D", "no"), None))
        except FailedPrecondition as error:
            self._refused(asked, version, error)
            return
        assert version == self._standing[asked].version
        self._standing[asked].remembered(durably=not self._away["postgresql"])

    @precondition(lambda self: self._tokens)
    @rule(number=st.integers(0, 9))
    def a_leader_stores_a_part(self, number: int) -> None:
        asked, version, token = self._tokens[number % len(self._tokens)]
        try:
            stored = self._run(self._store(token, part_of(asked[0])))
        except FailedPrecondition as error:
            self._refused(asked, version, error)
            return
        assert version == self._standing[asked].version
        if stored is not None:
            part = self._parts[asked[0]]
            part.may, part.must = True, part.must or stored

    async def _store(self, token: Token, part: Identity) -> bool | None:
        """Return whether a part was stored durably, None where it could not be."""
        if not await self._cache.join_manifest(token, PARTS, [part.key]):
            return None
        payload = some_payload(b"part")
        record = await self._cache.part_record(part, payload, 1.0, token.generation)
        return await self._cache.store_parts([record])

    # -- asking --------------------------------------------------------------------------------------------------

    @rule()
    def somebody_looks_up(self) -> None:
        for asked in self._standing:
            self._check(asked, self._run(self._cache.lookup(Question(identity_of(asked)))))

    def _check(self, asked: Asked, answer: Found | Missed) -> None:
        standing = self._standing[asked]
        kind = kind_of(answer)
        assert kind in standing.allowed(durable_answers=not self._away["postgresql"])
        if kind == RESULT:
            assert isinstance(answer, Found)
            assert answer.record.outcome == some_payload(content_of(asked, standing.version))

    @rule()
    def somebody_looks_up_the_parts(self) -> None:
        keys = {recording: part_of(recording).key for recording in RECORDINGS}
        by_tier = self._run(self._cache.lookup_parts(list(keys.values())))
        found: dict[bytes, Record] = {key: record for records in by_tier.values() for key, record in records.items()}
        for recording, key in keys.items():
            part = self._parts[recording]
            assert part.may or key not in found
            assert key in found or not part.must or self._away["postgresql"]
            assert key not in found or found[key].outcome == some_payload(b"part")

    @rule(recording=recordings, version=versions)
    def somebody_asks_why(self, recording: bytes, version: str) -> None:
        asked = (recording, version)
        told = self._run(self._cache.explain(Question(identity_of(asked))))
        allowed = self._standing[asked].allowed(durable_answers=not self._away["postgresql"])
        assert told.explanation != "present" or RESULT in allowed
        assert told.explanation != "failed" or FAILURE in allowed

    # -- forgetting ----------------------------------------------------------------------------------------------

    @rule(recording=recordings, version=versions)
    def a_job_is_invalidated(self, recording: bytes, version: str) -> None:
        identity = identity_of((recording, version))
        self._run(self._cache.invalidate(Selector(NAMESPACE, job_id=identity.job_id), "test"))
        self._forgotten([(recording, version)])

    @rule(version=versions)
    def a_pipeline_is_invalidated(self, version: str) -> None:
        selector = Selector(NAMESPACE, pipeline="emg.session", from_version=version, to_version=version)
        self._run(self._cache.invalidate(selector, "test"))
        self._forgotten([(recording, version) for recording in RECORDINGS])

    @rule(recording=recordings)
    def a_blob_is_erased(self, recording: bytes) -> None:
        try:
            self._run(self._cache.erase(NAMESPACE, blob_of(recording).sha256, "test"))
        except NotFound:
            assert recording not in self._uploaded
            return
        self._uploaded.discard(recording)
        assert self._run(self._cache.files.missing(NAMESPACE, [blob_of(recording)]))
        self._parts[recording] = Part()
        self._forgotten([(recording, version) for version in VERSIONS])
        self.somebody_looks_up_the_parts()

    def _forgotten(self, questions: list[Asked]) -> None:
        for asked in questions:
            self._standing[asked].forgotten()
        for part in self._parts.values():
            part.must = False  # they may be its parts; until the manifests could be read, all parts are taken for them
        self.somebody_looks_up()


def is_of_the_cache(task: asyncio.Task[Any]) -> bool:
    """Whether the cache began a task, its background works or what they began; not the pools of drivers."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "cache_service" in Path(code.co_filename).parts


def content_of(asked: Asked, version: int) -> bytes:
    return b"result %d of %s by %s" % (version, asked[0], asked[1].encode())


def kind_of(answer: Found | Missed) -> str:
    if isinstance(answer, Missed):
        return NOTHING
    return RESULT if isinstance(answer.record.outcome, Payload) else FAILURE


def test_any_sequence_keeps_to_the_rules(
    postgres_engine: EmbeddedPostgres, template: str, valkey_engine: EmbeddedValkey, tmp_path: Path
) -> None:
    places = Places(postgres_engine, template, valkey_engine, tmp_path)
    runs = iter(range(100_000))
    run_state_machine_as_test(
        lambda: CacheUnderChange(places, next(runs)),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not FULL,
            phases=tuple(Phase) if FULL else (Phase.generate,),  # a shorter sequence is searched for minutes
            suppress_health_check=list(HealthCheck),
        ),
    )
