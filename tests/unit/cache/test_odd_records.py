"""A record or token that does not decode is corrupt or refused, whatever is odd about it."""

import hashlib
import struct
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache_service.entries import CorruptRecordError, Record, Scope, failure_of, packed, unpacked
from cache_service.keys import Pipeline
from cache_service.tokens import Token, token_of
from rpc.errors import InvalidArgument
from rpc.reasons import Reason
from tests.support.records import some_failure, some_identity, some_record

ODD = [None, 7, -1, 2**63, "text", [], [1], {}, {"a": 1}, True, 1e300]


HEAD = struct.Struct(">4s20s32sdddQB32sB32sI")


def signed(content: bytes) -> bytes:
    return content + hashlib.sha256(content).digest()


def with_texts(record: Record, texts: bytes) -> bytes:
    """Return a packed record with other texts, whose digest is right."""
    raw = packed(record)
    *head, length = HEAD.unpack_from(raw)
    return signed(HEAD.pack(*head, len(texts)) + texts + raw[HEAD.size + length : -32])


@pytest.mark.parametrize("record", [some_record(), some_failure()], ids=["result", "failure"])
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    kept = replace(record, generation=7, scope=Scope("lab", Pipeline("emg.channel", "1.2.3"), b"\x01" * 32))
    assert unpacked(packed(kept), kept.key) == kept


@given(data=st.data())
def test_a_record_with_any_damage_is_corrupt(data: st.DataObject) -> None:
    record = some_record()
    raw = bytearray(packed(record))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CorruptRecordError):
        unpacked(bytes(raw), record.key)


@given(content=st.binary(max_size=400), magic=st.sampled_from([b"", b"AC2R", b"AC2F", b"AC1R"]))
def test_bytes_with_their_digest_that_are_no_record_are_corrupt(magic: bytes, content: bytes) -> None:
    with pytest.raises(CorruptRecordError):
        unpacked(signed(magic + content), bytes(32))


@pytest.mark.parametrize(
    "texts", [b"", b"[]", b"7", b"{}", b'["a"]', b'["a","b","c","zstd","",[1]]', b"\xff"], ids=repr
)
def test_a_record_with_odd_texts_is_corrupt(texts: bytes) -> None:
    record = some_record()
    with pytest.raises(CorruptRecordError):
        unpacked(with_texts(record, texts), record.key)


@pytest.mark.parametrize("blob", [*(odd for odd in ODD if odd is not None), ["zz", 1], ["", "1"]], ids=repr)
def test_a_result_in_an_odd_blob_is_corrupt(blob: Any) -> None:
    record = some_record()
    with pytest.raises(CorruptRecordError):
        unpacked(with_texts(record, orjson.dumps(["", "", "", "zstd", "", blob])), record.key)


def test_a_result_in_an_unknown_encoding_is_corrupt() -> None:
    record = some_record()
    with pytest.raises(CorruptRecordError):
        unpacked(with_texts(record, orjson.dumps(["", "", "", "gzip", "", None])), record.key)


def test_a_record_under_another_key_is_corrupt() -> None:
    with pytest.raises(CorruptRecordError):
        unpacked(packed(some_record()), bytes(32))


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
