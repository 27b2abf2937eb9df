"""The interface under /v1, over services that stand in."""

import asyncio
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from gateway.backend import JOB_STATUSES, Failure, JobFilter, Pipeline, Selector, Violation, Window
from rpc.context import outgoing
from rpc.errors import NotFound, Unavailable
from rpc.reasons import Reason
from tests.support.gateway_standin import C3D, JOB_ID, StandIn

Client = httpx.AsyncClient
Connect = Callable[..., httpx.AsyncClient]

SHA256 = hashlib.sha256(C3D).hexdigest()
BLOB = {"sha256": SHA256, "size_bytes": len(C3D)}
RESULT = f"/v1/results/{JOB_ID}"


def assert_problem(answer: httpx.Response, code: int, reason: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, body["status"], body["reason"]) == (code, code, reason), body
    assert body["type"] == f"/problems/{reason}"
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


async def ask(client: Client, prefer: str = "", **more: object) -> httpx.Response:
    return await client.post("/v1/analyses", json={"blob": BLOB, **more}, headers={"Prefer": prefer} if prefer else {})


async def test_a_look_up_tells_a_miss_and_whether_to_upload(client: Client, backend: StandIn) -> None:
    told = (await client.post("/v1/lookups", json={"blob": BLOB, "params": {"threshold_k": 4}})).json()
    assert (told["outcome"], told["blob_present"], told["miss_reason"]) == ("miss", False, "never_seen")
    await client.put(f"/v1/blobs/{SHA256}", content=C3D)
    assert (await client.post("/v1/lookups", json={"blob": BLOB})).json()["blob_present"] is True
    question, submission, _ = backend.looked_up[0]
    assert (question.params, question.blob.size_bytes if question.blob else 0) == ({"threshold_k": 4}, len(C3D))
    assert submission is None, "nothing is recorded unless it is said who asks"


@pytest.mark.parametrize(
    ("here", "file_name", "asked_before", "meant"),
    [
        (b">read\nACGT\n", "renamed.c3d.txt", "", "sequence.taxonomy"),
        (C3D, "renamed.fasta", "", "emg.session"),
        (b"", "pond.fastq.gz", "", "sequence.taxonomy"),
        (b"", "walk.c3d", "sequence.taxonomy", "emg.session"),
        (b"", None, "sequence.taxonomy", "sequence.taxonomy"),
        (b"neither", None, "", "emg.session"),
        (b"", None, "", "emg.session"),
    ],
    ids=["content", "content before name", "name", "name before jobs", "jobs", "unknown kind", "nothing known"],
)
@pytest.mark.parametrize("address", ["/v1/lookups", "/v1/analyses"])
async def test_a_question_without_a_pipeline_means_that_of_the_files_kind(
    client: Client, backend: StandIn, here: bytes, file_name: str | None, asked_before: str, meant: str, address: str
) -> None:
    backend.heads[bytes.fromhex(SHA256)] = here
    backend.job_pipeline = asked_before or "emg.session"
    asked = {"blob": BLOB, "file_name": file_name} if file_name else {"blob": BLOB}
    await client.post(address, json=asked)
    assert backend.looked_up[0][0].pipeline.name == meant


async def test_a_pipeline_that_is_named_is_the_one_that_is_meant(client: Client, backend: StandIn) -> None:
    backend.heads[bytes.fromhex(SHA256)] = b">read\nACGT\n"
    await client.post("/v1/lookups", json={"blob": BLOB, "pipeline": "emg.session"})
    assert backend.looked_up[0][0].pipeline.name == "emg.session"
    assert backend.listed == []


async def test_a_look_up_tells_a_hit_and_where_it_is(client: Client) -> None:
    await ask(client)
    told = (await client.post("/v1/lookups", json={"blob": BLOB})).json()
    assert told["outcome"] == "hit"
    assert (told["result"]["url"], told["result"]["tier"], told["blob_present"]) == (RESULT, "memory", None)


