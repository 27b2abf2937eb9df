"""What every request meets first."""

import re
from dataclasses import dataclass
from functools import partial

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.headers import first_header


@dataclass(frozen=True, slots=True)
class Shortcut:
    """What is asked more than all else: its route's path, the paths that it is sure to answer, and what answers."""

    path: str
    paths: re.Pattern[str]
    app: ASGIApp

    def takes(self, scope: Scope) -> bool:
        """Tell whether a request is for it; what names an origin is left to the framework, which knows CORS."""
        return (
            scope["method"] == "GET"
            and self.paths.fullmatch(scope["path"]) is not None
            and first_header(scope, b"origin") is None
        )


class Front:
    """Answers HEAD as GET without its body, and leads past the framework what has a shortcut."""

    def __init__(self, framework: ASGIApp, shortcut: Shortcut) -> None:
        self._framework = framework
        self._shortcut = shortcut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is the framework's."""
        if scope["type"] != "http":
            await self._framework(scope, receive, send)
            return
        if scope["method"] == "HEAD":
            scope, send = {**scope, "method": "GET"}, partial(_without_body, send)
        if self._shortcut.takes(scope):
            scope["route"] = self._shortcut
            await self._shortcut.app(scope, receive, send)
        else:
            await self._framework(scope, receive, send)


async def _without_body(send: Send, message: Message) -> None:
    await send({**message, "body": b""} if message["type"] == "http.response.body" else message)
