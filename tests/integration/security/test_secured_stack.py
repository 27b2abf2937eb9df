"""The whole stack with tokens and TLS: the caller's token travels with the work, and no log tells a secret."""

import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
import pytest
import trustme

from assaycache import Client, NotFound, PermissionDenied, Reason, Unauthenticated
from assaycache.launcher import Stack, StackAddresses, StackOptions
from tests.support.c3d_writer import C3dFile
from tests.support.emg_synthesis import Burst, Synthesis
from tests.support.people import ADMIN, OTHER_WRITER, OWN, READER, SERVICE, TOKENS, TOKENS_TEXT, WRITER

ANY_PORTS = {f"{name}_port": 0 for name in ("gateway", "cache", "analysis", "cache_metrics", "analysis_metrics")}
NAME, PATIENT = "jane-doe-knee.c3d", "patient-4711"


@dataclass
class Secured:
    """A running stack, and what its callers need."""

    home: Path
    addresses: StackAddresses
    ca_file: Path

    def client(self, token: str) -> Client:
        cache, analysis = ",".join(self.addresses.cache), ",".join(self.addresses.analysis)
        return Client.connect(cache, analysis, self.ca_file, token=token)

    def rest(self, token: str) -> httpx.Client:
        assert self.addresses.gateway is not None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = self.addresses.gateway.replace("http://", "https://")
        trusted = ssl.create_default_context(cafile=str(self.ca_file))
        return httpx.Client(base_url=url, headers=headers, verify=trusted, timeout=60.0)


def a_recording(seed: int) -> bytes:
    signal = Synthesis(4.0, (Burst(1.0, 2.0, 200.0),), rate_hz=1000.0, seed=seed).samples_uv()
    return C3dFile(np.stack([signal]), ("EMG 1",), units=("uV",)).to_bytes()


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Every service with a certificate and the tokens, everything logged that can be."""
    home = tmp_path_factory.mktemp("secured")
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    ca_file, cert, key = home / "ca.pem", home / "cert.pem", home / "key.pem"
    authority.cert_pem.write_to_path(ca_file)
    issued.private_key_pem.write_to_path(key)
    cert.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))
    (home / "tokens.json").write_text(TOKENS_TEXT)
    (home / "service-token").write_text(SERVICE)
    environment = {
        "TLS_CERT_FILE": str(cert),
        "TLS_KEY_FILE": str(key),
        "TLS_CA_FILE": str(ca_file),
        "TOKENS_FILE": str(home / "tokens.json"),
        "SERVICE_TOKEN_FILE": str(home / "service-token"),
        "AUDIT_ACCESS": "true",
        "LOG_LEVEL": "DEBUG",
        "ANALYSIS_WORKERS": "1",
    }
    options = StackOptions(home=home, redis_url="", environment=environment, **ANY_PORTS)
    with Stack(options, lambda _line: None) as stack:
        yield Secured(home, stack.addresses, ca_file)


def test_an_analysis_over_rest_is_computed_and_kept_with_the_callers_token(secured: Secured) -> None:
    form = {"file": (NAME, a_recording(1))}
    with secured.rest(WRITER) as rest, secured.rest(OTHER_WRITER) as other, secured.rest(READER) as reader:
        answer = rest.post("/analyze", files=form, data={"metadata": json.dumps({"patient": PATIENT})})
        assert answer.status_code == 200, answer.text
        job_id = answer.json()["job_id"]
        assert answer.json()["cached"] is False
        assert reader.get(f"/jobs/{job_id}").json()["data"]["file_name"] == NAME
        assert rest.post("/analyze", files=form).json()["cached"] is True
        assert other.get("/jobs").json()["jobs"] == []
        assert other.get(f"/jobs/{job_id}").json()["reason"] == "JOB_UNKNOWN"
        theirs = other.post("/analyze", files=form).json()
        assert (theirs["cached"], theirs["job_id"] == job_id) == (False, False)
        assert reader.post("/analyze", files=form).json()["reason"] == "PERMISSION_DENIED"


def test_an_analysis_by_the_client_is_of_the_callers_namespace(secured: Secured) -> None:
    with secured.client(WRITER) as client, secured.client(OTHER_WRITER) as other, secured.client("") as nobody:
        found = client.analyze(a_recording(2), file_name=NAME, metadata={"patient": PATIENT})
        assert found.identity.namespace == OWN
        assert client.result(found.job_id).result_sha256 == found.result_sha256
        with pytest.raises(NotFound):
            other.job(found.job_id)
        with pytest.raises(Unauthenticated):
            nobody.job(found.job_id)
        assert all(service.serving for service in nobody.health())


def test_the_analysis_service_refuses_another_namespace_before_the_cache_does(secured: Secured) -> None:
    cache, analysis = ",".join(secured.addresses.cache), ",".join(secured.addresses.analysis)
    with Client.connect(cache, analysis, secured.ca_file, token=OTHER_WRITER, namespace=OWN) as client:
        with pytest.raises(PermissionDenied) as refused:
            client.analyze(a_recording(1))
        assert refused.value.reason is Reason.NAMESPACE_FORBIDDEN


def test_statistics_are_for_admins(secured: Secured) -> None:
    with secured.client(READER) as reader, pytest.raises(PermissionDenied):
        reader.stats()
    with secured.client(ADMIN) as admin:
        assert admin.stats().jobs >= 0


def test_health_is_open_and_tells_of_the_tiers_by_the_gateways_own_token(secured: Secured) -> None:
    with secured.rest("") as rest:
        health = rest.get("/health").json()
        assert health["parts"]["cache"]["tiers"] == {"memory": "ok", "durable": "ok"}
        assert rest.get("/jobs").status_code == 401


def test_no_log_tells_a_token_a_file_name_or_metadata(secured: Secured) -> None:
    with secured.rest(WRITER) as rest, secured.rest("wrong-wrong-wrong-wrong") as stranger:
        form = {"file": (NAME, a_recording(3))}
        answer = rest.post("/analyze", files=form, data={"metadata": json.dumps({"patient": PATIENT})})
        assert answer.status_code == 200
        broken = {"file": (NAME, b"no recording at all")}
        assert rest.post("/analyze", files=broken, data={"pipeline": "emg.session"}).status_code == 422
        assert stranger.get("/jobs").status_code == 401
    logs = {path.name: path.read_text() for path in (secured.home / "logs").iterdir()}
    assert {"cache.log", "analysis.log", "gateway.log"} <= set(logs)
    assert all("serving" in logs[f"{name}.log"] for name in ("cache", "analysis", "gateway"))
    secrets = [*TOKENS.values(), "wrong-wrong-wrong-wrong", NAME, NAME.removesuffix(".c3d"), PATIENT]
    assert [(name, secret) for name, text in logs.items() for secret in secrets if secret in text] == []
