"""The routes keep the frontends' contract."""

import asyncio
from collections.abc import AsyncIterator, Callable

import httpx
import orjson
import pytest

from gateway.backend import Health, JobFilter, PartState, TierState
from rpc.errors import FailedPrecondition, InputError, Unavailable, Violation
from rpc.reasons import Reason
from tests.support.gateway_standin import BOUNDARY, C3D, CONTENT_TYPE, JOB_ID, StandIn, form, part

Client = httpx.AsyncClient
Connect = Callable[..., httpx.AsyncClient]


def assert_error(answer: httpx.Response, code: int, reason: str) -> dict[str, object]:
    body = answer.json()
    assert (answer.status_code, body["status"], body["reason"]) == (code, "error", reason)
    assert body["message"].endswith((".", "?")), body["message"]
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


async def post(client: Client, content: bytes = C3D, name: str = "trial.c3d", **fields: str) -> httpx.Response:
    return await client.post("/analyze", files={"file": (name, content)}, data=fields)


async def test_an_upload_is_answered_with_its_analysis(client: Client) -> None:
    answer = await post(client, metadata='{"patient": "P042"}')
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "status": "success",
        "job_id": JOB_ID,
        "cached": False,
        "data": {"file_name": "trial.c3d", "user_metadata": {"patient": "P042"}, "bytes": len(C3D)},
    }


async def test_the_same_bytes_under_another_name_are_cached_and_carry_that_name(client: Client) -> None:
    first, second = await post(client), await post(client, name="other.c3d")
    assert (first.json()["cached"], second.json()["cached"]) == (False, True)
    assert first.json()["job_id"] == second.json()["job_id"]
    assert second.json()["data"]["file_name"] == "other.c3d"


async def test_what_was_sent_reaches_the_services(client: Client, backend: StandIn) -> None:
    await post(client, params='{"threshold_k": 4}', metadata='{"a": 1}', pipeline="emg.session@1.0.0")
    [(data, question, submission)] = backend.ingested
    assert data == C3D
    assert (question.pipeline.name, question.pipeline.version) == ("emg.session", "1.0.0")
    assert question.params == {"threshold_k": 4}
    assert (submission.file_name, submission.metadata) == ("trial.c3d", {"a": 1})


async def test_fields_may_come_after_the_file(client: Client, backend: StandIn) -> None:
    body = form(part("file", b"1,2,3", "trial.csv"), part("pipeline", b"emg.session"))
    answer = await client.post("/analyze", content=body, headers={"Content-Type": CONTENT_TYPE})
    assert answer.status_code == 200
    assert backend.ingested[0][1].pipeline.name == "emg.session"


@pytest.mark.parametrize(("content", "name"), [(C3D, "trial.bin"), (b"just text", "trial.C3D"), (b"\x02", "t.c3d")])
async def test_content_or_name_make_it_a_recording(client: Client, backend: StandIn, content: bytes, name: str) -> None:
    assert (await post(client, content, name)).status_code == 200
    assert backend.ingested[0][1].pipeline.name == "emg.session"


@pytest.mark.parametrize("content", [b"just text", b"2P is no C3D though it begins like one", b"x"])
async def test_a_file_of_unknown_format_is_refused(client: Client, backend: StandIn, content: bytes) -> None:
    assert_error(await post(client, content, "trial.txt"), 415, "FILE_FORMAT_UNKNOWN")
    assert backend.given_up == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"metadata": "{"}, "METADATA_INVALID"),
        ({"metadata": "[]"}, "METADATA_INVALID"),
        ({"params": "{"}, "PARAMETER_INVALID"),
        ({"params": '"k"'}, "PARAMETER_INVALID"),
    ],
)
async def test_broken_fields_are_refused_and_the_upload_given_up(
    client: Client, backend: StandIn, fields: dict[str, str], reason: str
) -> None:
    assert_error(await post(client, **fields), 400, reason)
    assert (backend.ingested, backend.given_up) == ([], 1)


async def test_a_form_without_file_is_refused(client: Client) -> None:
    answer = await client.post("/analyze", content=form(), headers={"Content-Type": CONTENT_TYPE})
    assert_error(answer, 400, "FILE_MISSING")


async def test_an_empty_file_of_no_known_name_is_refused(client: Client) -> None:
    assert_error(await post(client, b"", "trial.bin"), 422, "FILE_EMPTY")


async def test_an_empty_recording_reaches_the_services_which_remember_it(client: Client, backend: StandIn) -> None:
    await post(client, b"")
    assert [(data, question.pipeline.name) for data, question, _ in backend.ingested] == [(b"", "emg.session")]


async def test_a_body_that_is_no_form_is_refused(client: Client) -> None:
    assert_error(await client.post("/analyze", json={}), 400, "BODY_INVALID")
    assert_error(await client.post("/analyze"), 400, "BODY_INVALID")


