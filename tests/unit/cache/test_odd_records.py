"""A record or token that does not decode is corrupt or refused, whatever is odd about it."""

import hashlib
from typing import Any

import orjson
import pytest

from cache_service.entries import CorruptRecordError, failure_of, packed, unpacked
from cache_service.tokens import Token, token_of
from rpc.errors import InvalidArgument
from rpc.reasons import Reason
from tests.support.records import some_failure, some_identity, some_record

ODD = [None, 7, -1, 2**63, "text", [], [1], {}, {"a": 1}, True, 1e300]


def changed(raw: bytes, path: tuple[str, ...], value: Any) -> bytes:
    """Return a packed record with another value in its head, whose digest is right."""
    start = 24 + 32 + 4
    end = start + int.from_bytes(raw[start - 4 : start], "big")
    head = orjson.loads(raw[start:end])
    inner = head
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    coded = orjson.dumps(head)
    return raw[:24] + hashlib.sha256(coded).digest() + len(coded).to_bytes(4, "big") + coded + raw[end:]


@pytest.mark.parametrize("value", ODD, ids=repr)
@pytest.mark.parametrize(
    "path",
    [
        ("key",),
        ("payload",),
        ("payload", "encoding"),
        ("payload", "sha256"),
        ("payload", "size"),
    ],
    ids=".".join,
)
def test_a_result_with_an_odd_head_is_corrupt(path: tuple[str, ...], value: Any) -> None:
    record = some_record()
    with pytest.raises(CorruptRecordError):
        unpacked(changed(packed(record), path, value), record.key)


@pytest.mark.parametrize("value", [None, [], [1], {}, {"a": 1}, "text"], ids=repr)
@pytest.mark.parametrize("path", ["cost_ms", "created_at", "expires_at"])
def test_a_result_at_no_time_is_corrupt(path: str, value: Any) -> None:
    record = some_record()
    with pytest.raises(CorruptRecordError):
        unpacked(changed(packed(record), (path,), value), record.key)


@pytest.mark.parametrize("value", [*(odd for odd in ODD if odd is not None), ["zz", 1], [b"".hex(), "1"]], ids=repr)
def test_a_result_in_an_odd_blob_is_corrupt(value: Any) -> None:
    record = some_record()
    with pytest.raises(CorruptRecordError):
        unpacked(changed(packed(record), ("payload", "blob"), value), record.key)


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_failure_with_an_odd_head_is_corrupt(value: Any) -> None:
    record = some_failure()
    with pytest.raises(CorruptRecordError):
        unpacked(changed(packed(record), ("failure",), value), record.key)


@pytest.mark.parametrize("data", [{}, {"violations": [[1]]}, {"violations": 7}, {"violations": []}, None, 7], ids=repr)
def test_a_failure_that_is_none_is_corrupt(data: Any) -> None:
    with pytest.raises(CorruptRecordError):
        failure_of(data)


def test_a_token_comes_back_as_it_was() -> None:
    token = Token("durable", "me", bytes(16), some_identity())
    assert token_of(token.packed()) == token


@pytest.mark.parametrize("value", [*ODD, "\0", "x" * 201], ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("name", ["authority", "nonce", "identity"])
def test_a_token_with_an_odd_value_is_refused(name: str, value: Any) -> None:
    data = orjson.loads(Token("durable", "me", bytes(16), some_identity()).packed())
    with pytest.raises(InvalidArgument) as refused:
        token_of(orjson.dumps({**data, name: value}))
    assert refused.value.reason is Reason.TOKEN_INVALID


@pytest.mark.parametrize("name", ["key", "namespace", "pipeline", "params", "reference", "blob", "job_id"])
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_token_with_an_odd_identity_is_refused(name: str, value: Any) -> None:
    data = orjson.loads(Token("durable", "me", bytes(16), some_identity()).packed())
    data["identity"][name] = value
    with pytest.raises(InvalidArgument) as refused:
        token_of(orjson.dumps(data))
    assert refused.value.reason is Reason.TOKEN_INVALID
