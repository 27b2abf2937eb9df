"""Bearer tokens: whom each stands for. Of a token only its SHA-256 is kept."""

import hashlib
import hmac
import json
import re
import secrets
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from rpc.logs import get_logger
from rpc.roles import Role

log = get_logger(__name__)

NAMESPACE_FORM = r"[a-z0-9][a-z0-9._-]{0,62}"
"""What a namespace looks like; the cache's keys hold the same."""

_TOKEN_FORM = re.compile(r"[A-Za-z0-9._~+/-]{16,512}=*")
"""What RFC 6750 lets a bearer token be; shorter ones can be guessed."""

_NEW_TOKEN_BYTES = 32
_PREFIX = "assay_"
"""Before every new token, so that people and scanners for leaked secrets know what it is."""

_RELOAD_SECONDS = 1.0
"""How old the knowledge of the file may be: one look at its time of change a second costs nothing."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls: in whose namespace, in which role, under which name in the audit."""

    namespace: str
    role: Role
    label: str


class _Entry(BaseModel):
    """One token in the file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    token: str = ""
    sha256: str = ""
    namespace: str
    role: str
    label: str = ""

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if bool(self.token) == bool(self.sha256):
            raise ValueError("give either sha256 or token")
        if self.token and not _TOKEN_FORM.fullmatch(self.token):
            raise ValueError("token must be 16 to 512 letters, digits or any of . _ ~ + / -")
        if self.sha256 and not re.fullmatch(r"[0-9a-fA-F]{64}", self.sha256):
            raise ValueError("sha256 must be 64 hexadecimal digits")
        if not re.fullmatch(NAMESPACE_FORM, self.namespace):
            raise ValueError("namespace must be lower-case letters, digits, dots, dashes and underscores, 63 at most")
        if self.role not in set(Role):
            raise ValueError(f"role must be one of {', '.join(Role)}")
        return self

    @property
    def digest(self) -> bytes:
        return digest_of(self.token) if self.token else bytes.fromhex(self.sha256)


class _File(BaseModel):
    """The whole file."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    tokens: list[_Entry]


class TokenTable:
    """The known tokens. How long a search takes tells nothing about them."""

    def __init__(self, principals: Sequence[tuple[bytes, Principal]]) -> None:
        self._salt = secrets.token_bytes(32)
        self._known = {self._place(digest): (digest, principal) for digest, principal in principals}
        if len(self._known) != len(principals):
            raise ValueError("a token is listed twice")

    def __len__(self) -> int:
        return len(self._known)

    def find(self, token: str) -> Principal | None:
        """Return whom a token stands for."""
        digest = digest_of(token)
        known = self._known.get(self._place(digest))
        return known[1] if known is not None and hmac.compare_digest(known[0], digest) else None

    def _place(self, digest: bytes) -> bytes:
        """Return where a digest is kept: nobody outside can choose it, so the time of a search follows from nothing."""
        return hashlib.blake2b(digest, digest_size=16, key=self._salt).digest()


class TokenFile:
    """The tokens of a file, read again when it changes; one that cannot be read leaves the earlier ones in force."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Read it.

        Raises:
            ValueError: if it cannot be read or is not valid; tells no token.
        """
        self._path = path
        self._clock = clock
        self._looked_at = clock()
        self._mark = self._seen()
        self._table = _table_in(path)

    def find(self, token: str) -> Principal | None:
        """Return whom a token stands for now."""
        if self._clock() - self._looked_at >= _RELOAD_SECONDS:
            self._look()
        return self._table.find(token)

    def _look(self) -> None:
        self._looked_at = self._clock()
        mark = self._seen()
        if mark == self._mark:
            return
        self._mark = mark
        try:
            self._table = _table_in(self._path)
        except ValueError as error:
            log.error("the tokens file is not valid; the earlier tokens stay in force", fault=str(error))  # noqa: TRY400 - its cause may quote tokens
            return
        log.info("the tokens file was read again", tokens=len(self._table))

    def _seen(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino


def table_of(text: str) -> TokenTable:
    """Return the tokens that a text lists, in JSON or TOML: `tokens`, each with `sha256` or `token`, `namespace`,
    `role` and, for the audit, `label`.

    Raises:
        ValueError: with what is wrong where; tells no token.
    """
    try:
        data = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", None)
        place = f" (line {line})" if line else ""
        raise ValueError(f"the tokens are neither JSON nor TOML{place}") from None  # the cause quotes the text
    try:
        listed = _File.model_validate(data)
    except ValidationError as error:
        raise ValueError(f"the tokens are not valid: {_faults(error)}") from None
    return TokenTable([(entry.digest, _principal(entry)) for entry in listed.tokens])


def digest_of(token: str) -> bytes:
    """Return the SHA-256 of a token."""
    return hashlib.sha256(token.encode()).digest()


def new_token() -> str:
    """Return a fresh token."""
    return _PREFIX + secrets.token_urlsafe(_NEW_TOKEN_BYTES)


def entry_text(token: str, principal: Principal) -> str:
    """Return the lines of a tokens file (TOML) that make a token known."""
    fields = {
        "sha256": digest_of(token).hex(),
        "namespace": principal.namespace,
        "role": principal.role.value,
        "label": principal.label,
    }
    lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items())
    return f"[[tokens]]\n{lines}"


def _table_in(path: Path) -> TokenTable:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the tokens file {path} cannot be read: {type(error).__name__}") from None
    return table_of(text)


def _principal(entry: _Entry) -> Principal:
    return Principal(entry.namespace, Role(entry.role), entry.label or entry.digest.hex()[:8])


def _faults(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg'].removeprefix('Value error, ')}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    )
