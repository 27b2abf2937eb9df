"""The tokens file: what it may say, what a token stands for, and that nothing ever tells a token."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache_service import keys
from rpc.roles import Role
from rpc.tokens import Principal, TokenFile, digest_of, entry_text, new_token, table_of

SECRET = "open-sesame-open-sesame"
LAB = Principal("lab-3", Role.WRITER, "frontend of lab 3")


class Clock:
    """Time that passes when the test says so."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def entry(**said: object) -> str:
    return json.dumps({"tokens": [{"sha256": digest_of(SECRET).hex(), "namespace": "lab-3", "role": "writer", **said}]})


def write(path: Path, text: str) -> None:
    """Replace the file as editors do, so that its inode changes whatever the clock's grain."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def test_what_is_made_for_the_file_makes_the_token_known() -> None:
    token = new_token()
    assert table_of(entry_text(token, LAB)).find(token) == LAB


def test_json_and_toml_say_the_same() -> None:
    toml = f'[[tokens]]\nsha256 = "{digest_of(SECRET).hex()}"\nnamespace = "lab-3"\nrole = "writer"\n'
    assert table_of(toml).find(SECRET) == table_of(entry()).find(SECRET)


def test_a_token_may_stand_in_the_file_itself() -> None:
    known = table_of(json.dumps({"tokens": [{"token": SECRET, "namespace": "lab-3", "role": "admin"}]})).find(SECRET)
    assert known is not None
    assert (known.namespace, known.role, known.label) == ("lab-3", Role.ADMIN, digest_of(SECRET).hex()[:8])


@pytest.mark.parametrize("shown", ["", "open", SECRET + "x", SECRET[:-1], SECRET.upper(), digest_of(SECRET).hex()])
def test_only_the_token_itself_is_known(shown: str) -> None:
    assert table_of(entry()).find(shown) is None


def test_new_tokens_are_long_and_never_the_same() -> None:
    made = {new_token() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("tokens = [", "neither JSON nor TOML"),
        (f'{{"tokens": ["{SECRET}"', "neither JSON nor TOML"),
        ("{}", "tokens: Field required"),
        (entry(role="owner"), "role must be one of reader, writer, admin, service"),
        (entry(namespace="Lab 3"), "namespace must be"),
        (entry(token=SECRET), "give either sha256 or token"),
        (entry(sha256=""), "give either sha256 or token"),
        (entry(sha256="", token="short"), "token must be 16 to 512"),
        (entry(sha256="", token=f"{SECRET} {SECRET}"), "token must be 16 to 512"),
        (entry(sha256=SECRET), "sha256 must be 64 hexadecimal digits"),
        (entry(rol="writer"), "tokens.0.rol: Extra inputs are not permitted"),
        (json.dumps({"tokens": 2 * json.loads(entry())["tokens"]}), "a token is listed twice"),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_not_valid_is_refused_without_telling_a_token(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault) as refused:
        table_of(text)
    assert SECRET not in str(refused.value)


@given(st.text(alphabet="aZ0._-é \n", max_size=66))
def test_a_namespace_is_valid_here_where_it_is_valid_in_a_key(namespace: str) -> None:
    def takes(check: object, given: str) -> bool:
        try:
            check(given)  # type: ignore[operator]  # two functions of different answers
        except (ValueError, keys.InvalidKeyError):
            return False
        return True

    assert takes(lambda name: table_of(entry(namespace=name)), namespace) == takes(keys.check_namespace, namespace)


def test_a_changed_file_is_read_again_and_a_removed_token_is_no_longer_known(tmp_path: Path) -> None:
    path, clock = tmp_path / "tokens.toml", Clock()
    other = new_token()
    path.write_text(entry_text(SECRET, LAB))
    tokens = TokenFile(path, clock)
    write(path, entry_text(other, LAB))
    assert tokens.find(SECRET) == LAB  # for a second at most
    clock.now = 1.0
    assert (tokens.find(SECRET), tokens.find(other)) == (None, LAB)


@pytest.mark.parametrize("text", ["tokens = [", None], ids=["broken", "gone"])
def test_a_file_that_breaks_leaves_the_earlier_tokens_in_force(tmp_path: Path, text: str | None) -> None:
    path, clock = tmp_path / "tokens.toml", Clock()
    path.write_text(entry_text(SECRET, LAB))
    tokens = TokenFile(path, clock)
    if text is None:
        path.unlink()
    else:
        write(path, text)
    clock.now = 1.0
    assert tokens.find(SECRET) == LAB
    write(path, entry_text(SECRET, Principal("lab-4", Role.READER, "new")))
    clock.now = 2.0
    assert tokens.find(SECRET) == Principal("lab-4", Role.READER, "new")


def test_a_file_that_is_not_there_at_the_start_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read: FileNotFoundError"):
        TokenFile(tmp_path / "nothing.toml")


def test_bytes_that_are_no_text_are_an_error(tmp_path: Path) -> None:
    path = tmp_path / "tokens.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="cannot be read: UnicodeDecodeError"):
        TokenFile(path)