async def test_a_body_that_declares_itself_too_large_is_refused_unread(client: Client, backend: StandIn) -> None:
    answer = await client.post(
        "/analyze",
        content=b"",
        headers={"Content-Type": CONTENT_TYPE, "Content-Length": "4000000", "Expect": "100-continue"},
    )
    assert_error(answer, 413, "BLOB_TOO_LARGE")
    assert backend.given_up == 0


async def test_a_body_that_grows_too_large_is_given_up(client: Client, backend: StandIn) -> None:
    left = 100

    async def endless() -> AsyncIterator[bytes]:
        nonlocal left
        yield part("file", b"", "a.c3d")[:-2]
        while left:
            left -= 1
            yield bytes(50_000)

    answer = await client.post("/analyze", content=endless(), headers={"Content-Type": CONTENT_TYPE})
    assert_error(answer, 413, "BLOB_TOO_LARGE")
    assert backend.given_up == 1
    assert left == 0, "the rest is read and forgotten, so that the sender sees the answer"


async def test_a_pausing_upload_is_given_up(client: Client, backend: StandIn) -> None:
    async def pausing() -> AsyncIterator[bytes]:
        yield part("file", bytes(2_000_000), "a.c3d")
        await asyncio.Event().wait()

    answer = await client.post("/analyze", content=pausing(), headers={"Content-Type": CONTENT_TYPE})
    assert_error(answer, 400, "BODY_INVALID")
    assert backend.given_up == 1


async def test_more_uploads_than_allowed_are_refused_at_once(connect: Connect, backend: StandIn) -> None:
    client = connect(max_uploads=1)
    arrived, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        arrived.set()
        await go_on.wait()
        yield form(part("file", C3D, "a.c3d"))

    first = asyncio.create_task(client.post("/analyze", content=slow(), headers={"Content-Type": CONTENT_TYPE}))
    await arrived.wait()
    refused = await post(client)
    go_on.set()
    assert_error(refused, 503, "OVERLOADED")
    assert refused.headers["retry-after"] == "1"
    assert (await first).status_code == 200


async def test_equal_uploads_in_flight_share_one_analysis_and_one_rendering(client: Client, backend: StandIn) -> None:
    backend.may_finish.clear()
    asked = [asyncio.create_task(post(client, name=f"{index}.c3d")) for index in range(8)]
    while len(backend.ingested) < 8:
        await asyncio.sleep(0)
    await backend.began.wait()
    backend.may_finish.set()
    answers = [answer.json() for answer in await asyncio.gather(*asked)]
    assert [answer["data"]["file_name"] for answer in answers] == [f"{index}.c3d" for index in range(8)]
    assert (backend.analyses_begun, backend.renderings) == (1, 1)


async def test_an_analysis_stops_when_the_last_caller_has_left(client: Client, backend: StandIn) -> None:
    backend.may_finish.clear()
    first, second = asyncio.create_task(post(client)), asyncio.create_task(post(client))
    while len(backend.ingested) < 2:
        await asyncio.sleep(0)
    await backend.began.wait()
    first.cancel()
    await asyncio.wait({first})
    assert backend.analyses_stopped == 0
    second.cancel()
    await asyncio.wait({second})
    while not backend.analyses_stopped:
        await asyncio.sleep(0)
    assert backend.analyses_begun == 1


async def test_a_failure_of_the_analysis_is_told_with_its_reason(client: Client, backend: StandIn) -> None:
    backend.failure = InputError(
        Reason.FILE_NO_EMG, "No channel was recognised as EMG.", violations=[Violation("channels", "none.")]
    )
    body = assert_error(await post(client), 422, "FILE_NO_EMG")
    assert body["violations"] == [{"field": "channels", "message": "none."}]


async def test_an_away_service_is_told_with_the_advice_to_come_back(client: Client, backend: StandIn) -> None:
    backend.failure = Unavailable(
        Reason.CACHE_UNAVAILABLE, "the cache service does not answer.", metadata={"transport": "10.0.0.7"}
    )
    answer = await post(client)
    assert_error(answer, 503, "CACHE_UNAVAILABLE")
    assert answer.headers["retry-after"] == "1"
    assert "10.0.0.7" not in answer.text


async def test_a_blob_that_is_gone_is_a_conflict(client: Client, backend: StandIn) -> None:
    backend.failure = FailedPrecondition(Reason.BLOB_MISSING, "Upload it again.")
    assert_error(await post(client), 409, "BLOB_MISSING")


async def test_an_unexpected_error_is_opaque(client: Client, backend: StandIn) -> None:
    backend.failure = RuntimeError("secret in /etc/somewhere")
    answer = await client.get("/health", headers={"X-Request-ID": "the-id"})
    body = assert_error(answer, 500, "INTERNAL")
    assert "secret" not in answer.text
    assert "the-id" in str(body["message"])


