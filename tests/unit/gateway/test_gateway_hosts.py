"""Only requests for us, and only pages that may ask, are answered."""

from collections.abc import Callable

import httpx
import pytest

Connect = Callable[..., httpx.AsyncClient]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost:5", "LOCALHOST", "[::1]:8080", "[::1]"])
async def test_loopback_names_are_answered(client: httpx.AsyncClient, host: str) -> None:
    assert (await client.get("/health", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8080", "localhost.evil.example", "", "10.0.0.1"])
async def test_other_names_are_refused(client: httpx.AsyncClient, host: str) -> None:
    answer = await client.get("/health", headers={"Host": host})
    assert (answer.status_code, answer.json()["reason"]) == (403, "PERMISSION_DENIED")


async def test_named_hosts_are_answered(connect: Connect) -> None:
    client = connect(allowed_hosts="Lab.example, other.example")
    assert (await client.get("/health", headers={"Host": "lab.example:80"})).status_code == 200
    assert (await client.get("/health", headers={"Host": "evil.example"})).status_code == 403


async def test_a_star_answers_to_any_host(connect: Connect) -> None:
    client = connect(allowed_hosts="*")
    assert (await client.get("/health", headers={"Host": "any.example"})).status_code == 200


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8080", "HTTP://127.0.0.1:8080"])
async def test_our_own_pages_may_ask(client: httpx.AsyncClient, origin: str) -> None:
    assert (await client.get("/health", headers={"Origin": origin})).status_code == 200


async def test_a_default_port_may_be_left_out(client: httpx.AsyncClient) -> None:
    headers = {"Host": "localhost", "Origin": "http://localhost:80"}
    assert (await client.get("/health", headers=headers)).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:5173", "127.0.0.1:8080"])
async def test_pages_from_elsewhere_may_not(client: httpx.AsyncClient, origin: str) -> None:
    answer = await client.post("/analyze", headers={"Origin": origin})
    assert (answer.status_code, answer.json()["reason"]) == (403, "PERMISSION_DENIED")
    assert "access-control-allow-origin" not in answer.headers


async def test_pages_of_a_configured_origin_may_and_can_read_errors(connect: Connect) -> None:
    client = connect(cors_origins="http://localhost:5173")
    answer = await client.post("/analyze", headers={"Origin": "http://localhost:5173"})
    assert answer.status_code == 400
    assert answer.headers["access-control-allow-origin"] == "http://localhost:5173"
    assert "X-Request-ID" in answer.headers["access-control-expose-headers"]


async def test_a_preflight_of_a_configured_origin_is_allowed(connect: Connect) -> None:
    client = connect(cors_origins="http://localhost:5173")
    headers = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "POST"}
    assert (await client.options("/analyze", headers=headers)).status_code == 200
