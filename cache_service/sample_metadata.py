"""Where and when a sample was taken, out of the metadata that came with it.

Labs and their frontends write it under several names and in several forms. What is not understood stays in the metadata
and is None here: it never is an error.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

_LOCATION = ("location", "location_name", "site", "site_name", "station", "locality", "place")
_LATITUDE = ("latitude", "lat", "decimal_latitude")
_LONGITUDE = ("longitude", "lon", "lng", "long", "decimal_longitude")
_COORDINATES = ("coordinates", "lat_lon", "gps", "location")
_DEPTH = ("depth_m", "depth", "depth_metres", "depth_meters", "sampling_depth", "sample_depth", "water_depth")
_COLLECTED = (
    "collected_at",
    "collection_time",
    "collection_date",
    "sampling_time",
    "sampling_date",
    "sampled_at",
    "date_time",
    "event_date",
    "timestamp",
    "date",
    "time",
)
_ENVIRONMENT = ("environment", "environment_type", "env_medium", "env_broad_scale", "habitat", "biome", "sample_type")
_WITHIN = ("sample", "sample_metadata", "location", "coordinates", "gps")
"""Objects within the metadata that are looked into, too."""

_NUMBER = r"([+-]?\d{1,9}(?:\.\d{0,15})?)"
_METRES = re.compile(rf"{_NUMBER}\s*(?:m|metres?|meters?)?", re.IGNORECASE | re.ASCII)
_DEGREES = re.compile(rf"{_NUMBER}\s*°?\s*([NSEW]?)", re.IGNORECASE | re.ASCII)
_PAIR = re.compile(r"([^,;]+)[,;]([^,;]+)")
_DEEPEST_M = 12_000.0
"""No sea is deeper: beyond it the number is in another unit."""
_LARGEST = 1e9
_MOST_CHARS = 500

_T = TypeVar("_T")
_Object = Mapping[str, Any]


class Origin(NamedTuple):
    """The columns of `submissions` that come out of the metadata."""

    location: str | None
    latitude: float | None
    longitude: float | None
    depth_m: float | None
    collected_at: datetime | None
    environment: str | None


def origin_of(metadata: _Object) -> Origin:
    """Return what metadata say of where, when and out of what a sample was taken."""
    whole = _plainly(metadata)
    inner = [_plainly(value) for name in _WITHIN if isinstance(value := whole.get(_plain(name)), dict)]
    places = [whole, *inner]
    latitude, longitude = _first(places, _LATITUDE, _latitude), _first(places, _LONGITUDE, _longitude)
    if latitude is None or longitude is None:  # half a place is none
        latitude, longitude = _first(places, _COORDINATES, _pair) or (None, None)
    return Origin(
        _first(places, _LOCATION, _words) or _first(inner, ("name",), _words),
        latitude,
        longitude,
        _first(places, _DEPTH, _depth),
        _first(places, _COLLECTED, _moment),
        _first(places, _ENVIRONMENT, _words),
    )


def _plainly(metadata: _Object) -> _Object:
    """Return metadata by names without case and without what joins their words."""
    return {_plain(name): value for name, value in metadata.items()}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _first(places: Sequence[_Object], names: Sequence[str], read: Callable[[Any], _T | None]) -> _T | None:
    """Return the first value of one of these names that can be read."""
    values = (place[name] for place in places for name in map(_plain, names) if name in place)
    return next((found for value in values if (found := read(value)) is not None), None)


def _words(value: Any) -> str | None:
    return value.strip()[:_MOST_CHARS] or None if isinstance(value, str) else None


def _depth(value: Any) -> float | None:
    depth_m = _number(value, _METRES)
    return depth_m if depth_m is not None and abs(depth_m) <= _DEEPEST_M else None


def _latitude(value: Any) -> float | None:
    return _degrees(value, "NS", 90.0)


def _longitude(value: Any) -> float | None:
    return _degrees(value, "EW", 180.0)


def _pair(value: Any) -> tuple[float, float] | None:
    """Return latitude and longitude out of a text such as "59.3 N, 18.1 E". A list may mean either order."""
    found = _PAIR.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    latitude, longitude = _latitude(found[1]), _longitude(found[2])
    return None if latitude is None or longitude is None else (latitude, longitude)


def _degrees(value: Any, hemispheres: str, most: float) -> float | None:
    degrees = _number(value, _DEGREES)
    if degrees is None or abs(degrees) > most:
        return None
    found = _DEGREES.fullmatch(value.strip()) if isinstance(value, str) else None
    letter = found[2].upper() if found else ""
    if letter and (letter not in hemispheres or degrees < 0):
        return None
    return -degrees if letter == hemispheres[1] else degrees


def _number(value: Any, form: re.Pattern[str]) -> float | None:
    if isinstance(value, float) or type(value) is int:  # a bool is an int, too
        return float(value) if abs(value) <= _LARGEST else None
    found = form.fullmatch(value.strip()) if isinstance(value, str) else None
    return float(found[1]) if found else None


def _moment(value: Any) -> datetime | None:
    """Return a time of ISO 8601. A time of day alone is none, nor is a number: seconds or milliseconds?"""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
