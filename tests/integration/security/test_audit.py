"""The audit: who took away what, always; who saw what, where that is switched on; never a name, never a token."""

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from assaycache.cache.v1 import cache_service_pb2 as pb
from assaycache.cache.v1 import identity_pb2
from assaycache.launcher import EmbeddedPostgres
from cache_service import schema
from cache_service.audit import Audit
from cache_service.engines.postgres import Postgres
from cache_service.settings import CacheSettings
from rpc.access import caller
from rpc.roles import Role
from rpc.tokens import Principal
from tests.integration.cache.conftest import a_question
from tests.integration.security.conftest import guarded_by
from tests.support.people import OWN, READER, TOKENS, WRITER

ADMIN = Principal(OWN, Role.ADMIN, "admin of the lab")


def rows(url: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT label, role, rpc, namespace, subject, outcome FROM audit ORDER BY audit_id"
        ).fetchall()


async def opened(url: str) -> Postgres:
    database = Postgres(url, 2)
    await database.open()
    return database


async def test_what_takes_away_is_in_the_table_before_it_is_answered(database_url: str) -> None:
    database = await opened(database_url)
    caller.set(ADMIN)
    await Audit(database).record("EraseBlob", OWN, "ab" * 32, note="asked by the patient")
    assert rows(database_url) == [("admin of the lab", "admin", "EraseBlob", OWN, "ab" * 32, "done")]
    await database.close()


async def test_a_note_that_no_database_can_keep_is_cut_to_one_that_it_can(database_url: str) -> None:
    database = await opened(database_url)
    await Audit(database).record("Invalidate", OWN, "all", note="a\x00b" + "x" * 10_000)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT left(note, 3), length(note) FROM audit").fetchall() == [("abx", 500)]
    await database.close()


async def test_with_the_database_away_nothing_is_refused_and_the_note_is_written_when_it_is_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with EmbeddedPostgres(tmp_path / "postgres") as engine:
        schema.up(engine.url)
        database = await opened(engine.url)
        audit = Audit(database)
        caller.set(ADMIN)
        os.kill(engine.pid, signal.SIGKILL)
        await audit.record("EraseBlob", OWN, "ab" * 32)
        said = capsys.readouterr()
        assert "EraseBlob" in said.out + said.err
        await asyncio.to_thread(engine.start)
        background = asyncio.create_task(audit.run())
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(rows, engine.url):
                await asyncio.sleep(0.1)
        background.cancel()
        assert [row[2] for row in rows(engine.url)] == ["EraseBlob"]
        await database.close()


async def test_without_a_database_the_log_is_the_audit(capsys: pytest.CaptureFixture[str]) -> None:
    caller.set(ADMIN)
    await Audit(None).record("EraseBlob", OWN, "ab" * 32, note="Jane Doe asked")
    said = capsys.readouterr()
    assert "admin of the lab" in said.out + said.err
    assert "Jane Doe" not in said.out + said.err


async def look_at(settings: CacheSettings) -> str:
    """Compute a result and let a reader see it in every way there is; return its job id."""
    async with guarded_by(settings) as guarded:
        entry = await guarded.by(WRITER).compute(b"walk")
        reader, blob = guarded.by(READER), entry.identity.blob
        submission = identity_pb2.Submission(file_name="jane-doe.c3d", uploader="dr-who")
        await reader.ask("Lookup", pb.LookupRequest(question=a_question(blob=blob), submission=submission))
        await reader.ask("GetJob", pb.GetJobRequest(job_id=entry.identity.job_id, include_result=True))
        await reader.ask("GetJob", pb.GetJobRequest(job_id=entry.identity.job_id))
        await reader.stream("Download", pb.DownloadRequest(blob=blob))
    return str(entry.identity.job_id)


async def test_who_saw_which_result_is_noted_where_that_is_switched_on(
    guarded_settings: CacheSettings, database_url: str
) -> None:
    job_id = await look_at(guarded_settings.model_copy(update={"audit_access": True}))
    noted = rows(database_url)
    who = (f"reader of {OWN}", "reader")
    assert [(*row[:2], row[2], row[4] == job_id) for row in noted] == [
        (*who, "Lookup", True),
        (*who, "GetJob", True),
        (*who, "Download", False),
    ]
    told = str(noted)
    assert "jane-doe" not in told
    assert "dr-who" not in told
    assert not any(token in told for token in TOKENS.values())


async def test_who_saw_which_result_is_not_noted_unless_that_is_switched_on(
    guarded_settings: CacheSettings, database_url: str
) -> None:
    assert guarded_settings.audit_access is False
    await look_at(guarded_settings)
    assert rows(database_url) == []


async def test_access_without_a_database_is_not_refused(guarded_settings: CacheSettings) -> None:
    alone = {"use_database": False, "redis_url": SecretStr(""), "audit_access": True}
    assert await look_at(guarded_settings.model_copy(update=alone))
