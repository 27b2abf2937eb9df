"""The version of what is running."""

from importlib.metadata import PackageNotFoundError, version


def product_version() -> str:
    """Return the installed version; a checkout that is not installed says so."""
    try:
        return version("assaycache")
    except PackageNotFoundError:
        return "0+not.installed"
