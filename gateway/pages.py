"""Pages for people: what problems mean, and the interface in a browser, without any third party's host."""

from importlib.resources import files

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from gateway import catalogue

_SWAGGER = "fastapi_swagger.resources"
_ASSETS = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
    "favicon-32x32.png": "image/png",
}
_KEEP = {"Cache-Control": "public, max-age=86400"}


def add(routes: APIRouter, title: str, openapi_url: str) -> None:
    """Add the routes."""

    @routes.get("/docs", include_in_schema=False)
    async def docs() -> Response:
        """Show the interface."""
        return get_swagger_ui_html(
            openapi_url=openapi_url,
            title=title,
            swagger_js_url="/docs/swagger-ui-bundle.js",
            swagger_css_url="/docs/swagger-ui.css",
            swagger_favicon_url="/docs/favicon-32x32.png",
        )

    @routes.get("/docs/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        """Return a part of that page, out of the package that ships it."""
        if name not in _ASSETS:
            raise HTTPException(404)
        return Response(files(_SWAGGER).joinpath(name).read_bytes(), headers=_KEEP, media_type=_ASSETS[name])

    @routes.get("/problems", include_in_schema=False)
    async def problems() -> Response:
        """List what can go wrong."""
        return HTMLResponse(catalogue.list_page(), headers=_KEEP)

    @routes.get("/problems/{reason}", include_in_schema=False)
    async def problem(reason: str) -> Response:
        """Explain one problem."""
        if not catalogue.knows(reason):
            raise HTTPException(404)
        return HTMLResponse(catalogue.page_of(reason), headers=_KEEP)
