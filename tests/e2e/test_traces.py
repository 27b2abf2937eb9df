"""Traces: one request is one trace, through every service that it passes."""

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from assaycache.launcher import Stack, StackOptions
from tests.e2e.conftest import ANY_PORTS, quiet
from tests.support.trace_collector import Collector, Told, collecting

_CALLERS = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    environment = {
        "ANALYSIS_WORKERS": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    options = StackOptions(home=tmp_path_factory.mktemp("traced"), environment=environment, **ANY_PORTS)
    with Stack(options, quiet) as running:
        assert running.addresses.gateway is not None
        with httpx.Client(base_url=running.addresses.gateway, timeout=60.0) as client:
            yield client


def test_an_upload_is_one_trace_from_the_gateway_to_the_commit(
    gateway: httpx.Client, collector: Collector, recording: bytes
) -> None:
    headers = {"traceparent": _CALLERS, "X-Request-ID": "traced"}
    answer = gateway.post("/analyze", files={"file": ("walk.c3d", recording)}, headers=headers)
    assert answer.json()["cached"] is False
    spans = collector.until(lambda spans: {"POST /analyze", "Analyze", "Commit"} <= {span.name for span in spans})
    ours = [span for span in spans if span.trace_id == bytes.fromhex("4bf92f3577b34da6a3ce929d0e0e4736")]

    root = _only(ours, "assaycache-gateway", "POST /analyze")
    assert root.parent_id == bytes.fromhex("00f067aa0ba902b7"), "the caller's own span is above"
    analyze = _only(ours, "assaycache-analysis", "Analyze")
    assert analyze.parent_id == root.span_id
    assert _only(ours, "assaycache-cache", "Ingest").parent_id == root.span_id
    assert _only(ours, "assaycache-cache", "Commit").parent_id == analyze.span_id
    stages = [span for span in ours if span.name.startswith("emg.session ")]
    assert len(stages) > 1
    assert {span.parent_id for span in stages} == {analyze.span_id}
    calls = [span for span in ours if span not in stages]
    assert {span.attributes["assaycache.request_id"] for span in calls} == {"traced"}


def test_a_request_without_a_trace_begins_one_and_tells_how_it_ended(
    gateway: httpx.Client, collector: Collector
) -> None:
    assert gateway.get("/jobs/no-such-job").status_code == 404
    spans = collector.until(lambda spans: any(span.name == "GET /jobs/{job_id}" for span in spans))
    told = _only(spans, "assaycache-gateway", "GET /jobs/{job_id}")
    assert told.parent_id == b""
    assert told.attributes["rpc.response.status_code"] == "404"
    assert not told.failed, "what a caller did is not the service's fault"


def test_a_collector_that_is_away_costs_no_answer_and_no_time_to_stop(tmp_path: Path) -> None:
    environment = {"ANALYSIS_WORKERS": "1", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    with Stack(StackOptions(home=tmp_path, environment=environment, **ANY_PORTS), quiet) as running:
        assert running.addresses.gateway is not None
        assert httpx.get(f"{running.addresses.gateway}/health").json()["status"] == "ok"
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 15.0


def _only(spans: list[Told], service: str, name: str) -> Told:
    [found] = [span for span in spans if (span.service, span.name) == (service, name)]
    return found