async def test_a_job_is_told_with_its_submissions_and_result(client: Client, backend: StandIn) -> None:
    await post(client)
    answer = await client.get(f"/jobs/{JOB_ID}")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "succeeded"
    assert body["data"] == {
        "file_name": "new.c3d",
        "user_metadata": {"patient": "P2"},
        "bytes": len(C3D),
    }
    assert body["submissions"][1] == {
        "file_name": "old.c3d",
        "uploader": None,
        "metadata": {},
        "first_seen_at": "2026-03-01T12:30:00.000Z",
        "last_seen_at": "2026-03-01T12:30:00.000Z",
        "seen_count": 1,
    }
    assert body["created_at"] == "2026-03-01T12:30:00.000Z"


async def test_a_rendered_result_is_neither_sent_nor_rendered_again(client: Client, backend: StandIn) -> None:
    await post(client)
    kept = backend.results[JOB_ID].digest
    await client.get(f"/jobs/{JOB_ID}")
    assert backend.known_digests == [kept]
    assert backend.renderings == 1


async def test_without_memory_every_result_is_rendered_anew(connect: Connect, backend: StandIn) -> None:
    client = connect(rendered_memory_bytes=0)
    await post(client)
    answer = await client.get(f"/jobs/{JOB_ID}")
    assert answer.json()["data"]["bytes"] == len(C3D)
    assert (backend.known_digests, backend.renderings) == ([b""], 2)


async def test_a_result_that_the_cache_no_longer_has_is_not_shown(client: Client, backend: StandIn) -> None:
    await post(client)
    backend.results.clear()
    answer = await client.get(f"/jobs/{JOB_ID}")
    assert (answer.json()["status"], answer.json()["data"]) == ("running", None)
    assert answer.json()["progress"] == {"stage": "filtering", "fraction": 0.5}


@pytest.mark.parametrize("job_id", ["3f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00", "no-uuid", "%20"])
async def test_an_unknown_job_is_not_found(client: Client, job_id: str) -> None:
    assert_error(await client.get(f"/jobs/{job_id}"), 404, "JOB_UNKNOWN")


async def test_jobs_are_listed_page_by_page(client: Client, backend: StandIn) -> None:
    answer = await client.get("/jobs", params={"limit": 7, "page_token": "here", "status": "Failed, gone"})
    assert backend.listed == [JobFilter(7, "here", ["failed", "gone"])]
    assert answer.json()["next_page_token"] == "more"
    [job] = answer.json()["jobs"]
    assert (job["job_id"], job["file_name"], job["pipeline"]) == (JOB_ID, "new.c3d", "emg.session")
    assert "data" not in job


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x"])
async def test_a_limit_outside_its_domain_is_refused(client: Client, query: str) -> None:
    answer = await client.get(f"/jobs?{query}")
    assert answer.status_code == 422
    assert answer.json()["status"] == "error"
    assert answer.json()["violations"][0]["field"] == "limit"


async def test_an_unknown_status_is_refused_with_the_known_ones(client: Client) -> None:
    body = assert_error(await client.get("/jobs?status=done"), 400, "FIELD_INVALID")
    assert "succeeded" in str(body["message"])


@pytest.mark.parametrize(
    ("state", "code", "status"),
    [
        (Health(PartState(True, [TierState("hot", True)]), PartState(True)), 200, "ok"),
        (Health(PartState(True, [TierState("hot", False)]), PartState(True)), 200, "degraded"),
        (Health(PartState(True), PartState(False, problem="away.")), 503, "down"),
        (Health(PartState(False, problem="away."), PartState(True)), 503, "down"),
    ],
)
async def test_health_tells_whether_analyses_are_answered(
    client: Client, backend: StandIn, state: Health, code: int, status: str
) -> None:
    backend.state = state
    answer = await client.get("/health")
    assert (answer.status_code, answer.json()["status"]) == (code, status)
    assert set(answer.json()["parts"]) == {"gateway", "cache", "analysis"}


async def test_no_such_address_and_no_such_method_are_errors_in_the_same_form(client: Client) -> None:
    assert_error(await client.get("/nowhere"), 404, "NOT_FOUND")
    answer = await client.get("/analyze")
    assert_error(answer, 405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/health",
        "/console/base.css",
        "/docs",
        "/problems",
        "/problems/JOB_UNKNOWN",
        "/jobs",
        "/v1/jobs",
        "/v1/stats",
    ],
)
async def test_who_asks_for_the_head_is_told_what_the_whole_would_say(client: Client, address: str) -> None:
    head, whole = await client.head(address), await client.get(address)
    assert head.status_code == whole.status_code == 200
    assert head.content == b""
    for name in ("content-type", "content-length"):
        assert head.headers[name] == whole.headers[name]


