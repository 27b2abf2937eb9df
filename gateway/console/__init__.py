"""The console: pages for people, at `/`. They are sent as they lie in `files` and speak to this gateway only."""

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

HOME = "index.html"
ASSETS = "/console"

_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
"""No host but this one, no script or style but those files, and none made of text: what uploads say is never markup."""

_HEADERS = {
    "Cache-Control": "no-cache",  # keep, but ask: an upgrade shows at once, and asking is cheap
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, as it is sent."""

    body: bytes
    media_type: str
    tag: str

    def answer(self, if_none_match: str) -> Response:
        """Return it, or that the caller has it."""
        headers = {**_HEADERS, "ETag": self.tag}
        if self.tag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(self.body, headers=headers, media_type=self.media_type)


class Console:
    """All files of the console, read once: an address can name these and nothing else."""

    def __init__(self) -> None:
        self._assets = dict(_found(files(__name__).joinpath("files"), ""))

    def home(self, request: Request) -> Response:
        """Return the page that all views are in."""
        return self._assets[HOME].answer(request.headers.get("if-none-match", ""))

    def add_to(self, router: APIRouter) -> None:
        """Add the route of the files that the page names."""

        @router.get(ASSETS + "/{name:path}", include_in_schema=False)
        async def asset(request: Request, name: str) -> Response:
            """Return a part of the console."""
            if name not in self._assets:
                raise HTTPException(404)
            return self._assets[name].answer(request.headers.get("if-none-match", ""))


def is_browser(request: Request) -> bool:
    """Tell whether a person's browser asks, rather than a program."""
    return "text/html" in request.headers.get("accept", "")


def _found(folder: Traversable, within: str) -> list[tuple[str, Asset]]:
    found = []
    for item in folder.iterdir():
        name = within + item.name
        if item.is_dir():
            found += _found(item, name + "/")
        else:
            found.append((name, _asset(item)))
    return found


def _asset(file: Traversable) -> Asset:
    body = file.read_bytes()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    return Asset(body, _TYPES[file.name.rpartition(".")[2]], tag)
