"""The gateway's settings. Each setting's sentence is what `--help` and the docs print."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from gateway.buckets import buckets_in
from gateway.rates import rate_of
from gateway.signatures import key_of
from rpc.addresses import split_address
from rpc.channels import target_of
from rpc.settings import ServerSettings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")


class GatewaySettings(ServerSettings):
    """The gateway: REST for people and browsers. Every option is an environment variable too, in upper case."""

    model_config = SettingsConfigDict(cli_prog_name="python -m gateway")

    gateway_listen: str = Field(
        "127.0.0.1:8080", description="Where the gateway listens, as host:port; port 0 takes any free one."
    )
    cache_address: str = Field(
        "127.0.0.1:50051", description="The cache service as host:port; several replicas joined by commas."
    )
    analysis_address: str = Field(
        "127.0.0.1:50052", description="The analysis service as host:port; several replicas joined by commas."
    )
    cache_timeout_seconds: float = Field(
        10.0, gt=0, description="How long a look-up in the cache may take, in seconds."
    )
    upload_timeout_seconds: float = Field(600.0, gt=0, description="How long one upload may take, in seconds.")
    upload_idle_seconds: float = Field(
        30.0, gt=0, description="How long an upload may pause before it is given up, in seconds."
    )
    analysis_timeout_seconds: float = Field(
        600.0, gt=0, description="How long a request waits for its analysis, in seconds."
    )
    health_timeout_seconds: float = Field(
        2.0, gt=0, description="How long each service may take to say how it is, in seconds."
    )
    max_upload_bytes: int = Field(256 * 1024 * 1024, gt=0, description="The largest file that is taken, in bytes.")
    max_metadata_bytes: int = Field(
        64 * 1024, gt=0, description="The most that all other fields of a form may hold together, in bytes."
    )
    max_uploads: int = Field(
        128, gt=0, description="How many uploads run at once; each holds up to about 3 MiB of memory."
    )
    upload_memory_bytes: int = Field(
        64 * 1024 * 1024,
        ge=0,
        description="How much of all uploads is held in memory to be hashed, so that known files travel no further,"
        " in bytes; uploads that find no room are handed on while they arrive.",
    )
    rendered_memory_bytes: int = Field(
        64 * 1024 * 1024, ge=0, description="How much JSON of results is kept rendered in memory, in bytes."
    )
    rate_limit: str = Field(
        "",
        description="How often one known token, or one address without, may ask, such as 300/minute. Empty: no limit.",
    )
    webhook_secrets: SecretStr = Field(
        SecretStr(""),
        description="Secrets that storage webhooks are signed by, as whsec_…, joined by commas. Empty: none heard.",
    )
    webhook_tolerance_seconds: float = Field(
        300.0, gt=0, description="How far a webhook's timestamp may be off, in seconds."
    )
    webhook_token: SecretStr = Field(
        SecretStr(""), description="The token under which webhooks' work is queued, where there are tokens."
    )
    buckets: str = Field(
        "",
        description="The buckets that webhooks may name and where their files lie, as id=https://host/path, by commas.",
    )
    cors_origins: str = Field(
        "",
        description="The origins whose pages may call the gateway, joined by commas, such as http://localhost:5173.",
    )
    allowed_hosts: str = Field(
        "",
        description="Host names that the gateway answers to beside loopback's and its own, joined by commas; * is any.",
    )

    @model_validator(mode="after")
    def _addresses_are_usable(self) -> Self:
        self.check_protection("GATEWAY_LISTEN", self.gateway_listen)
        target_of(self.cache_address)
        target_of(self.analysis_address)
        if self.rate_limit:
            rate_of(self.rate_limit)
        buckets_in(self.buckets)
        for secret in self.secrets:
            key_of(secret)
        return self

    @property
    def hosts(self) -> frozenset[str]:
        """The host names answered to, in lower case and without ports; "*" among them is any."""
        listened, _ = split_address(self.gateway_listen)
        return frozenset({*LOOPBACK_NAMES, listened.lower(), *(name.lower() for name in _listed(self.allowed_hosts))})

    @property
    def secrets(self) -> list[str]:
        """The secrets of webhooks."""
        return _listed(self.webhook_secrets.get_secret_value())

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins whose pages may call."""
        return tuple(_listed(self.cors_origins))


def _listed(joined: str) -> list[str]:
    return [part.strip() for part in joined.split(",") if part.strip()]
