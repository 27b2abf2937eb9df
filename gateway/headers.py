"""Headers as they arrive, read without an object around them."""

from starlette.types import Scope


def first_header(scope: Scope, name: bytes) -> str | None:
    """Return the value of a request's first header of a name, which is given in lower case."""
    for told, value in scope["headers"]:
        if told == name:
            return str(value, "latin-1")
    return None


def all_headers(scope: Scope, name: bytes) -> list[str]:
    """Return the values of all of a request's headers of a name, which is given in lower case."""
    return [str(value, "latin-1") for told, value in scope["headers"] if told == name]
