"""The gateway before the real services, with tokens: queued work, webhooks, signals, forgetting."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from assaycache import Client
from assaycache.cache.v1 import cache_service_pb2 as cache_pb
from assaycache.cache.v1 import entry_pb2, identity_pb2
from assaycache.cache.v1.cache_service_pb2_grpc import CacheServiceStub
from assaycache.launcher import Stack, StackAddresses, StackOptions
from gateway.signatures import key_of, signature
from rpc.channels import connect
from tests.support.people import ADMIN, OTHER_WRITER, READER, SERVICE, TOKENS_TEXT, WRITER, bearer
from tests.support.services import recording

ANY_PORTS = {f"{name}_port": 0 for name in ("gateway", "cache", "analysis", "cache_metrics", "analysis_metrics")}
SECONDS = 60.0
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
WEBHOOK = "/webhooks/storage/c3d-upload"
Event = tuple[str, dict[str, Any]]


@dataclass
class Running:
    """A stack, and the folder that storage webhooks tell of."""

    addresses: StackAddresses
    bucket: Path

    def rest(self, token: str = "") -> httpx.Client:
        assert self.addresses.gateway is not None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.addresses.gateway, headers=headers, timeout=SECONDS)


def quiet(_line: str) -> None:
    """Report nothing."""


@contextmanager
def running(home: Path, *, tokens: bool, use_database: bool) -> Iterator[Running]:
    bucket = home / "recordings"
    bucket.mkdir()
    environment = {
        "ANALYSIS_WORKERS": "1",
        "SOURCE_URLS": bucket.as_uri(),
        "BUCKETS": f"recordings={bucket.as_uri()},elsewhere={home.as_uri()}",
        "WEBHOOK_SECRETS": SECRET,
    }
    if tokens:
        environment |= {"TOKENS": TOKENS_TEXT, "SERVICE_TOKEN": SERVICE, "WEBHOOK_TOKEN": WRITER}
    options = StackOptions(home=home, redis_url="", use_database=use_database, environment=environment, **ANY_PORTS)
    with Stack(options, quiet) as stack:
        yield Running(stack.addresses, bucket)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("whole"), tokens=True, use_database=True) as found:
        yield found


@pytest.fixture(scope="module")
def volatile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A stack without a database, and so without a queue."""
    with running(tmp_path_factory.mktemp("volatile"), tokens=False, use_database=False) as found:
        yield found


@pytest.fixture(scope="module")
def writer(stack: Running) -> Iterator[httpx.Client]:
    with stack.rest(WRITER) as client:
        yield client


@pytest.fixture(scope="module")
def reader(stack: Running) -> Iterator[httpx.Client]:
    with stack.rest(READER) as client:
        yield client


def uploaded(rest: httpx.Client, content: bytes) -> dict[str, Any]:
    sha256 = hashlib.sha256(content).hexdigest()
    rest.put(f"/v1/blobs/{sha256}", content=content).raise_for_status()
    return {"sha256": sha256, "size_bytes": len(content)}


def begun(rest: httpx.Client, blob: dict[str, Any], key: str = "", **more: Any) -> httpx.Response:
    headers = {"Prefer": "respond-async", **({"Idempotency-Key": key} if key else {})}
    return rest.post("/v1/analyses", json={"blob": blob, **more}, headers=headers)


def events(rest: httpx.Client, job_id: str) -> Iterator[Event]:
    """Yield the events of a job until the last."""
    with rest.stream("GET", f"/v1/analyses/{job_id}/events") as answer:
        name = ""
        for line in answer.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                yield name, json.loads(value)


def delivered(stack: Running, name: str, bucket: str = "recordings", identifier: str = "") -> httpx.Response:
    """Send what a storage sends, without a token."""
    event = {"type": "INSERT", "table": "objects", "record": {"name": name, "bucket_id": bucket}}
    body, timestamp = json.dumps(event).encode(), str(int(time.time()))
    identifier = identifier or f"msg-{bucket}-{name}"
    made = signature(key_of(SECRET), f"{identifier}.{timestamp}.".encode() + body).decode()
    headers = {"webhook-id": identifier, "webhook-timestamp": timestamp, "webhook-signature": f"v1,{made}"}
    with stack.rest() as storage:
        return storage.post(WEBHOOK, content=body, headers=headers)


