"""The application: routes, middleware, and errors in the frontends' form."""

from http import HTTPStatus

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response

from gateway.analyses import Analyses
from gateway.backend import Backend
from gateway.guard import REQUEST_ID_HEADER, RequestGuard
from gateway.hosts import HostCheck
from gateway.problems import answer_of, error_answer
from gateway.rendered import Rendered
from gateway.routes import Routes
from gateway.settings import GatewaySettings
from gateway.uploads import UploadLimits
from gateway.visualizations import Visualizations
from rpc.errors import AssayError
from rpc.metrics import CallMetrics
from rpc.reasons import Reason

_DESCRIPTION = "Analyse once, answer everywhere: recordings in, analyses out, computed at most once."


def create_app(settings: GatewaySettings, backend: Backend, registry: CollectorRegistry) -> FastAPI:
    """Return the application over a backend; its metrics go to `registry`."""
    analyses = Analyses(backend, Rendered(settings.rendered_memory_bytes))
    limits = UploadLimits(settings.max_upload_bytes, settings.max_metadata_bytes, settings.upload_idle_seconds)
    app = FastAPI(
        title="Assaycache",
        version="1",
        description=_DESCRIPTION,
        middleware=_middleware(settings, registry),
        exception_handlers={
            AssayError: _assay_error,
            HTTPException: _http_error,
            RequestValidationError: _validation_error,
        },
    )
    app.include_router(Routes(analyses, backend, limits, settings.max_uploads, registry).router())
    app.include_router(Visualizations(analyses, backend).router())
    return app


def _middleware(settings: GatewaySettings, registry: CollectorRegistry) -> list[Middleware]:
    """Outermost first. CORS stands outside so that pages can read errors too."""
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Content-Type", REQUEST_ID_HEADER],
            expose_headers=[REQUEST_ID_HEADER, "Retry-After"],
        ),
        Middleware(RequestGuard, metrics=CallMetrics(registry, "gateway"), max_seconds=settings.max_deadline_seconds),
        Middleware(HostCheck, hosts=settings.hosts, origins=settings.origins),
    ]


async def _assay_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AssayError)  # noqa: S101 - tells the type checker what the registration says
    return error_answer(error)


async def _http_error(_request: Request, error: Exception) -> Response:
    """Answer what the framework found, no such route or no such method; the reason is HTTP's own name for it."""
    assert isinstance(error, HTTPException)  # noqa: S101 - tells the type checker what the registration says
    status = HTTPStatus(error.status_code)
    answer = answer_of(status, f"{status.phrase}: GET / names the addresses.", status.name)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


async def _validation_error(_request: Request, error: Exception) -> Response:
    """Answer that a path or query parameter is outside its domain."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - tells the type checker what the registration says
    violations = [{"field": str(item["loc"][-1]), "message": str(item["msg"])} for item in error.errors()]
    message = "; ".join(f"{item['field']}: {item['message']}" for item in violations)
    return answer_of(422, message, Reason.FIELD_INVALID, violations)
