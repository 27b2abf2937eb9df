"""What travels with a call: its request id and its deadline."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from rpc import context
from rpc.context import MARGIN_SECONDS, accepted_request_id, outgoing, remaining_seconds

NOW = 1000.0


@pytest.fixture(autouse=True)
def a_context_of_its_own(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that stands still; no request id and no deadline."""
    monkeypatch.setattr(context, "time", SimpleNamespace(monotonic=lambda: NOW))
    identifier, deadline = context.request_id.set(""), context.deadline.set(None)
    yield
    context.request_id.reset(identifier)
    context.deadline.reset(deadline)


@pytest.mark.parametrize(
    ("left_seconds", "timeout"),
    [
        (None, 10.0),
        (60.0, 10.0),
        (4.0, 4.0 - MARGIN_SECONDS),
        (10.0, 10.0 - MARGIN_SECONDS),
        (MARGIN_SECONDS, 0.001),
        (-5.0, 0.001),
    ],
    ids=str,
)
def test_a_call_ends_before_its_caller_stops_waiting(left_seconds: float | None, timeout: float) -> None:
    if left_seconds is not None:
        context.deadline.set(NOW + left_seconds)
    assert outgoing(10.0)["timeout"] == pytest.approx(timeout)


def test_what_is_left_is_never_less_than_nothing() -> None:
    assert remaining_seconds() is None
    context.deadline.set(NOW + 3)
    assert remaining_seconds() == 3
    context.deadline.set(NOW - 3)
    assert remaining_seconds() == 0


def test_a_call_carries_the_request_id_on() -> None:
    context.request_id.set("the-id")
    assert outgoing(1.0)["metadata"] == (("x-request-id", "the-id"),)


def test_a_call_of_nobody_gets_a_request_id_of_its_own() -> None:
    (first,), (second,) = outgoing(1.0)["metadata"], outgoing(1.0)["metadata"]
    assert first[0] == second[0] == "x-request-id"
    assert len(first[1]) == 16
    assert first != second


@pytest.mark.parametrize("offered", ["a", "d7d2f69dac0f4373", "trace 7/9", "x" * 64])
def test_a_short_printable_request_id_is_kept(offered: str) -> None:
    assert accepted_request_id(offered) == offered


@pytest.mark.parametrize("offered", [None, "", "x" * 65, "a\nb", "a\x7f", "é", "識別子", b"bytes", 7], ids=ascii)
def test_any_other_request_id_is_replaced(offered: object) -> None:
    accepted = accepted_request_id(offered)
    assert accepted != offered
    assert len(accepted) == 16
