"""The application: routes, middleware, and errors in the frontends' form."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from gateway import pages, v1
from gateway.analyses import Analyses
from gateway.backend import Backend
from gateway.buckets import Buckets, buckets_in
from gateway.console import Console
from gateway.credentials import CredentialCheck
from gateway.description import Description
from gateway.front import Front
from gateway.guard import REQUEST_ID_HEADER, Check, Guard, Guarded
from gateway.holding import Room
from gateway.hosts import HostCheck
from gateway.kinds import Kinds
from gateway.limits import RateLimit
from gateway.problems import answer_of, error_answer
from gateway.receiving import Receiving
from gateway.rendered import Rendered
from gateway.routes import Routes
from gateway.settings import GatewaySettings
from gateway.signatures import Signatures
from gateway.uploads import UploadLimits
from gateway.v1.context import Context
from gateway.visualizations import Visualizations
from gateway.webhooks import Webhooks
from rpc.access import Access
from rpc.errors import AssayError
from rpc.metrics import CallMetrics
from rpc.reasons import Reason
from rpc.tracing import Tracer

_DESCRIPTION = "Analyse once, answer everywhere: recordings in, analyses out, computed at most once."


_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
_ASKED_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "If-None-Match", "Last-Event-ID", "Prefer")
_TOLD_HEADERS = (
    "Cache-Status",
    "Content-Encoding",
    "ETag",
    "Link",
    "Location",
    "Preference-Applied",
    "Repr-Digest",
    "Retry-After",
)
"""What pages of other origins may send and read beside what every page may."""
_SENTENCES = {"extra_forbidden": "there is no such field here", "missing": "must be given"}
_FIELD = re.compile("[a-z0-9_]+")
"""A field's name or a place in a list; the framework puts the names of types between them."""


def create_app(
    settings: GatewaySettings,
    backend: Backend,
    registry: CollectorRegistry,
    access: Access | None = None,
    tracer: Tracer | None = None,
) -> Front:
    """Return the application over a backend; its metrics go to `registry`. Without `access` everybody is let in."""
    access = access or Access()
    analyses = Analyses(backend, Rendered(settings.rendered_memory_bytes), Room(settings.upload_memory_bytes))
    metrics = CallMetrics(registry, "gateway")
    guard = Guard(metrics, settings.max_deadline_seconds, _checks(settings, access), tracer)
    limits = UploadLimits(settings.max_upload_bytes, settings.max_metadata_bytes, settings.upload_idle_seconds)
    app = _framework(settings, guard)
    receiving = Receiving(limits, settings.max_uploads)
    v1.add(app.router, Context(backend, analyses, receiving, Kinds(backend), access))
    console = Console()
    Routes(analyses, backend, receiving, registry, console).add_to(app.router)
    Visualizations(analyses, backend).add_to(app.router)
    console.add_to(app.router)
    pages.add(app.router, f"{app.title} - interface", "/openapi.json")
    Description(app, backend).add_to(app.router)
    if settings.secrets:
        _webhooks(settings, backend, access).add_to(app.router)
    return Front(app, v1.shortcut(analyses, guard))


def _framework(settings: GatewaySettings, guard: Guard) -> FastAPI:
    return FastAPI(
        title="Assaycache",
        version="1",
        description=_DESCRIPTION,
        openapi_url=None,  # see `Description`
        docs_url=None,  # the framework's own pages load from a third party's host
        redoc_url=None,
        middleware=_middleware(settings, guard),
        exception_handlers={
            AssayError: _assay_error,
            HTTPException: _http_error,
            RequestValidationError: _validation_error,
        },
    )


def _webhooks(settings: GatewaySettings, backend: Backend, access: Access) -> Webhooks:
    signatures = Signatures(settings.secrets, settings.webhook_tolerance_seconds)
    buckets = Buckets(buckets_in(settings.buckets))
    return Webhooks(backend, signatures, buckets, access, settings.webhook_token.get_secret_value())


def _middleware(settings: GatewaySettings, guard: Guard) -> list[Middleware]:
    """Outermost first. CORS stands outside so that pages can read errors too."""
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=_METHODS,
            allow_headers=[*_ASKED_HEADERS, REQUEST_ID_HEADER],
            expose_headers=[*_TOLD_HEADERS, REQUEST_ID_HEADER],
        ),
        Middleware(Guarded, guard=guard),
    ]


def _checks(settings: GatewaySettings, access: Access) -> list[Check]:
    """Return what every request passes, in this order: only known tokens are counted."""
    return [
        HostCheck(settings.hosts, settings.origins),
        CredentialCheck(access),
        *([RateLimit(settings.rate_limit)] if settings.rate_limit else []),
    ]


_REASONS = {HTTPStatus.REQUEST_ENTITY_TOO_LARGE: Reason.BLOB_TOO_LARGE.value}


async def _assay_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AssayError)  # noqa: S101 - tells the type checker what the registration says
    return error_answer(error)


async def _http_error(request: Request, error: Exception) -> Response:
    """Answer what the framework found, no such route or no such method; the reason is HTTP's own name for it."""
    assert isinstance(error, HTTPException)  # noqa: S101 - tells the type checker what the registration says
    status = HTTPStatus(error.status_code)
    reason = _REASONS.get(status, status.name)
    answer = answer_of(status, f"{status.phrase}: GET /docs shows the addresses.", reason)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(sorted(_methods_at(request)))
    return answer


def _methods_at(request: Request) -> set[str]:
    """Return the methods of an address; the framework tells those of its first route only."""
    asked = [{**request.scope, "method": method} for method in _METHODS]
    methods = {
        scope["method"] for scope in asked if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    }
    return methods | {"HEAD"} if "GET" in methods else methods


async def _validation_error(_request: Request, error: Exception) -> Response:
    """Answer that a path or query parameter is outside its domain."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - tells the type checker what the registration says
    violations = [
        {"field": _field_of(item["loc"]), "message": _sentence_of(item)}
        for item in error.errors()
        if item["type"] != "none_required"  # the other half of a field that may be absent
    ]
    message = "; ".join(f"{item['field']}: {item['message']}" for item in violations)
    return answer_of(422, message, Reason.FIELD_INVALID, violations)


def _field_of(place: tuple[int | str, ...]) -> str:
    """Return a field's name, with the objects that it is in, and without the part of the request."""
    within = place[1:] if place and place[0] in {"query", "path", "header"} else place
    return ".".join(part for part in map(str, within) if _FIELD.fullmatch(part)) or "body"


def _sentence_of(item: Mapping[str, Any]) -> str:
    """Return what is wrong with a field in our words, where the framework's are its own."""
    return _SENTENCES.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")
