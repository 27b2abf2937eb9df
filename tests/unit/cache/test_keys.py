"""Keys: golden vectors that may never change, and the rules behind them."""

import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache_service.keys import (
    Blob,
    Identity,
    InvalidKeyError,
    Params,
    Pipeline,
    canonical,
    hash_fields,
    identify,
    job_id_of,
    job_ids_of,
)
from cache_service.tiers.hot import record_name, record_names

BLOB = Blob(hashlib.sha256(b"abc").digest(), 3)
PIPELINE = Pipeline("emg.session", "1.0.0")
DEFAULTS: Params = {1: 20.0, 2: 450.0, 3: 4, 4: "standard", 5: True, 6: {1: 0.25, 2: 0.75}}


def identity(params: bytes = b"", **changes: object) -> Identity:
    fields = {
        "namespace": "default",
        "pipeline": PIPELINE,
        "params": params,
        "reference_digest": b"",
        "blob": BLOB,
        **changes,
    }
    return identify(**fields)  # type: ignore[arg-type] # each change is of its field's type


MANY: Params = {1: 25.0, 4: "compat", 5: False, 6: {1: 0.5}, 8: ["EMG1", "EMG2"], 9: -7, 10: b"\x00\xff"}
MANY_CANONICAL = (
    "00000001640000000000000008403900000000000000000004730000000000000006636f6d70617400000005620000000000000001300000"
    "00066d0000000000000015000000016400000000000000083fe0000000000000000000087200000000000000220000000073000000000000"
    "0004454d473100000000730000000000000004454d4732000000096900000000000000022d370000000a79000000000000000200ff"
)

# What these say is on disks and in papers: a change is a new FORMAT_VERSION, never an edit of this table.
GOLDEN = [
    (
        identity(),
        "44d18a662be03aed029a14caa3cf82aa97d79b6115682c14393e9f1f7d414fc5",
        "482b15dd-0e91-54d2-a480-93ccd03e63c4",
    ),
    (
        identity(canonical(MANY, DEFAULTS)),
        "7baa3523661b3704936cab5b1341991d1b48962f96fdb68fa404c02b2438478a",
        "0c25e573-06e3-5c31-a327-da396c9c6ac7",
    ),
    (
        identity(
            namespace="clinic",
            pipeline=Pipeline("sequence.taxonomy", "2.10.3"),
            reference_digest=hashlib.sha256(b"reference").digest(),
            blob=Blob(hashlib.sha256(b"").digest(), 0),
        ),
        "2a4c9cc2c3e4bb90374505627d92da55078440fafd73182f2cb0b5ddbb63e354",
        "b2d28d7c-5a10-5268-af1c-70fce353e5fc",
    ),
]


@pytest.mark.parametrize(("identity", "key", "job_id"), GOLDEN)
def test_golden_vectors(identity: Identity, key: str, job_id: str) -> None:
    assert identity.key.hex() == key
    assert identity.job_id == job_id


def test_the_golden_canonical_form() -> None:
    assert canonical(MANY, DEFAULTS).hex() == MANY_CANONICAL


def test_the_golden_key_with_one_new_defaulted_field_is_the_same() -> None:
    assert identity(canonical(MANY, {**DEFAULTS, 11: 1.5})) == GOLDEN[1][0]


def test_the_fields_of_a_key_are_length_prefixed() -> None:
    expected = hashlib.sha256(b"\0\0\0\0\0\0\0\2ab" + b"\0\0\0\0\0\0\0\0" + b"\0\0\0\0\0\0\0\1c").digest()
    assert hash_fields(b"ab", b"", b"c") == expected


@given(st.lists(st.binary(max_size=5), max_size=5), st.lists(st.binary(max_size=5), max_size=5))
def test_two_lists_of_fields_have_one_hash_only_if_they_are_equal(one: list[bytes], other: list[bytes]) -> None:
    assert (hash_fields(*one) == hash_fields(*other)) == (one == other)


