"""Rendered results are kept while there is room, and shown only for the digest that was named."""

from gateway.rendered import Rendered

ONE, TWO = b"1" * 32, b"2" * 32


def test_a_result_is_given_for_its_digest_only() -> None:
    rendered = Rendered(100)
    rendered.put("job", ONE, b"{}")
    assert rendered.get("job", ONE) == b"{}"
    assert rendered.get("job", TWO) is None
    assert rendered.get("other", ONE) is None
    assert rendered.get("other", b"") is None


def test_the_digest_that_is_kept_is_told() -> None:
    rendered = Rendered(100)
    rendered.put("job", ONE, b"{}")
    assert rendered.known_digest("job") == ONE
    assert rendered.known_digest("other") == b""


def test_what_was_not_used_longest_makes_room() -> None:
    rendered = Rendered(10)
    rendered.put("a", ONE, b"1234")
    rendered.put("b", ONE, b"1234")
    rendered.get("a", ONE)
    rendered.put("c", ONE, b"1234")
    assert [rendered.get(job, ONE) is not None for job in "abc"] == [True, False, True]
    assert rendered.size_bytes == 8


def test_a_newer_result_of_a_job_replaces_the_older() -> None:
    rendered = Rendered(10)
    rendered.put("job", ONE, b"1234")
    rendered.put("job", TWO, b"12")
    assert rendered.get("job", ONE) is None
    assert rendered.get("job", TWO) == b"12"
    assert rendered.size_bytes == 2


def test_what_is_larger_than_the_memory_is_not_kept_and_evicts_nothing() -> None:
    rendered = Rendered(10)
    rendered.put("a", ONE, b"1234")
    rendered.put("b", ONE, b"x" * 11)
    assert rendered.get("a", ONE) == b"1234"
    assert rendered.get("b", ONE) is None