# -- queued work -----------------------------------------------------------------------------------------------------


def test_who_will_not_wait_follows_the_queued_work_to_its_result(writer: httpx.Client, reader: httpx.Client) -> None:
    blob = uploaded(writer, recording(seed=1))
    answer = begun(writer, blob, key="first", file_name="a.c3d")
    told = answer.json()
    assert (answer.status_code, told["status"]) == (202, "queued"), told
    last = list(events(reader, told["job_id"]))[-1]
    assert last == ("result", {"job_id": told["job_id"], "status": "succeeded", "result_url": told["result_url"]})
    assert reader.get(told["result_url"]).json()["recording"]["sample_count"] == 4000
    job = reader.get(answer.headers["location"]).json()
    assert (job["status"], job["file_name"], bool(job["task_id"])) == ("succeeded", "a.c3d", True)
    assert begun(writer, blob, key="first").status_code == 200, "it is there"


def test_a_key_that_was_sent_with_another_question_is_refused(writer: httpx.Client) -> None:
    blob = uploaded(writer, recording(seed=2))
    assert begun(writer, blob, key="mine").status_code == 202
    refused = begun(writer, blob, key="mine", params={"threshold_k": 7})
    assert (refused.status_code, refused.json()["reason"]) == (400, "FIELD_INVALID")
    assert refused.json()["violations"][0]["field"] == "Idempotency-Key"


def test_how_far_queued_work_has_come_is_told(stack: Running, writer: httpx.Client, reader: httpx.Client) -> None:
    content = recording(seed=3)
    blob = uploaded(writer, content)
    question = identity_pb2.Question(pipeline=identity_pb2.PipelineRef(name="emg.session"))
    question.blob.sha256, question.blob.size_bytes = bytes.fromhex(blob["sha256"]), len(content)
    with connect(stack.addresses.cache[0]) as channel:
        stub, shown = CacheServiceStub(channel), {"metadata": bearer(WRITER), "timeout": SECONDS}
        token = stub.Reserve(cache_pb.ReserveRequest(question=question, owner_id="us"), **shown).lease.token  # type: ignore[arg-type]  # as gRPC takes them
        told = begun(writer, blob).json()
        half = entry_pb2.Progress(stage="filtering", fraction=0.5)
        stub.Extend(cache_pb.ExtendRequest(token=token, progress=half), **shown)  # type: ignore[arg-type]  # as gRPC takes them
        heard = events(reader, told["job_id"])
        progress = next(data for name, data in heard if name == "progress" and data["fraction"])
        assert (progress["status"], progress["stage"], progress["fraction"]) == ("running", "filtering", 0.5)
        stub.Release(cache_pb.ReleaseRequest(token=token), **shown)  # type: ignore[arg-type]  # as gRPC takes them
    assert list(heard)[-1][0] == "result", "whoever waited in the queue takes over"


def test_a_remembered_failure_is_tried_again_though_nobody_waits(writer: httpx.Client) -> None:
    blob = uploaded(writer, recording(seed=4)[:3000])
    assert writer.post("/v1/analyses", json={"blob": blob}).status_code == 422
    assert begun(writer, blob).status_code == 422
    again = begun(writer, blob, retry_failed=True)
    assert (again.status_code, again.json()["status"]) == (202, "running")
    name, data = list(events(writer, again.json()["job_id"]))[-1]
    assert (name, data["reason"].startswith("FILE_")) == ("failed", True)


def test_without_a_queue_the_gateway_waits_and_tells_how_far_it_is(volatile: Running) -> None:
    with volatile.rest() as rest:
        answer = begun(rest, uploaded(rest, recording(seed=5)))
        assert (answer.status_code, answer.json()["status"]) == (202, "running")
        assert list(events(rest, answer.json()["job_id"]))[-1][0] == "result"
    (volatile.bucket / "a.c3d").write_bytes(recording(seed=5))
    refused = delivered(volatile, "a.c3d")
    assert (refused.status_code, refused.json()["reason"]) == (503, "DATABASE_UNAVAILABLE")
    assert refused.headers["retry-after"]


