"""Settings that every server has. Each setting's sentence is what `--help` and the docs print."""

import ipaddress
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


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
        """Refuse to listen beyond loopback without TLS, unless the network is said to be trusted.

        Raises:
            ValueError: with what to do about it.
        """
        if is_loopback(split_address(listen)[0]) or self.trust_network or self.tls_cert_file is not None:
            return
        raise ValueError(
            f"{setting}={listen} is beyond loopback: set TLS_CERT_FILE and TLS_KEY_FILE,"
            " or say TRUST_NETWORK=true if nobody else can reach that network"
        )


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def split_address(listen: str) -> tuple[str, int]:
    """Return host and port of "host:port".

    Raises:
        ValueError: if it is not of that form.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{listen!r} is not an address of the form host:port")
    return host, int(port)