async def test_a_look_up_tells_a_remembered_failure(client: Client, backend: StandIn) -> None:
    backend.remembered = Failure("FILE_NO_EMG", "No channel is EMG.", [Violation("channels", "none.")])
    told = (await client.post("/v1/lookups", json={"blob": BLOB})).json()
    assert (told["outcome"], told["failure"]["reason"]) == ("failed", "FILE_NO_EMG")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "blob"),
        ({"blob": {"sha256": "x", "size_bytes": 1}}, "blob.sha256"),
        ({"blob": {"sha256": SHA256.upper(), "size_bytes": 1}}, "blob.sha256"),
        ({"blob": {"sha256": SHA256, "size_bytes": -1}}, "blob.size_bytes"),
        ({"blob": {"sha256": SHA256, "size_bytes": "1"}}, "blob.size_bytes"),
        ({"blob": BLOB, "pipelin": "emg.session"}, "pipelin"),
        ([], "body"),
    ],
)
async def test_a_question_that_is_none_is_refused_with_the_field_at_fault(
    client: Client, body: object, field: str
) -> None:
    problem = assert_problem(await client.post("/v1/lookups", json=body), 422, "FIELD_INVALID")
    assert field in [violation["field"] for violation in problem["violations"]]


async def test_a_body_that_is_no_json_is_refused(client: Client) -> None:
    assert_problem(await client.post("/v1/lookups", content=b"{NaN"), 400, "BODY_INVALID")
    assert_problem(await client.post("/v1/lookups", content=b" " * 300_000), 413, "BLOB_TOO_LARGE")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"params": {"channels": ["a\0b"]}}, "PARAMETER_INVALID"),
        ({"metadata": {"a": "\0"}}, "METADATA_INVALID"),
    ],
)
async def test_what_no_store_can_keep_is_refused(client: Client, more: dict[str, object], reason: str) -> None:
    assert_problem(await ask(client, **more), 400, reason)


async def test_bytes_are_uploaded_under_their_digest(client: Client) -> None:
    first = await client.put(f"/v1/blobs/{SHA256}", content=C3D)
    again = await client.put(f"/v1/blobs/{SHA256}", content=C3D)
    assert (first.status_code, first.json()) == (201, {**BLOB, "existed": False})
    assert (again.status_code, again.json()["existed"]) == (200, True)


async def test_bytes_of_another_digest_are_refused(client: Client) -> None:
    assert_problem(await client.put(f"/v1/blobs/{SHA256}", content=b"other"), 400, "DIGEST_MISMATCH")


async def test_bytes_over_the_limit_are_refused_as_they_arrive_or_before(client: Client) -> None:
    assert_problem(await client.put(f"/v1/blobs/{SHA256}", content=bytes(4_000_000)), 413, "BLOB_TOO_LARGE")

    async def undeclared() -> Any:
        for _ in range(40):
            yield bytes(100_000)

    assert_problem(await client.put(f"/v1/blobs/{SHA256}", content=undeclared()), 413, "BLOB_TOO_LARGE")


async def test_a_pausing_upload_is_given_up(client: Client) -> None:
    async def pausing() -> Any:
        yield bytes(1000)
        await asyncio.Event().wait()

    assert_problem(await client.put(f"/v1/blobs/{SHA256}", content=pausing()), 400, "BODY_INVALID")


async def test_a_question_is_answered_with_its_result(client: Client) -> None:
    answer = await ask(client, file_name="../a.c3d", metadata={"patient": "P1"})
    told = answer.json()
    assert (answer.status_code, told["status"], told["cached"]) == (200, "succeeded", False)
    assert (told["file_name"], told["blob"], told["result_url"]) == ("a.c3d", BLOB, RESULT)
    assert told["result"] == {"bytes": len(C3D)}
    assert answer.headers["cache-status"] == "Assaycache; fwd=miss; stored"
    again = await ask(client)
    assert (again.json()["cached"], again.headers["cache-status"]) == (True, "Assaycache; hit; detail=memory")


async def test_a_form_asks_too(client: Client, backend: StandIn) -> None:
    answer = await client.post("/v1/analyses", files={"file": ("a.c3d", C3D)}, data={"params": '{"threshold_k": 4}'})
    assert (answer.status_code, answer.json()["file_name"]) == (200, "a.c3d")
    assert backend.ingested[0][1].params == {"threshold_k": 4}
    assert_problem(await client.post("/v1/analyses", files={"other": ("a.c3d", C3D)}), 400, "BODY_INVALID")


async def test_a_minimal_answer_leaves_the_result_out(client: Client) -> None:
    answer = await ask(client, "return=minimal")
    assert answer.json()["result"] is None
    assert answer.headers["preference-applied"] == "return=minimal"


