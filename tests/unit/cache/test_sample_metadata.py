"""What is understood of a sample's metadata, and that nothing in them is ever an error."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache_service.sample_metadata import Origin, origin_of

NOTHING = Origin(None, None, None, None, None, None)
NOON = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


def test_the_names_of_the_columns_are_understood() -> None:
    said = {
        "location": "Gullmarsfjord",
        "latitude": 58.3,
        "longitude": 11.5,
        "depth_m": 116,
        "collected_at": "2026-03-01T12:30:00Z",
        "environment": "sea water",
        "vessel": "Skagerak",
    }
    assert origin_of(said) == Origin("Gullmarsfjord", 58.3, 11.5, 116.0, NOON, "sea water")


@pytest.mark.parametrize(
    ("metadata", "field", "value"),
    [
        ({"Site Name": " Alsbäck "}, "location", "Alsbäck"),
        ({"Depth": "116 m"}, "depth_m", 116.0),
        ({"depth": "2.5 metres"}, "depth_m", 2.5),
        ({"depth": 0}, "depth_m", 0.0),
        ({"env-medium": "sediment"}, "environment", "sediment"),
        ({"collectionDate": "2026-03-01"}, "collected_at", datetime(2026, 3, 1, tzinfo=UTC)),
        ({"time": "2026-03-01T13:30:00+01:00"}, "collected_at", NOON),
        ({"time": "12:30", "date": "2026-03-01 12:30"}, "collected_at", NOON),
        ({"sample": {"depth": 3}}, "depth_m", 3.0),
        ({"location": {"name": "Alsbäck", "lat": 58.3, "lng": 11.5}}, "location", "Alsbäck"),
        ({"depth": "deep", "water_depth": 7}, "depth_m", 7.0),
    ],
)
def test_what_labs_write_is_understood(metadata: dict[str, Any], field: str, value: object) -> None:
    assert origin_of(metadata)._asdict()[field] == value


@pytest.mark.parametrize(
    "metadata",
    [
        {"lat": 58.5, "lon": -11.5},
        {"decimalLatitude": "58.5", "decimalLongitude": "-11.5"},
        {"latitude": "58.5° N", "longitude": "11.5 W"},
        {"coordinates": "58.5, -11.5"},
        {"lat_lon": "58.5 N; 11.5 W"},
        {"coordinates": {"lat": 58.5, "lng": -11.5}},
        {"latitude": 95, "longitude": -11.5, "gps": "58.5, -11.5"},
    ],
)
def test_a_place_is_understood_in_the_forms_that_have_one_meaning(metadata: dict[str, Any]) -> None:
    assert origin_of(metadata)[1:3] == (58.5, -11.5)


@pytest.mark.parametrize(
    "metadata",
    [
        {"depth": "deep"},
        {"depth": "12 ft"},
        {"depth": True},
        {"depth": 50_000},
        {"depth": [1, 2]},
        {"latitude": 58.5},
        {"latitude": "58.5 E", "longitude": "11.5 W"},
        {"latitude": "-58.5 S", "longitude": 1},
        {"coordinates": [11.5, 58.5]},
        {"location": 7, "environment": ""},
        {"date": "yesterday"},
        {"date": "2026-02-30"},
        {"timestamp": 1772368200},
        {"date": "0001-01-01T00:00:00+14:00"},
    ],
)
def test_what_is_not_understood_is_left_alone(metadata: dict[str, Any]) -> None:
    assert origin_of(metadata) == NOTHING


names = st.sampled_from(["depth", "lat", "lon", "location", "coordinates", "date", "time", "environment", "sample"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str) | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names | st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(names | st.text(), values, max_size=8))
def test_nothing_in_metadata_is_an_error(metadata: dict[str, Any]) -> None:
    origin = origin_of(metadata)
    assert (origin.latitude is None) == (origin.longitude is None)
    assert origin.depth_m is None or abs(origin.depth_m) <= 12_000
    assert origin.collected_at is None or origin.collected_at.tzinfo is UTC