@pytest.mark.parametrize(
    "changes",
    [
        {"namespace": "clinic"},
        {"pipeline": Pipeline("emg.session", "1.0.1")},
        {"pipeline": Pipeline("emg.channel", "1.0.0")},
        {"params": canonical({1: 21.0}, DEFAULTS)},
        {"reference_digest": hashlib.sha256(b"silva").digest()},
        {"blob": Blob(hashlib.sha256(b"abd").digest(), 3)},
        {"blob": Blob(hashlib.sha256(b"abc").digest(), 4)},
    ],
)
def test_every_field_changes_the_key_and_the_job_id(changes: dict[str, object]) -> None:
    assert identity(**changes).key != identity().key  # type: ignore[arg-type] # as above
    assert identity(**changes).job_id != identity().job_id  # type: ignore[arg-type] # as above


def test_absent_and_the_default_said_aloud_are_one() -> None:
    assert canonical({1: 20.0, 3: 4, 4: "standard", 5: True}, DEFAULTS) == canonical({}, DEFAULTS) == b""


def test_a_new_field_with_a_default_changes_no_key() -> None:
    asked: Params = {1: 25.0}
    assert canonical(asked, {**DEFAULTS, 7: 50.0}) == canonical(asked, DEFAULTS)
    assert canonical({**asked, 7: 50.0}, {**DEFAULTS, 7: 50.0}) == canonical(asked, DEFAULTS)


def test_zero_said_aloud_differs_from_absent_where_the_default_is_not_zero() -> None:
    assert canonical({1: 0.0}, DEFAULTS) != canonical({}, DEFAULTS)
    assert canonical({5: False}, DEFAULTS) != canonical({}, DEFAULTS)


def test_the_order_in_which_fields_are_said_does_not_matter() -> None:
    assert canonical({1: 1.0, 2: 2.0}, {}) == canonical({2: 2.0, 1: 1.0}, {})


def test_minus_zero_is_zero() -> None:
    assert canonical({1: -0.0}, {}) == canonical({1: 0.0}, {})
    assert canonical({1: -0.0}, {1: 0.0}) == b""


def test_nan_is_refused() -> None:
    with pytest.raises(InvalidKeyError, match="NaN"):
        canonical({1: math.nan}, {})


def test_one_and_true_and_one_point_zero_are_three_values() -> None:
    assert len({canonical({1: value}, {}) for value in (1, True, 1.0, "1", b"1")}) == 5


def test_nested_messages_are_compared_field_by_field() -> None:
    assert canonical({6: {1: 0.25}}, DEFAULTS) == b""
    assert canonical({6: {1: 0.5}}, DEFAULTS) == canonical({6: {1: 0.5, 2: 0.75}}, DEFAULTS) != b""


def test_an_empty_list_is_absent_and_the_order_of_a_list_matters() -> None:
    assert canonical({8: []}, DEFAULTS) == b""
    assert canonical({8: ["a", "b"]}, {}) != canonical({8: ["b", "a"]}, {})
    assert canonical({8: ["ab"]}, {}) != canonical({8: ["a", "b"]}, {})


@pytest.mark.parametrize("namespace", ["", "Clinic", "a/b", "-a", "a" * 64, "a b", "ä"])
def test_a_namespace_that_could_not_be_a_folder_is_refused(namespace: str) -> None:
    with pytest.raises(InvalidKeyError):
        identity(namespace=namespace)


@pytest.mark.parametrize(
    "changes",
    [
        {"pipeline": Pipeline("EMG", "1.0.0")},
        {"pipeline": Pipeline("emg.session", "1.0")},
        {"pipeline": Pipeline("emg.session", "")},
        {"blob": Blob(b"short", 3)},
        {"reference_digest": b"short"},
    ],
)
def test_what_cannot_be_in_a_key_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(InvalidKeyError):
        identity(**changes)  # type: ignore[arg-type] # as above


@given(keys=st.lists(st.binary(min_size=32, max_size=32), max_size=20))
def test_the_job_ids_of_many_keys_are_those_of_each(keys: list[bytes]) -> None:
    assert [b"-".join(fields).decode() for fields in job_ids_of(keys)] == [job_id_of(key) for key in keys]
    assert [name.decode() for name in record_names(keys)] == [record_name(key) for key in keys]
