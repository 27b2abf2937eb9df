"""Structured logs on standard error, with the request id in every line."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from rpc.context import request_id


def configure_logs(service: str, level: str, form: str) -> None:
    """Send all logs to standard error: `form` is "json" or "text", `level` a name such as "INFO"."""
    renderer = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)

    def with_service(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["service"] = service
        return event

    structlog.configure(
        processors=[
            with_service,
            _with_request_id,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=level.upper(), stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")


def get_logger(name: str) -> Any:
    """Return the logger of a module."""
    return structlog.get_logger(module=name)


def _with_request_id(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    identifier = request_id.get()
    if identifier:
        event["request_id"] = identifier
    return event