def test_samples_are_drawn_without_a_database(volatile: Running, tmp_path: Path) -> None:
    fasta, tree = tmp_path / "two.fasta", tmp_path / "two.nwk"
    letters = "ACGTTGCATTACGGATCCATTGACCATGTTTACC", "TTGACCATGGTACCATAGGACCTTAGGACATTAA"
    fasta.write_text("".join(f">{name}\tLife;{name}\n{item}\n" for name, item in zip("AB", letters, strict=True)))
    tree.write_text("(A:1,B:3);")
    with Client.connect(",".join(volatile.addresses.cache), ",".join(volatile.addresses.analysis)) as client:
        client.add_reference("two", fasta, tree=tree)
    with volatile.rest() as rest:
        files = (f">r\n{item}\n".encode() for item in letters)
        jobs = [rest.post("/analyze", files={"file": ("a.fasta", content)}).json()["job_id"] for content in files]
        for view in ("composition", "hierarchy", "sankey"):
            drawn = rest.get(f"/visualizations/{view}/{jobs[0]}")
            assert (drawn.status_code, drawn.json()["data"]["view"]) == (200, view)
        asked = {"job_ids": ",".join(jobs)}
        assert rest.get("/visualizations/heatmap", params=asked).status_code == 200
        found = rest.get("/visualizations/diversity", params={**asked, "measure": "unweighted_unifrac"}).json()["data"]
        assert [item["faith"] for item in found["diversity"]] == [1.0, 3.0]
        assert found["distances"] == [[0.0, 1.0], [1.0, 0.0]]


# -- webhooks --------------------------------------------------------------------------------------------------------


def test_a_recording_that_was_put_into_the_storage_is_analysed(stack: Running, reader: httpx.Client) -> None:
    (stack.bucket / "P042").mkdir()
    (stack.bucket / "P042" / "session 3.c3d").write_bytes(recording(seed=6))
    answer = delivered(stack, "P042/session 3.c3d")
    assert answer.status_code == 202, answer.text
    task_id = answer.json()["task_id"]
    name, data = list(events(reader, task_id))[-1]
    assert name == "result", data
    job = reader.get(f"/v1/jobs/{task_id}").json()
    assert (job["status"], job["job_id"], job["task_id"]) == ("succeeded", data["job_id"], task_id)
    assert (job["file_name"], job["submissions"][0]["uploader"]) == ("session 3.c3d", "storage")
    assert job["submissions"][0]["metadata"]["patient_code"] == "P042"
    assert reader.get(data["result_url"]).json()["recording"]["sample_count"] == 4000
    assert delivered(stack, "P042/session 3.c3d").json()["task_id"] == task_id, "delivered again, it is the same task"


@pytest.mark.parametrize(
    ("name", "bucket", "reason", "code"),
    [("missing.c3d", "recordings", "SOURCE_MISSING", 404), ("a.c3d", "elsewhere", "SOURCE_FORBIDDEN", 403)],
)
def test_a_recording_that_cannot_be_fetched_fails_with_the_reason(
    stack: Running, reader: httpx.Client, name: str, bucket: str, reason: str, code: int
) -> None:
    task_id = delivered(stack, name, bucket).json()["task_id"]
    last, data = list(events(reader, task_id))[-1]
    assert (last, data["reason"], data["status"]) == ("failed", reason, code)
    assert reader.get(data["type"]).status_code == 200
    assert reader.get(f"/v1/jobs/{task_id}").json()["failure"]["reason"] == reason


def test_a_webhook_that_is_not_signed_is_refused_whatever_token_it_shows(writer: httpx.Client) -> None:
    answer = writer.post(WEBHOOK, json={})
    assert (answer.status_code, answer.json()["reason"]) == (401, "SIGNATURE_INVALID")


# -- signals ---------------------------------------------------------------------------------------------------------


