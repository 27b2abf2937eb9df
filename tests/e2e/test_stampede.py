"""Many callers, one question, two replicas of everything: one computation."""

import urllib.request
from concurrent.futures import ThreadPoolExecutor

import httpx
from prometheus_client.parser import text_string_to_metric_families

from assaycache import Client
from assaycache.launcher import StackAddresses

CALLERS = 32


def computations(stack: StackAddresses) -> float:
    """Return how many computations the analysis services have counted."""
    total = 0.0
    for address in stack.analysis_metrics:
        with urllib.request.urlopen(f"http://{address}/metrics") as response:
            text = response.read().decode()
        for family in text_string_to_metric_families(text):
            total += sum(sample.value for sample in family.samples if sample.name == "analysis_computations_total")
    return total


def variant(recording: bytes, mark: bytes) -> bytes:
    """Return the recording as another file: something stands behind its data."""
    return recording + mark


def test_32_simultaneous_uploads_over_rest_are_computed_once_and_answered_alike(
    stack: StackAddresses, rest: httpx.Client, recording: bytes
) -> None:
    before = computations(stack)

    def upload(number: int) -> dict[str, object]:
        answer = rest.post("/analyze", files={"file": (f"copy {number}.c3d", recording)})
        assert answer.status_code == 200, answer.text
        body: dict[str, object] = answer.json()
        return body

    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(upload, range(CALLERS)))
    assert computations(stack) - before == 1
    assert len({answer["job_id"] for answer in answers}) == 1
    names = [answer["data"].pop("file_name") for answer in answers]  # type: ignore[attr-defined] # data is an object
    assert sorted(names) == sorted(f"copy {number}.c3d" for number in range(CALLERS))
    assert all(answer["data"] == answers[0]["data"] for answer in answers)


def test_32_simultaneous_clients_spread_over_all_replicas_are_computed_once(
    stack: StackAddresses, recording: bytes
) -> None:
    before = computations(stack)
    content = variant(recording, b"another file")

    def analyse(number: int) -> bytes:
        cache, analysis = stack.cache[number % 2], stack.analysis[number // 2 % 2]
        with Client.connect(cache=cache, analysis=analysis) as client:
            return client.analyze(content, file_name=f"copy {number}.c3d").result.SerializeToString()

    with ThreadPoolExecutor(CALLERS) as callers:
        results = set(callers.map(analyse, range(CALLERS)))
    assert computations(stack) - before == 1
    assert len(results) == 1
