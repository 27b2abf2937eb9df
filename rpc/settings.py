"""Settings that every server has. Each setting's sentence is what `--help` and the docs print."""

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
    max_deadline_seconds: float = Field(
        900.0,
        gt=0,
        description="The longest that one call may take, in seconds; longer deadlines are shortened to it.",
    )


def split_address(listen: str) -> tuple[str, int]:
    """Return host and port of "host:port".

    Raises:
        ValueError: if it is not of that form.
    """
    host, colon, port = listen.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{listen!r} is not an address of the form host:port")
    return host, int(port)