def test_signals_are_those_of_the_jobs_own_parameters(writer: httpx.Client, reader: httpx.Client) -> None:
    blob = uploaded(writer, recording(seed=7))
    asked = {"blob": blob, "params": {"threshold_k": 4, "profile": "standard", "channels": ["EMG 1"]}}
    answer = writer.post("/v1/analyses", json=asked)
    assert answer.status_code == 200, answer.text
    address = f"{answer.json()['result_url']}/signals"
    told = reader.get(address, params={"max_points": 100, "start_ms": 500, "length_ms": 2000})
    assert told.status_code == 200, told.text
    signals = told.json()["signals"]
    assert {(item["label"], item["kind"]) for item in signals} == {
        ("EMG 1", "raw"),
        ("EMG 1", "filtered"),
        ("EMG 1", "envelope"),
    }
    for item in signals:
        assert 2 <= len(item["time_ms"]) == len(item["minimum_uv"]) == len(item["maximum_uv"]) <= 100
        assert 500 <= item["time_ms"][0] <= item["time_ms"][-1] <= 2500
    [envelope] = [item for item in signals if item["kind"] == "envelope"]
    assert envelope["threshold_uv"] > 0
    refused = reader.get(address, params={"labels": "EMG 9"})
    assert (refused.status_code, refused.json()["reason"]) == (400, "FIELD_INVALID")


# -- who may what ----------------------------------------------------------------------------------------------------


def test_a_reader_looks_up_and_asks_for_nothing_to_be_done(writer: httpx.Client, reader: httpx.Client) -> None:
    blob = uploaded(writer, recording(seed=8))
    found = reader.post("/v1/lookups", json={"blob": blob})
    assert (found.status_code, found.json()["blob_present"]) == (200, True)
    refused = reader.post("/v1/analyses", json={"blob": blob})
    assert (refused.status_code, refused.json()["reason"]) == (403, "PERMISSION_DENIED")
    assert refused.headers["content-type"] == "application/problem+json"


def test_another_namespace_sees_nothing_and_stops_nothing(stack: Running, writer: httpx.Client) -> None:
    blob = uploaded(writer, recording(seed=9))
    job_id = writer.post("/v1/analyses", json={"blob": blob}).json()["job_id"]
    with stack.rest(OTHER_WRITER) as other:
        assert other.post("/v1/lookups", json={"blob": blob}).json()["blob_present"] is False
        for method, address in (
            ("GET", f"/v1/jobs/{job_id}"),
            ("GET", f"/v1/results/{job_id}"),
            ("GET", f"/v1/results/{job_id}/signals"),
            ("GET", f"/v1/analyses/{job_id}/events"),
            ("POST", f"/v1/analyses/{job_id}/cancel"),
        ):
            answer = other.request(method, address)
            assert (answer.status_code, answer.json()["reason"]) == (404, "JOB_UNKNOWN"), address


def test_what_an_admin_forgets_is_told_no_more_by_a_gateway_that_has_it_rendered(
    stack: Running, writer: httpx.Client, reader: httpx.Client
) -> None:
    blob = uploaded(writer, recording(seed=10))
    answer = writer.post("/v1/analyses", json={"blob": blob}).json()
    assert reader.get(answer["result_url"]).status_code == 200
    assert writer.post("/v1/invalidations", json={"job_id": answer["job_id"]}).status_code == 403
    with stack.rest(ADMIN) as admin:
        forgotten = admin.post("/v1/invalidations", json={"job_id": answer["job_id"], "note": "a test"})
        assert (forgotten.status_code, forgotten.json()["removed_results"]) == (200, 1)
        assert reader.get(answer["result_url"]).json()["reason"] == "RESULT_MISSING"
        assert admin.get(f"/v1/jobs/{answer['job_id']}/explanation").json()["explanation"] == "invalidated"
        asked = admin.post("/v1/explanations", json={"blob": blob})
        assert asked.json()["explanation"] == "invalidated"
        assert admin.get("/v1/stats").json()["jobs"] >= 1
        assert admin.delete(f"/v1/blobs/{blob['sha256']}").json()["removed_blobs"] >= 1
    assert reader.post("/v1/lookups", json={"blob": blob}).json()["blob_present"] is False


def test_pages_are_open_and_metrics_are_not(stack: Running) -> None:
    with stack.rest() as nobody:
        for address in ("/docs", "/docs/swagger-ui.css", "/openapi.json", "/problems", "/problems/BLOB_MISSING"):
            assert nobody.get(address).status_code == 200, address
        for address in ("/v1/jobs", "/v1/stats", "/v1/capabilities", "/metrics"):
            assert nobody.get(address).status_code == 401, address