async def test_the_root_names_addresses_that_exist(client: Client) -> None:
    addresses = (await client.get("/")).json()["addresses"]
    for address in addresses:
        method, path = address.split(" ")
        if method == "GET" and "{" not in path:
            assert (await client.get(path)).status_code == 200, address


async def test_the_description_tells_the_form_and_both_kinds_of_answer(client: Client) -> None:
    described = (await client.get("/openapi.json")).json()
    analyze = described["paths"]["/analyze"]["post"]
    fields = analyze["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(fields["properties"]) == {"file", "metadata", "params", "pipeline", "reference"}
    assert fields["required"] == ["file"]
    assert set(analyze["responses"]) == {"200", "default"}
    assert {path for path in described["paths"] if not path.startswith("/v1/")} == {
        "/analyze",
        "/jobs",
        "/jobs/{job_id}",
        "/health",
        "/visualizations/{view}/{job_id}",
        "/visualizations/heatmap",
        "/visualizations/diversity",
    }


def parameter(name: str, type: str, **told: object) -> dict[str, object]:  # noqa: A002  as the services name it
    fields = dict.fromkeys(("unit", "source", "minimum", "maximum", "default"))
    return {**fields, "choices": [], "name": name, "type": type, "description": "What it does.", **told}


async def test_the_description_tells_every_parameter_with_unit_default_bounds_and_source(
    client: Client, backend: StandIn
) -> None:
    backend.parameters = [
        parameter("low_cut_hz", "double", unit="Hz", source="De Luca 2010", minimum=1.0, maximum=150.0, default="20"),
        parameter("profile", "EmgProfile", choices=["standard", "compat"], default="standard"),
        parameter("channels", "repeated string"),
        parameter("use_notch", "bool", default="false"),
        parameter("pairs", "repeated EmgPair"),
    ]
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    told = schemas["Parameters.emg.session"]
    assert told["title"] == "Parameters of emg.session 1"
    assert told["additionalProperties"] is False
    assert told["properties"] == {
        "low_cut_hz": {
            "type": "number",
            "description": "What it does. In Hz. Default after: De Luca 2010.",
            "minimum": 1.0,
            "maximum": 150.0,
            "default": 20,
        },
        "profile": {
            "type": "string",
            "enum": ["standard", "compat"],
            "description": "What it does.",
            "default": "standard",
        },
        "channels": {"type": "array", "items": {"type": "string"}, "description": "What it does."},
        "use_notch": {"type": "boolean", "description": "What it does.", "default": False},
        "pairs": {"type": "array", "items": {"type": "object"}, "description": "What it does."},
    }
    assert "Parameters.*" in schemas["Question"]["properties"]["params"]["description"]


async def test_the_description_is_there_without_the_service_that_knows_the_parameters(
    client: Client, backend: StandIn
) -> None:
    backend.failure = Unavailable(Reason.ANALYSIS_UNAVAILABLE, "away")
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert "Question" in schemas
    assert not [name for name in schemas if name.startswith("Parameters.")]


async def test_requests_are_counted_by_route_and_status(client: Client) -> None:
    await post(client)
    await client.get(f"/jobs/{JOB_ID}")
    await client.get("/nowhere")
    shown = (await client.get("/metrics")).text
    assert 'gateway_calls_total{code="200",method="POST /analyze"} 1.0' in shown
    assert 'gateway_calls_total{code="200",method="GET /jobs/{job_id}"} 1.0' in shown
    assert 'gateway_calls_total{code="404",method="GET unmatched"} 1.0' in shown


@pytest.mark.parametrize(("offered", "kept"), [("abc-1", True), ("x" * 65, False), ("é", False)])
async def test_a_sound_request_id_of_the_caller_is_kept(client: Client, offered: str, kept: bool) -> None:
    answer = await client.get("/", headers={"X-Request-ID": offered.encode("latin-1")})
    assert (answer.headers["x-request-id"] == offered) is kept


async def test_a_caller_that_leaves_while_uploading_leaves_nothing(connect: Connect, backend: StandIn) -> None:
    app = connect()._transport.app  # type: ignore[attr-defined]  # an ASGI transport has one
    messages = [
        {"type": "http.request", "body": part("file", bytes(2_000_000), "a.c3d"), "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return messages.pop(0)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"content-type", f"multipart/form-data; boundary={BOUNDARY}".encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/analyze",
        "raw_path": b"/analyze",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await app(scope, receive, send)
    assert (backend.ingested, backend.given_up) == ([], 1)
    assert orjson.loads(sent[1]["body"])["reason"] == "BODY_INVALID"  # type: ignore[arg-type]  # a body is bytes
