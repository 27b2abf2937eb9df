"""Settings that every server has. Each setting's sentence is what `--help` and the docs print."""

import ipaddress
import sys
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, CliApp, SettingsConfigDict

S = TypeVar("S", bound=BaseSettings)


class ServerSettings(BaseSettings):
    """Read once, from the environment and the command line, in a service's `__main__`."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", cli_kebab_case=True, cli_ignore_unknown_args=False)

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least level that is logged."
    )
    log_format: Literal["json", "text"] = Field("json", description="The form of the log's lines.")
    drain_seconds: float = Field(
        10.0, ge=0, description="How long running calls may take to end after SIGTERM, in seconds."
    )
    tls_cert_file: Path | None = Field(None, description="PEM certificate chain of this server. Unset: no TLS.")
    tls_key_file: Path | None = Field(None, description="PEM private key of this server. Unset: no TLS.")
    tls_ca_file: Path | None = Field(
        None,
        description="PEM roots by which the servers that this one calls are known. Unset: no TLS to them.",
    )
    trust_network: bool = Field(
        False, description="Listen beyond loopback without TLS and tokens, on a network that nobody else can reach."
    )
    max_deadline_seconds: float = Field(
        900.0,
        gt=0,
        description="The longest that one call may take, in seconds; longer deadlines are shortened to it.",
    )

    def check_protection(self, setting: str, listen: str) -> None:
        """Refuse to listen beyond loopback, where there are no tokens yet, unless the network is said to be trusted.

        TLS alone does not open it: it says who answers, not who may ask.

        Raises:
            ValueError: with what to do about it.
        """
        if is_loopback(split_address(listen)[0]) or self.trust_network:
            return
        raise ValueError(
            f"{setting}={listen} is open to the network, and there are no tokens yet: listen on 127.0.0.1,"
            " or say TRUST_NETWORK=true if nobody else can reach that network"
        )


def read_settings(kind: type[S], program: str) -> S:
    """Return the settings that the environment and the command line give.

    Ends the process with code 2 and one line a fault where they are not valid. Pydantic's own text would print the
    value of every setting, secrets too.
    """
    try:
        return CliApp.run(kind)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            where = "".join(f"{part}: " for part in fault["loc"]).upper()
            print(f"{program}: {where}{fault['msg'].removeprefix('Value error, ')}", file=sys.stderr)
    raise SystemExit(2)


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on can be reached from this machine only."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def split_address(listen: str) -> tuple[str, int]:
    """Return host and port of "host:port".

    Raises:
        ValueError: if it is not of that form.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{listen!r} is not an address of the form host:port")
    return host, int(port)
