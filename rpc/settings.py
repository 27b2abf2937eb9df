"""Settings that every server has. Each setting's sentence is what `--help` and the docs print."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, CliApp, SettingsConfigDict

from rpc.access import Access
from rpc.addresses import is_loopback, split_address
from rpc.channels import Tls
from rpc.tokens import NAMESPACE_FORM, TokenFile, table_of
from rpc.tracing import ExportingTracer, Tracer

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
    tls_server_name: str = Field(
        "", description="The name in the certificates of the servers that this one calls. Empty: their addresses."
    )
    tokens_file: Path | None = Field(
        None, description="The tokens that callers may show, in TOML or JSON; read again when it changes."
    )
    tokens: SecretStr = Field(SecretStr(""), description="The same as text, in place of a file.")
    anonymous_namespace: str = Field(
        "",
        pattern=rf"\A({NAMESPACE_FORM})?\z",
        description="The namespace in which callers without a token are writers. Empty: they are refused.",
    )
    service_token: SecretStr = Field(
        SecretStr(""), description="The token, of the role service, that this server shows for work that is its own."
    )
    service_token_file: Path | None = Field(None, description="A file that holds it, in place of the text.")
    trust_network: bool = Field(
        False, description="Listen beyond loopback without TLS and tokens, on a network that nobody else can reach."
    )
    open_metrics: bool = Field(
        False, description="Show the metrics beyond loopback: totals over all namespaces, to all who reach the port."
    )
    otel_exporter_otlp_endpoint: str = Field(
        "",
        pattern=r"\A(https?://.+)?\z",
        description="Where traces are sent by OTLP over HTTP, as http://127.0.0.1:4318; needs the extra `traces`."
        " OpenTelemetry's other variables (OTEL_TRACES_SAMPLER, ...) hold as well. Empty: no traces.",
    )
    max_deadline_seconds: float = Field(
        900.0,
        gt=0,
        description="The longest that one call may take, in seconds; longer deadlines are shortened to it.",
    )

    def check_protection(self, setting: str, listen: str) -> None:
        """Refuse what would not protect as it says, and to listen beyond loopback without TLS and tokens.

        Both are needed, unless the network is said to be trusted: TLS says who answers, a token who may ask.

        Raises:
            ValueError: with what to do about it.
        """
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            raise ValueError("TLS_CERT_FILE and TLS_KEY_FILE go together: one of them alone gives no TLS")
        if self.anonymous_namespace and not self._has_tokens:
            raise ValueError("ANONYMOUS_NAMESPACE means nothing without tokens: set TOKENS_FILE or TOKENS")
        missing = " and ".join(self._missing_protection())
        if not missing or is_loopback(split_address(listen)[0]) or self.trust_network:
            return
        raise ValueError(
            f"{setting}={listen} is open to the network without {missing}: set them, listen on 127.0.0.1,"
            " or say TRUST_NETWORK=true if nobody else can reach that network"
        )

    def check_metrics(self, setting: str, listen: str) -> None:
        """Refuse to show the metrics, which know neither TLS nor tokens, beyond loopback unless that is wanted.

        Raises:
            ValueError: with what to do about it.
        """
        if not (is_loopback(split_address(listen)[0]) or self.trust_network or self.open_metrics):
            raise ValueError(
                f"{setting}={listen} shows the metrics to the network: listen on 127.0.0.1, or say OPEN_METRICS=true"
            )

    def access(self) -> Access:
        """Return who is let in.

        Raises:
            ValueError: if the tokens cannot be read or are not valid.
        """
        if self.tokens_file is not None and self.tokens.get_secret_value():
            raise ValueError("TOKENS_FILE and TOKENS are both set; one of them must go")
        if self.tokens_file is not None:
            return Access(TokenFile(self.tokens_file), self.anonymous_namespace)
        if self.tokens.get_secret_value():
            return Access(table_of(self.tokens.get_secret_value()), self.anonymous_namespace)
        return Access()

    def own_token(self) -> str:
        """Return the token for work of one's own; empty where there is none.

        Raises:
            ValueError: if its file cannot be read.
        """
        if self.service_token_file is None:
            return self.service_token.get_secret_value().strip()
        try:
            return self.service_token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ValueError(f"SERVICE_TOKEN_FILE cannot be read: {type(error).__name__}") from None

    @contextmanager
    def tracing(self, service: str) -> Iterator[Tracer | None]:
        """Yield what traces a service's calls, if that is wanted; at the end the last spans are sent.

        Raises:
            ValueError: if what sends them is not installed.
        """
        if not self.otel_exporter_otlp_endpoint:
            yield None
            return
        tracer = ExportingTracer(service, self.otel_exporter_otlp_endpoint)
        try:
            yield tracer
        finally:
            tracer.stop()

    @property
    def tls(self) -> Tls | None:
        """How the servers that this one calls are known; None: no TLS to them."""
        return None if self.tls_ca_file is None else Tls(self.tls_ca_file, self.tls_server_name)

    @property
    def _has_tokens(self) -> bool:
        return self.tokens_file is not None or bool(self.tokens.get_secret_value())

    def _missing_protection(self) -> Iterator[str]:
        if self.tls_cert_file is None:
            yield "TLS (TLS_CERT_FILE, TLS_KEY_FILE)"
        if not self._has_tokens:
            yield "tokens (TOKENS_FILE)"


def read_settings(kind: type[S], program: str) -> S:
    """Return the settings that the environment and the command line give; secrets by the environment only.

    Ends the process with code 2 and one line a fault where they are not valid. Pydantic's own text would print the
    value of every setting, secrets too.
    """
    for option in _secret_options(kind, sys.argv[1:]):
        print(
            f"{program}: {option} is a secret, which the list of processes would show: set it by the environment",
            file=sys.stderr,
        )
        raise SystemExit(2)
    try:
        return CliApp.run(kind)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            where = "".join(f"{part}: " for part in fault["loc"]).upper()
            print(f"{program}: {where}{fault['msg'].removeprefix('Value error, ')}", file=sys.stderr)
    raise SystemExit(2)


def _secret_options(kind: type[BaseSettings], arguments: list[str]) -> Iterator[str]:
    secret = {
        f"--{name.replace('_', '-')}" for name, field in kind.model_fields.items() if field.annotation is SecretStr
    }
    for argument in arguments:
        option = argument.partition("=")[0].replace("_", "-")
        if len(option) > 2 and any(name.startswith(option) for name in secret):  # options may be abbreviated
            yield option
