"""Which blobs have to go."""

import pytest

from cache_service.blob_retention import KEPT_SECONDS, Limits, Seen, to_go

NOW = 1_750_000_000.0
DAY = 24 * 3600.0


def blobs(*ages_seconds: float, size_bytes: int = 100) -> list[Seen]:
    return sorted(Seen(NOW - age, f"lab/{number:02d}/x", size_bytes) for number, age in enumerate(ages_seconds))


def gone(found: list[Seen], limits: Limits) -> list[tuple[float, str]]:
    total = sum(seen.size_bytes for seen in found)
    return [(NOW - seen.used_at, reason) for seen, reason in to_go(found, total, limits, NOW)]


def test_what_is_unused_for_its_time_goes_and_the_rest_stays() -> None:
    assert gone(blobs(DAY, 3 * DAY, 2 * DAY), Limits(0, 2 * DAY)) == [(3 * DAY, "expired"), (2 * DAY, "expired")]


def test_over_the_quota_the_least_recently_used_go_until_the_rest_fits() -> None:
    found = blobs(DAY, 4 * DAY, 3 * DAY, 2 * DAY)
    assert gone(found, Limits(200, 30 * DAY)) == [(4 * DAY, "quota"), (3 * DAY, "quota")]
    assert gone(found, Limits(400, 30 * DAY)) == []


def test_what_expired_makes_room_too() -> None:
    assert gone(blobs(40 * DAY, 4 * DAY, DAY), Limits(200, 30 * DAY)) == [(40 * DAY, "expired")]


@pytest.mark.parametrize("limits", [Limits(1, 30 * DAY), Limits(1, 1.0)])
def test_what_was_used_within_the_hour_stays_whatever_the_limits_say(limits: Limits) -> None:
    assert gone(blobs(0, 60, 3600, KEPT_SECONDS - 1), limits) == []
    assert len(gone(blobs(KEPT_SECONDS, KEPT_SECONDS - 1), limits)) == 1


def test_without_a_quota_size_is_no_reason() -> None:
    assert gone(blobs(DAY, size_bytes=1 << 50), Limits(0, 30 * DAY)) == []
