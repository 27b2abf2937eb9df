"""Who asks over HTTP: tokens are checked before anything is read, and handed on to the services."""

import httpx
import pytest
from prometheus_client import CollectorRegistry

from gateway.app import create_app
from gateway.settings import GatewaySettings
from rpc.access import Access, namespace_to_name
from rpc.context import credential
from rpc.tokens import table_of
from tests.support.gateway_standin import StandIn
from tests.support.people import ADMIN, OWN, READER, SERVICE, TOKENS_TEXT, WRITER

WRONG = "wrong-wrong-wrong-wrong"


class Listening(StandIn):
    """Keeps what each call would show to the services."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[tuple[str, str]] = []

    async def jobs(self, *asked: object) -> object:  # type: ignore[override]  # it hands on what comes
        self.shown.append((credential.get(), namespace_to_name()))
        return await super().jobs(*asked)  # type: ignore[arg-type]  # it hands on what comes


@pytest.fixture
def backend() -> Listening:
    return Listening()


def client_of(backend: Listening, access: Access) -> httpx.AsyncClient:
    app = create_app(GatewaySettings(cors_origins="http://lab.example"), backend, CollectorRegistry(), access)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080")


@pytest.fixture
def client(backend: Listening) -> httpx.AsyncClient:
    return client_of(backend, Access(table_of(TOKENS_TEXT)))


def shown(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


async def test_a_known_token_is_handed_on_with_its_namespace(client: httpx.AsyncClient, backend: Listening) -> None:
    assert (await client.get("/jobs", headers=shown(READER))).status_code == 200
    assert backend.shown == [(f"Bearer {READER}", OWN)]


@pytest.mark.parametrize("token", ["", WRONG])
@pytest.mark.parametrize("address", ["/jobs", "/jobs/6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00", "/metrics", "/no/such"])
async def test_without_a_known_token_nothing_is_told_in_the_frontends_form(
    client: httpx.AsyncClient, backend: Listening, token: str, address: str
) -> None:
    answer = await client.get(address, headers=shown(token))
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    told = answer.json()
    assert (told["status"], told["reason"]) == ("error", "UNAUTHENTICATED")
    assert told["message"]
    assert WRONG not in answer.text
    assert not backend.shown


async def test_without_a_known_token_no_result_is_told(client: httpx.AsyncClient, backend: Listening) -> None:
    answer = await client.get("/v1/results/6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00", headers=shown(WRONG))
    assert (answer.status_code, answer.json()["reason"]) == (401, "UNAUTHENTICATED")
    assert answer.headers["content-type"] == "application/problem+json"
    assert not backend.shown


async def test_two_authorizations_are_refused(client: httpx.AsyncClient) -> None:
    headers = [("Authorization", f"Bearer {WRONG}"), ("Authorization", f"Bearer {READER}")]
    assert (await client.get("/jobs", headers=headers)).status_code == 401


async def test_a_reader_may_not_hand_anything_in(client: httpx.AsyncClient) -> None:
    answer = await client.post("/analyze", headers=shown(READER))
    assert (answer.status_code, answer.json()["reason"]) == (403, "PERMISSION_DENIED")
    assert (await client.post("/analyze", headers=shown(WRITER))).status_code == 400  # it was let in


@pytest.mark.parametrize(("token", "code"), [(ADMIN, 403), (SERVICE, 200)], ids=["admin", "service"])
async def test_metrics_which_are_of_all_namespaces_are_shown_to_services(
    client: httpx.AsyncClient, token: str, code: int
) -> None:
    assert (await client.get("/metrics", headers=shown(token))).status_code == code


@pytest.mark.parametrize("address", ["/", "/health", "/docs", "/openapi.json"])
async def test_what_tells_of_no_namespace_is_open(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code == 200


async def test_frontends_without_a_token_can_be_let_into_one_namespace(backend: Listening) -> None:
    client = client_of(backend, Access(table_of(TOKENS_TEXT), anonymous_namespace="public"))
    assert (await client.get("/jobs")).status_code == 200
    assert (await client.post("/analyze")).status_code == 400
    assert (await client.get("/metrics")).status_code == 403
    assert (await client.get("/jobs", headers=shown(WRONG))).status_code == 401
    assert backend.shown == [("", "public")]


async def test_a_gateway_without_tokens_hands_on_what_it_is_shown(backend: Listening) -> None:
    client = client_of(backend, Access())
    assert (await client.get("/jobs", headers=shown(READER))).status_code == 200
    assert backend.shown == [(f"Bearer {READER}", "")]


async def test_pages_of_an_allowed_origin_may_send_tokens(client: httpx.AsyncClient) -> None:
    headers = {
        "Origin": "http://lab.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    answer = await client.options("/analyze", headers=headers)
    assert answer.status_code == 200
    assert "authorization" in answer.headers["access-control-allow-headers"].lower()


@pytest.mark.parametrize("name", ["Host", "Origin"])
async def test_a_host_or_an_origin_that_is_sent_twice_is_refused(client: httpx.AsyncClient, name: str) -> None:
    headers = [(name, "127.0.0.1:8080"), (name, "evil.example")]
    answer = await client.get("/health", headers=headers)
    assert (answer.status_code, answer.json()["reason"]) == (400, "FIELD_INVALID")


@pytest.mark.parametrize(
    "address", ["/", "/docs", "/docs/swagger-ui.css", "/problems", "/problems/BLOB_MISSING", "/openapi.json", "/health"]
)
async def test_what_tells_of_nobody_is_open(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code in {200, 307}


@pytest.mark.parametrize("address", ["/docsx", "/problemsx", "/consolex", "/webhooks", "/v1/jobs", "/v1/stats"])
async def test_what_only_begins_like_an_open_address_is_not_open(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code == 401


async def test_a_question_that_is_too_long_for_an_address_is_open_to_readers(client: httpx.AsyncClient) -> None:
    body = {"blob": {"sha256": "0" * 64, "size_bytes": 1}}
    assert (await client.post("/v1/lookups", json=body, headers=shown(READER))).status_code == 200
    assert (await client.post("/v1/lookups", json=body)).status_code == 401


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("POST", "/v1/explanations"),
        ("GET", "/v1/jobs/6f1c4c52-9a07-5d8e-8d1c-0a4a5b1f6f00/explanation"),
        ("GET", "/v1/stats"),
        ("POST", "/v1/invalidations"),
        ("DELETE", f"/v1/blobs/{'0' * 64}"),
    ],
)
async def test_what_the_cache_service_lets_admins_do_the_gateway_does(
    client: httpx.AsyncClient, method: str, address: str
) -> None:
    for token in (READER, WRITER):
        answer = await client.request(method, address, headers=shown(token))
        assert (answer.status_code, answer.json()["reason"]) == (403, "PERMISSION_DENIED")
        assert "needs the role admin" in answer.json()["detail"]
    assert (await client.request(method, address, headers=shown(ADMIN))).status_code not in {401, 403}


async def test_a_caller_is_told_whom_its_token_stands_for(client: httpx.AsyncClient, backend: Listening) -> None:
    told = (await client.get("/v1/capabilities", headers=shown(WRITER))).json()
    assert told["caller"] == {"namespace": OWN, "role": "writer"}
    open_to_all = client_of(backend, Access())
    assert (await open_to_all.get("/v1/capabilities")).json()["caller"] is None


@pytest.mark.parametrize(
    ("method", "address"),
    [("POST", "/v1/analyses"), ("PUT", f"/v1/blobs/{'0' * 64}"), ("POST", "/v1/invalidations")],
)
async def test_what_changes_something_is_not_open_to_readers(
    client: httpx.AsyncClient, method: str, address: str
) -> None:
    answer = await client.request(method, address, headers=shown(READER))
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/PERMISSION_DENIED")


async def test_each_known_token_is_counted_by_itself_and_a_wrong_one_is_refused(backend: Listening) -> None:
    settings = GatewaySettings(rate_limit="1/minute")
    app = create_app(settings, backend, CollectorRegistry(), Access(table_of(TOKENS_TEXT)))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080")
    asked = [READER, READER, WRITER, WRITER, WRONG]
    codes = [(await client.get("/jobs", headers=shown(token))).status_code for token in asked]
    assert codes == [200, 429, 200, 429, 401]


async def test_anonymous_callers_are_counted_by_their_address(backend: Listening) -> None:
    settings = GatewaySettings(rate_limit="1/minute")
    app = create_app(settings, backend, CollectorRegistry(), Access(table_of(TOKENS_TEXT), "public"))
    client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080")
    codes = [(await client.get("/jobs", headers=shown(token))).status_code for token in ("", "", READER)]
    assert codes == [200, 429, 200]