async def test_who_will_not_wait_is_told_where_to_look(client: Client, backend: StandIn) -> None:
    answer = await client.post(
        "/v1/analyses", json={"blob": BLOB}, headers={"Prefer": "respond-async", "Idempotency-Key": "once"}
    )
    told = answer.json()
    assert (answer.status_code, told["status"], told["result"]) == (202, "queued", None)
    assert answer.headers["location"] == f"/v1/jobs/{JOB_ID}"
    assert (answer.headers["retry-after"], answer.headers["preference-applied"]) == ("1", "respond-async")
    [(question, _, key, source_uri)] = backend.queued
    assert (key, source_uri, question.blob is not None) == ("once", "", True)


async def test_without_a_queue_the_gateway_waits_itself(client: Client, backend: StandIn) -> None:
    backend.has_queue = False
    answer = await ask(client, "respond-async")
    assert (answer.status_code, answer.json()["status"]) == (202, "running")
    async with asyncio.timeout(5):
        while JOB_ID not in backend.results:
            await asyncio.sleep(0)
    assert (await ask(client, "respond-async")).status_code == 200, "what is there need not be waited for"


async def test_a_remembered_failure_is_told_unless_it_is_tried_again(client: Client, backend: StandIn) -> None:
    backend.remembered = Failure("FILE_NO_EMG", "No channel is EMG.", [Violation("channels", "none.")])
    problem = assert_problem(await ask(client), 422, "FILE_NO_EMG")
    assert problem["violations"] == [{"field": "channels", "message": "none."}]
    assert (await ask(client, retry_failed=True)).status_code == 200
    assert backend.retried == 1


async def test_stopping_an_analysis_tells_those_who_wait(client: Client, backend: StandIn) -> None:
    backend.may_finish.clear()
    waiting = asyncio.create_task(ask(client))
    await backend.began.wait()
    stopped = await client.post(f"/v1/analyses/{JOB_ID}/cancel")
    assert stopped.json() == {"job_id": JOB_ID, "stopped": True}
    assert_problem(await waiting, 409, "CANCELLED")
    assert backend.analyses_stopped == 1
    assert (await client.post(f"/v1/analyses/{JOB_ID}/cancel")).json()["stopped"] is False


async def test_queued_work_can_be_cancelled_too(client: Client, backend: StandIn) -> None:
    backend.has_queue = True
    assert (await ask(client, "respond-async")).json()["status"] == "queued"
    assert (await client.post(f"/v1/analyses/{JOB_ID}/cancel")).json() == {"job_id": JOB_ID, "stopped": True}
    assert not backend.queued
    assert (await client.post(f"/v1/analyses/{JOB_ID}/cancel")).json()["stopped"] is False


