"""Renderings are kept within their bounds, in the coding that a caller takes."""

import gzip
import hashlib
from base64 import b64encode

import pytest
import zstandard

from gateway.rendered import Rendered, Rendering, coding_for, entity_tag

PLAIN = b'{"channels": [' + b"1.25," * 2000 + b"0]}"


def rendering(digest: bytes) -> Rendering:
    return Rendering(digest, PLAIN)


def test_what_was_put_is_found_by_its_digest() -> None:
    rendered = Rendered(10_000)
    rendered.put(rendering(b"a"))
    assert b"a" in rendered
    found = rendered.get(b"a")
    assert found is not None
    assert found.plain == PLAIN
    assert rendered.get(b"b") is None


def test_the_least_recently_used_makes_room() -> None:
    each = rendering(b"x").size_bytes
    rendered = Rendered(2 * each)
    for digest in (b"a", b"b"):
        rendered.put(rendering(digest))
    rendered.get(b"a")
    rendered.put(rendering(b"c"))
    assert [digest in rendered for digest in (b"a", b"b", b"c")] == [True, False, True]
    assert rendered.size_bytes == 2 * each


def test_what_is_larger_than_the_whole_memory_is_not_kept() -> None:
    rendered = Rendered(3)
    rendered.put(rendering(b"a"))
    assert (b"a" in rendered, rendered.size_bytes) == (False, 0)


def test_a_rendering_that_has_grown_is_counted_anew() -> None:
    rendered, grown = Rendered(10_000), rendering(b"a")
    rendered.put(grown)
    before = rendered.size_bytes
    grown.coded("gzip")
    rendered.put(grown)
    assert before < rendered.size_bytes == grown.size_bytes


@pytest.mark.parametrize(
    ("coding", "decode"), [("zstd", zstandard.decompress), ("gzip", gzip.decompress), ("identity", bytes)]
)
def test_every_coding_decodes_to_the_same_and_carries_the_digest_of_what_is_sent(coding: str, decode: object) -> None:
    coded = rendering(b"a").coded(coding)
    assert callable(decode)
    assert decode(coded.body) == PLAIN
    assert coded.repr_digest == f"sha-256=:{b64encode(hashlib.sha256(coded.body).digest()).decode()}:"


def test_entity_tags_differ_by_result_and_by_coding() -> None:
    tags = {entity_tag(digest, coding) for digest in (b"a", b"b") for coding in ("zstd", "gzip", "identity")}
    assert len(tags) == 6
    assert all(tag.startswith('"') and tag.endswith('"') for tag in tags), "strong, not weak"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("", "identity"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("zstd;q=0, gzip;q=0.5", "gzip"),
        ("gzip;q=1, zstd;q=0.5", "gzip"),
        ("*", "zstd"),
        ("*;q=0", "identity"),
        ("identity, gzip;q=0.1", "identity"),
        ("br", "identity"),
        ("gzip;q=nonsense", "identity"),
        ("GZIP", "gzip"),
    ],
)
def test_the_best_coding_that_is_accepted_is_taken(accepted: str, coding: str) -> None:
    assert coding_for(accepted) == coding
