from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.opening import check_future, in_words, opening_instant
from domain.refusals import Refused


def _code(text: str, zone: str | None) -> str:
    with pytest.raises(Refused) as refused:
        opening_instant(text, zone)
    return refused.value.reasons[0].code


def test_a_wall_time_means_its_zone() -> None:
    assert opening_instant("2026-12-01T09:00:00", "America/New_York") == datetime(
        2026, 12, 1, 14, tzinfo=UTC
    )


def test_a_time_with_an_offset_means_itself_whatever_the_zone() -> None:
    assert opening_instant("2026-12-01T09:00:00-05:00", "Asia/Tokyo") == datetime(
        2026, 12, 1, 14, tzinfo=UTC
    )


def test_a_wall_time_without_a_zone_is_refused() -> None:
    assert _code("2026-12-01T09:00:00", None) == "naive_time"


def test_a_wall_time_that_clocks_skip_is_refused() -> None:
    assert _code("2027-03-14T02:30:00", "America/New_York") == "nonexistent_time"


def test_a_wall_time_that_comes_twice_is_refused() -> None:
    assert _code("2027-11-07T01:30:00", "America/New_York") == "ambiguous_time"


def test_a_skipped_or_repeated_wall_time_with_its_offset_is_taken() -> None:
    assert opening_instant("2027-11-07T01:30:00-05:00", "America/New_York") == datetime(
        2027, 11, 7, 6, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-12-01", "2026-13-01T09:00", "x" * 60, "0001-01-01T00:00+14:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    assert _code(text, "UTC") == "malformed_time"


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "localtime", "Factory", "", "../etc/passwd", "x" * 200]
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    assert _code("2026-12-01T09:00:00", zone) == "unknown_time_zone"


@pytest.mark.parametrize(
    ("ahead", "code"),
    [
        (timedelta(), "past_time"),
        (timedelta(seconds=-1), "past_time"),
        (timedelta(days=401), "too_far_ahead"),
    ],
)
def test_an_opening_must_lie_ahead_but_not_too_far(ahead: timedelta, code: str) -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    with pytest.raises(Refused) as refused:
        check_future(now + ahead, now)
    assert refused.value.reasons[0].code == code


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    st.sampled_from(["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]),
)
def test_a_wall_time_that_is_taken_reads_back_as_itself(wall: datetime, zone: str) -> None:
    wall = wall.replace(microsecond=0)
    try:
        instant = opening_instant(wall.isoformat(), zone)
    except Refused as refused:
        assert refused.reasons[0].code in {"nonexistent_time", "ambiguous_time"}
    else:
        assert f"{wall:%M:%S}" in in_words(instant, zone)
        assert f"{wall:%B %Y}" in in_words(instant, zone)


def test_the_words_name_day_time_and_zone() -> None:
    instant = datetime(2026, 12, 1, 14, tzinfo=UTC)
    assert in_words(instant, "America/New_York") == (
        "Tuesday, 1 December 2026 at 9:00:00 AM EST (America/New_York)"
    )