def events_in(text: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return id, name and data of each event."""
    found = []
    for block in filter(None, text.split("\n\n")):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            found.append((fields["id"], fields["event"], json.loads(fields["data"])))
    return found


async def test_events_tell_progress_and_end_with_the_result(client: Client, backend: StandIn) -> None:
    backend.may_finish.clear()
    waiting = asyncio.create_task(ask(client))
    await backend.began.wait()
    following = asyncio.create_task(client.get(f"/v1/analyses/{JOB_ID}/events"))
    for _ in range(50):
        await asyncio.sleep(0)
    backend.may_finish.set()
    answer = await following
    await waiting
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_in(answer.text)
    assert ("running-0.500000-filtering", "progress") in [event[:2] for event in events]
    assert events[-1] == (
        "succeeded", "result", {"job_id": JOB_ID, "status": "succeeded", "result_url": RESULT}
    )  # fmt: skip


async def test_events_go_on_after_the_last_one_that_was_heard(client: Client, backend: StandIn) -> None:
    following = asyncio.create_task(
        client.get(f"/v1/analyses/{JOB_ID}/events", headers={"Last-Event-ID": "running-0.500000-filtering"})
    )
    await asyncio.sleep(0)
    backend.job_status = "succeeded"
    assert [event[0] for event in events_in((await following).text)] == ["succeeded"]


async def test_who_knows_the_end_is_told_to_stop_asking(client: Client, backend: StandIn) -> None:
    backend.job_status = "succeeded"
    answer = await client.get(f"/v1/analyses/{JOB_ID}/events", headers={"Last-Event-ID": "succeeded"})
    assert (answer.status_code, answer.content) == (204, b"")


async def test_a_failed_analysis_ends_its_events_with_the_problem(client: Client, backend: StandIn) -> None:
    backend.remembered = Failure("FILE_TRUNCATED", "It ends early.")
    [(identifier, name, data)] = events_in((await client.get(f"/v1/analyses/{JOB_ID}/events")).text)
    assert (identifier, name, data["reason"], data["status"]) == ("failed", "failed", "FILE_TRUNCATED", 422)


async def test_what_failed_and_is_tried_again_is_followed(client: Client, backend: StandIn) -> None:
    backend.remembered = Failure("FILE_TRUNCATED", "It ends early.")
    backend.may_finish.clear()
    assert (await ask(client, "respond-async", retry_failed=True)).json()["status"] == "running"
    await backend.began.wait()
    following = asyncio.create_task(client.get(f"/v1/analyses/{JOB_ID}/events"))
    for _ in range(50):
        await asyncio.sleep(0)
    backend.remembered = None
    backend.may_finish.set()
    assert [event[1] for event in events_in((await following).text)] == ["progress", "result"]


async def test_a_key_of_another_question_is_refused(client: Client, backend: StandIn) -> None:
    backend.queued_job_id = JOB_ID.replace("6f1c", "0000")
    assert_problem(await ask(client, "respond-async"), 400, "FIELD_INVALID")


async def test_a_queue_that_is_lost_with_the_whole_cache_is_no_reason_to_compute_here(
    client: Client, backend: StandIn
) -> None:
    backend.queue_failure = Unavailable(Reason.CACHE_UNAVAILABLE, "the cache service does not answer.")
    assert_problem(await ask(client, "respond-async"), 503, "CACHE_UNAVAILABLE")
    backend.queue_failure = Unavailable(Reason.DATABASE_UNAVAILABLE, "The database does not answer.")
    assert (await ask(client, "respond-async")).json()["status"] == "running"


async def test_a_result_is_kept_compressed_and_carries_its_digest_and_tag(client: Client, backend: StandIn) -> None:
    await ask(client)
    answer = await client.get(RESULT, headers={"Accept-Encoding": "zstd"})
    assert answer.json() == {"bytes": len(C3D)}
    assert answer.headers["content-encoding"] == "zstd"
    assert "Accept-Encoding" in answer.headers["vary"]
    assert answer.headers["repr-digest"].startswith("sha-256=:")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["cache-status"] == "Assaycache; hit; detail=memory"
    assert answer.headers["etag"] == f'"{backend.results[JOB_ID].digest.hex()}-1-zstd"'


async def test_each_coding_has_a_tag_and_bytes_of_its_own(client: Client) -> None:
    await ask(client)
    answers = [await client.get(RESULT, headers={"Accept-Encoding": coding}) for coding in ("zstd", "gzip", "identity")]
    assert {answer.text for answer in answers} == {f'{{"bytes":{len(C3D)}}}'}
    assert len({answer.headers["etag"] for answer in answers}) == 3
    assert len({answer.headers["repr-digest"] for answer in answers}) == 3


async def test_who_has_it_is_told_so(client: Client, backend: StandIn) -> None:
    await ask(client)
    tag = (await client.get(RESULT, headers={"Accept-Encoding": "zstd"})).headers["etag"]
    for said in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = await client.get(RESULT, headers={"Accept-Encoding": "zstd", "If-None-Match": said})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    for said in ('"other"', tag.replace("-zstd", "-gzip")):
        answer = await client.get(RESULT, headers={"Accept-Encoding": "zstd", "If-None-Match": said})
        assert answer.status_code == 200
    assert backend.renderings == 1


async def test_a_gateway_that_never_rendered_it_believes_a_tag_only_with_the_cache(
    connect: Connect, backend: StandIn
) -> None:
    await ask(connect())
    digest = backend.results[JOB_ID].digest
    other = connect()
    answer = await other.get(RESULT, headers={"If-None-Match": f'"{digest.hex()}-1-identity"', "Accept-Encoding": ""})
    assert answer.status_code == 304
    assert backend.known_digests[-1] == digest
    backend.results.clear()
    gone = await other.get(RESULT, headers={"If-None-Match": f'"{digest.hex()}-1-identity"', "Accept-Encoding": ""})
    assert_problem(gone, 404, "RESULT_MISSING")


async def test_what_the_cache_forgot_is_not_sent_though_it_is_rendered(client: Client, backend: StandIn) -> None:
    await ask(client)
    assert (await client.get(RESULT)).status_code == 200
    backend.results.clear()
    assert_problem(await client.get(RESULT), 404, "RESULT_MISSING")


async def test_a_job_without_result_and_no_job_are_told_apart(client: Client) -> None:
    assert_problem(await client.get(RESULT), 404, "RESULT_MISSING")
    unknown = JOB_ID.replace("6f1c", "0000")
    assert_problem(await client.get(f"/v1/results/{unknown}"), 404, "JOB_UNKNOWN")
    assert_problem(await client.get("/v1/results/nonsense"), 422, "FIELD_INVALID")


async def test_signals_are_those_of_the_window(client: Client, backend: StandIn) -> None:
    answer = await client.get(f"{RESULT}/signals?labels=CH1, CH2&start_ms=1.5&length_ms=10&max_points=7")
    assert answer.json()["signals"][0]["label"] == "CH1"
    [(question, window)] = backend.windows
    assert window == Window(["CH1", "CH2"], 1.5, 10.0, 7)
    assert question.from_job, "a job's parameters have protobuf's own form"


async def test_a_label_with_a_comma_is_asked_for_as_it_is_written(client: Client, backend: StandIn) -> None:
    await client.get(f"{RESULT}/signals", params={"label": ["VL, left", "RF"], "labels": "CH1,CH2"})
    [(_, window)] = backend.windows
    assert window.labels == ["VL, left", "RF", "CH1", "CH2"]


@pytest.mark.parametrize("query", ["start_ms=-1", "length_ms=0", "max_points=1", "max_points=99999", "start_ms=nan"])
async def test_a_window_outside_its_domain_is_refused(client: Client, query: str) -> None:
    assert_problem(await client.get(f"{RESULT}/signals?{query}"), 422, "FIELD_INVALID")


async def test_jobs_are_filtered_and_paged(client: Client, backend: StandIn) -> None:
    query = {
        "limit": "7", "page_token": "here", "status": "failed", "pipeline": "emg.session@1.0.0", "sha256": SHA256,
        "file_name": "P042", "updated_since": "2026-03-01T12:30:00Z",
    }  # fmt: skip
    answer = await client.get("/v1/jobs", params=query)
    [wanted] = backend.listed
    assert wanted == JobFilter(
        7, "here", ["failed"], Pipeline("emg.session", "1.0.0"), bytes.fromhex(SHA256), "P042", wanted.updated_since
    )
    assert wanted.updated_since is not None
    assert wanted.updated_since.isoformat() == "2026-03-01T12:30:00+00:00"
    told = answer.json()
    assert (told["jobs"][0]["result_url"], told["next_page_token"]) == (RESULT, "more")
    assert answer.links["next"]["url"].count("page_token=") == 1
    assert "page_token=more" in answer.links["next"]["url"]
    assert "file_name=P042" in answer.links["next"]["url"]


async def test_one_job_has_its_submissions_and_no_data(client: Client) -> None:
    told = (await client.get(f"/v1/jobs/{JOB_ID}")).json()
    assert [item["file_name"] for item in told["submissions"]] == ["new.c3d", "old.c3d"]
    assert (told["result_url"], told["reference"], "data" in told) == (None, None, False)


async def test_forgetting_names_exactly_one_thing(client: Client, backend: StandIn) -> None:
    named = {"name": "emg.session", "to_version": "1.0.0"}
    for body in ({"job_id": JOB_ID, "note": "why"}, {"blob": BLOB}, {"pipeline": named}, {"everything": True}):
        assert (await client.post("/v1/invalidations", json=body)).status_code == 200
    assert backend.subjects[0] == (Selector(job_id=JOB_ID), "why")
    assert backend.subjects[2] == (Selector(pipeline="emg.session", to_version="1.0.0"), "")
    assert backend.subjects[3] == (Selector(), "")
    for wrong in ({}, {"note": "x"}, {"job_id": JOB_ID, "everything": True}, {"everything": False}):
        assert_problem(await client.post("/v1/invalidations", json=wrong), 422, "FIELD_INVALID")
    assert len(backend.subjects) == 4, "nothing is forgotten by mistake"


async def test_what_a_model_refuses_is_said_in_our_own_words(client: Client) -> None:
    answer = await client.post("/v1/invalidations", json={})
    assert_problem(answer, 422, "FIELD_INVALID")
    assert answer.json()["detail"] == "body: exactly one of job_id, blob, pipeline and everything must be given"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"job_id": "Nonsense"}, [("job_id", "must be a UUID in lower case")]),
        (
            {"blob": {"sha256": "ABC", "size_bytes": 1}},
            [("blob.sha256", "must be 64 hexadecimal digits in lower case")],
        ),
        ({"blob": {"sha256": SHA256}}, [("blob.size_bytes", "must be given")]),
        ({"everything": True, "all": True}, [("all", "there is no such field here")]),
    ],
)
async def test_a_field_that_a_model_refuses_is_named_once_and_in_our_own_words(
    client: Client, body: object, said: list[tuple[str, str]]
) -> None:
    told = assert_problem(await client.post("/v1/invalidations", json=body), 422, "FIELD_INVALID")
    assert [(item["field"], item["message"]) for item in told["violations"]] == said


async def test_an_erasure_that_must_wait_is_accepted(client: Client, backend: StandIn) -> None:
    assert (await client.delete(f"/v1/blobs/{SHA256}?note=asked")).status_code == 200
    assert backend.subjects == [(bytes.fromhex(SHA256), "asked")]
    backend.erasure_pending = True
    assert (await client.delete(f"/v1/blobs/{SHA256}")).status_code == 202


async def test_explanations_are_of_jobs_and_of_questions(client: Client, backend: StandIn) -> None:
    await client.get(f"/v1/jobs/{JOB_ID}/explanation")
    await client.post("/v1/explanations", json={"blob": BLOB})
    assert backend.subjects[0] == JOB_ID
    assert not isinstance(backend.subjects[1], str)


async def test_limits_are_the_smaller_of_both(client: Client) -> None:
    assert (await client.get("/v1/capabilities")).json()["limits"] == {
        "max_upload_bytes": 1000,
        "max_metadata_bytes": 2000,
    }
    assert (await client.get("/v1/pipelines")).json()["pipelines"][0]["name"] == "emg.session"
    assert (await client.get("/v1/stats")).json() == {"hits_total": 1}


async def test_an_away_service_is_a_problem_with_the_advice_to_come_back(client: Client, backend: StandIn) -> None:
    backend.failure = Unavailable(Reason.CACHE_UNAVAILABLE, "the cache service does not answer.")
    answer = await ask(client)
    assert_problem(answer, 503, "CACHE_UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"


async def test_every_problem_has_a_page_at_its_type(client: Client) -> None:
    for reason in (*Reason, "NOT_FOUND", "METHOD_NOT_ALLOWED"):
        page = await client.get(f"/problems/{reason}")
        assert page.status_code == 200, reason
        assert page.headers["content-type"].startswith("text/html")
        assert reason in page.text
    assert "BLOB_MISSING" in (await client.get("/problems")).text
    assert (await client.get("/problems/NO_SUCH")).status_code == 404
    assert_problem(await client.get("/v1/nowhere"), 404, "NOT_FOUND")
    assert_problem(await client.delete("/v1/stats"), 405, "METHOD_NOT_ALLOWED")


async def test_the_page_of_the_interface_needs_nobody_else(client: Client) -> None:
    page = (await client.get("/docs")).text
    assert "://" not in page
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png"):
        assert f"/docs/{name}" in page
        assert len((await client.get(f"/docs/{name}")).content) > 100
    assert (await client.get("/docs/other.js")).status_code == 404


async def test_pages_of_allowed_origins_can_read_our_headers(connect: Connect) -> None:
    client = connect(cors_origins="http://localhost:5173")
    asked = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "PUT",
             "Access-Control-Request-Headers": "prefer, if-none-match"}  # fmt: skip
    allowed = await client.options("/v1/analyses", headers=asked)
    assert allowed.status_code == 200
    answer = await client.get("/v1/stats", headers={"Origin": "http://localhost:5173"})
    exposed = answer.headers["access-control-expose-headers"]
    assert all(name in exposed for name in ("ETag", "Location", "Retry-After", "Cache-Status", "Repr-Digest"))


async def test_who_asks_too_often_is_told_when_to_come_back(connect: Connect) -> None:
    client = connect(rate_limit="2/minute")
    codes = [(await client.get("/v1/stats")).status_code for _ in range(2)]
    refused = await client.get("/v1/stats")
    assert codes == [200, 200]
    assert_problem(refused, 429, "RATE_LIMITED")
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert (await client.get("/health")).status_code == 200
    made_up = await client.get("/v1/stats", headers={"Authorization": "Bearer another"})
    assert made_up.status_code == 429, "a token that nobody checked does not count as another caller"


async def test_what_a_caller_says_of_itself_goes_along(connect: Connect, backend: StandIn) -> None:
    heard: list[object] = []

    async def stats() -> dict[str, object]:
        heard.append(dict(outgoing(1.0)["metadata"]).get("authorization"))
        return {}

    backend.stats = stats  # type: ignore[method-assign]  # a stand-in of a stand-in
    client = connect()
    await client.get("/v1/stats", headers={"Authorization": "Bearer t"})
    await client.get("/v1/stats")
    assert heard == ["Bearer t", None]


async def test_a_result_of_another_namespaces_job_is_not_told(client: Client, backend: StandIn) -> None:
    await ask(client)
    unknown = NotFound(Reason.JOB_UNKNOWN, "There is no such job.")

    async def job(*_: object, **__: object) -> Any:
        raise unknown

    backend.job = job  # type: ignore[method-assign]  # as above
    backend.results[JOB_ID] = replace(backend.results[JOB_ID], job_id=JOB_ID.replace("6f1c", "0000"))
    assert_problem(await client.get(RESULT), 404, "JOB_UNKNOWN")


async def test_a_page_of_another_origin_is_told_a_result_in_the_same_words(connect: Connect, backend: StandIn) -> None:
    client = connect(cors_origins="http://lab.example")
    await ask(client)
    straight = await client.get(RESULT)
    through = await client.get(RESULT, headers={"Origin": "http://lab.example"})
    assert through.headers["access-control-allow-origin"] == "http://lab.example"
    assert (straight.content, straight.headers["vary"]) == (through.content, through.headers["vary"])
    unchanged = {"If-None-Match": straight.headers["etag"]}
    for origin in ({}, {"Origin": "http://lab.example"}):
        again = await client.get(RESULT, headers={**unchanged, **origin})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", straight.headers["etag"])
        assert "content-length" not in again.headers
    backend.results.clear()
    for origin in ({}, {"Origin": "http://lab.example"}):
        assert_problem(await client.get(RESULT, headers=origin), 404, "RESULT_MISSING")


async def test_what_is_no_name_is_refused_in_words(client: Client) -> None:
    for address, field, words in (
        ("/v1/results/Nonsense", "job_id", "must be a UUID in lower case"),
        ("/v1/jobs/Nonsense/explanation", "job_id", "must be a UUID in lower case"),
        ("/v1/blobs/ABC", "sha256", "must be 64 hexadecimal digits in lower case"),
        ("/v1/jobs?sha256=ABC", "sha256", "must be 64 hexadecimal digits in lower case"),
        ("/v1/jobs?status=done", "status", f"must be of {', '.join(JOB_STATUSES)}, joined by commas"),
    ):
        told = assert_problem(
            await client.delete(address) if "blobs" in address else await client.get(address), 422, "FIELD_INVALID"
        )
        assert told["violations"] == [{"field": field, "message": words}]


async def test_a_result_passes_what_every_request_passes(client: httpx.AsyncClient, backend: StandIn) -> None:
    await client.post("/analyze", files={"file": ("a.c3d", C3D)})
    client.headers["Accept-Encoding"] = "identity"
    answer = await client.get(RESULT, headers={"X-Request-ID": "the-id"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (200, "the-id")
    assert int(answer.headers["content-length"]) == len(answer.content)
    head = await client.head(RESULT)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", answer.headers["etag"])
    assert (await client.get(RESULT, headers={"Host": "evil.example"})).status_code == 403
    assert (await client.post(RESULT)).headers["allow"] == "GET, HEAD"
    backend.failure = RuntimeError("secret")
    opaque = await client.get(RESULT)
    assert_problem(opaque, 500, "INTERNAL")
    assert "secret" not in opaque.text
    shown = (await client.get("/metrics")).text
    for status, count in ((200, 2), (500, 1)):
        assert f'gateway_calls_total{{code="{status}",method="GET /v1/results/{{job_id}}"}} {count}.0' in shown
    assert "gateway_calls_running 1.0" in shown
