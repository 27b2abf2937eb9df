"""How often a caller may ask."""

from limits import RateLimitItem, parse


def rate_of(text: str) -> RateLimitItem:
    """Return a rate such as "300/minute".

    Raises:
        ValueError: it is none.
    """
    try:
        return parse(text)
    except ValueError:
        raise ValueError(f"RATE_LIMIT={text!r} is no rate such as 300/minute") from None
