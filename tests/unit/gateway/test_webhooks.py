"""Storage webhooks: signed, lately, about files of ours; queued once."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateway.buckets import Buckets, buckets_in
from gateway.settings import GatewaySettings
from gateway.signatures import key_of, signature
from rpc.errors import InvalidArgument
from tests.support.gateway_standin import StandIn

Connect = Callable[..., httpx.AsyncClient]

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OLD_SECRET = base64.b64encode(b"o" * 32).decode()
PATH = "/webhooks/storage/c3d-upload"
INSERTED = {
    "type": "INSERT",
    "table": "objects",
    "schema": "storage",
    "record": {"name": "P042/session 3.c3d", "bucket_id": "c3d-examples", "owner": None},
}


@pytest.fixture
def client(connect: Connect) -> httpx.AsyncClient:
    return connect(
        webhook_secrets=f"{SECRET}, {OLD_SECRET}",
        webhook_tolerance_seconds=60.0,
        buckets="c3d-examples=https://storage.example/c3d, other=s3://other/",
    )


def signed(body: bytes, secret: str = SECRET, identifier: str = "msg_1", age_seconds: int = 0) -> dict[str, str]:
    timestamp = str(int(time.time()) - age_seconds)
    made = signature(key_of(secret), f"{identifier}.{timestamp}.".encode() + body).decode()
    return {"webhook-id": identifier, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{made}"}


async def send(client: httpx.AsyncClient, event: Any, **how: Any) -> httpx.Response:
    body = json.dumps(event).encode()
    return await client.post(PATH, content=body, headers=signed(body, **how))


async def test_a_recording_that_was_put_in_is_queued(client: httpx.AsyncClient, backend: StandIn) -> None:
    answer = await send(client, INSERTED)
    assert answer.status_code == 202
    assert answer.json()["status"] == "success"
    assert answer.json()["task_id"]
    [(question, submission, key, source_uri)] = backend.queued
    assert (question.pipeline.name, question.blob) == ("emg.session", None)
    assert submission.file_name == "session 3.c3d"
    assert submission.metadata["patient_code"] == "P042"
    assert source_uri == "https://storage.example/c3d/P042/session%203.c3d"
    assert key == "webhook:msg_1", "delivered again, it is the same task"


async def test_a_secret_that_is_being_replaced_still_opens(client: httpx.AsyncClient) -> None:
    assert (await send(client, INSERTED, secret=OLD_SECRET)).status_code == 202


async def test_several_signatures_may_be_offered(client: httpx.AsyncClient) -> None:
    body = json.dumps(INSERTED).encode()
    headers = signed(body)
    headers["webhook-signature"] = "v1a,xyz v1,d3Jvbmc= " + headers["webhook-signature"]
    assert (await client.post(PATH, content=body, headers=headers)).status_code == 202


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": "v1,\u00e9".encode("latin-1")},
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "9" * 30},
        {"webhook-timestamp": str(int(time.time()) + 1)},
    ],
)
async def test_what_is_not_signed_rightly_is_refused(
    client: httpx.AsyncClient, backend: StandIn, change: dict[str, Any]
) -> None:
    body = json.dumps(INSERTED).encode()
    answer = await client.post(PATH, content=body, headers={**signed(body, age_seconds=5), **change})
    assert (answer.status_code, answer.json()["reason"]) == (401, "SIGNATURE_INVALID")
    assert backend.queued == []


async def test_a_changed_body_is_refused(client: httpx.AsyncClient) -> None:
    body = json.dumps(INSERTED).encode()
    answer = await client.post(PATH, content=body.replace(b"P042", b"P043"), headers=signed(body))
    assert answer.status_code == 401


@pytest.mark.parametrize("age_seconds", [61, -61])
async def test_what_was_signed_long_ago_or_in_the_future_is_refused(
    client: httpx.AsyncClient, age_seconds: int
) -> None:
    answer = await send(client, INSERTED, age_seconds=age_seconds)
    assert (answer.status_code, answer.json()["reason"]) == (401, "SIGNATURE_INVALID")


@pytest.mark.parametrize(
    "event",
    [
        {**INSERTED, "type": "DELETE", "record": None},
        {**INSERTED, "table": "buckets"},
        {**INSERTED, "record": {"name": "P042/notes.txt", "bucket_id": "c3d-examples"}},
    ],
)
async def test_other_events_are_ignored(client: httpx.AsyncClient, backend: StandIn, event: dict[str, Any]) -> None:
    answer = await send(client, event)
    assert (answer.status_code, answer.json()["status"]) == (200, "ignored")
    assert backend.queued == []


@pytest.mark.parametrize("event", [[], {}, {"type": "INSERT"}, {**INSERTED, "record": {"name": 1, "bucket_id": "a"}}])
async def test_what_is_no_event_is_refused(client: httpx.AsyncClient, event: Any) -> None:
    answer = await send(client, event)
    assert (answer.status_code, answer.json()["reason"]) == (400, "BODY_INVALID")


@pytest.mark.parametrize(
    ("bucket_id", "name"),
    [
        ("unknown", "a.c3d"),
        ("c3d-examples", "../other/a.c3d"),
        ("c3d-examples", "P1/./a.c3d"),
        ("c3d-examples", "/etc/a.c3d"),
        ("c3d-examples", "P1//a.c3d"),
        ("c3d-examples", "P1\\..\\a.c3d"),
        ("c3d-examples", "P1/a\n.c3d"),
        ("c3d-examples", "P1/" + "a" * 1100 + ".c3d"),
    ],
)
async def test_only_files_of_configured_buckets_are_fetched(
    client: httpx.AsyncClient, backend: StandIn, bucket_id: str, name: str
) -> None:
    answer = await send(client, {**INSERTED, "record": {"name": name, "bucket_id": bucket_id}})
    assert (answer.status_code, answer.json()["reason"]) == (400, "FIELD_INVALID")
    assert backend.queued == []


async def test_a_name_cannot_add_a_query_or_another_host() -> None:
    buckets = Buckets(buckets_in("a=https://storage.example/a"))
    assert buckets.source_of("a", "x?y#z@evil.example:80") == "https://storage.example/a/x%3Fy%23z%40evil.example%3A80"
    with pytest.raises(InvalidArgument):
        buckets.source_of("b", "x")


async def test_without_a_queue_the_sender_is_told_to_come_back(client: httpx.AsyncClient, backend: StandIn) -> None:
    backend.has_queue = False
    assert (await send(client, INSERTED)).status_code == 501


async def test_without_secrets_nothing_listens(connect: Connect) -> None:
    assert (await send(connect(), INSERTED)).status_code == 404


async def test_a_large_body_is_refused(client: httpx.AsyncClient) -> None:
    assert (await client.post(PATH, content=bytes(100_000))).status_code == 413


@pytest.mark.parametrize(
    "settings",
    [
        {"webhook_secrets": "too short"},
        {"webhook_secrets": "whsec_c2hvcnQ="},
        {"buckets": "c3d"},
        {"buckets": "c3d=ftp://host"},
        {"buckets": "=https://host"},
        {"rate_limit": "often"},
    ],
)
def test_settings_that_make_no_sense_are_refused_at_the_start(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"must|WEBHOOK_SECRETS|BUCKETS|RATE_LIMIT"):
        GatewaySettings(**settings)  # type: ignore[arg-type]  # texts, as the environment has


def test_secrets_are_not_shown() -> None:
    assert SECRET not in repr(GatewaySettings(webhook_secrets=SECRET))  # type: ignore[arg-type]  # as above
