from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.recurrence import BUSINESS, Daily, Every, Fault, Unclear, unclear_times
from domain.refusals import Refused

YEAR_2027 = (date(2027, 1, 1), date(2027, 12, 31))


def _next(when: Daily | Every, after: datetime, count: int = 1) -> list[datetime]:
    return list(islice(when.times_after(after), count))


def test_an_interval_counts_from_1970_and_not_from_when_it_was_made() -> None:
    after = datetime(2026, 12, 1, 14, 3, 7, tzinfo=UTC)

    assert _next(Every(timedelta(minutes=10)), after, 2) == [
        datetime(2026, 12, 1, 14, 10, tzinfo=UTC),
        datetime(2026, 12, 1, 14, 20, tzinfo=UTC),
    ]


def test_a_nominal_time_is_not_after_itself() -> None:
    due = datetime(2026, 12, 1, 8, tzinfo=UTC)

    assert _next(Every(timedelta(hours=1)), due) == [due + timedelta(hours=1)]
    assert _next(Daily(at=(time(8),)), due) == [due + timedelta(days=1)]


def test_a_daily_time_follows_the_clocks_of_its_zone() -> None:
    morning = Daily(at=(time(8),), zone="America/New_York")

    assert _next(morning, datetime(2027, 3, 13, 14, tzinfo=UTC)) == [
        datetime(2027, 3, 14, 12, tzinfo=UTC)
    ]
    assert _next(morning, datetime(2027, 3, 12, 14, tzinfo=UTC)) == [
        datetime(2027, 3, 13, 13, tzinfo=UTC)
    ]


def test_a_skipped_time_comes_not_on_that_day_and_a_repeated_one_twice() -> None:
    night = Daily(at=(time(2, 30),), zone="Europe/Berlin")

    spring = _next(night, datetime(2027, 3, 27, 12, tzinfo=UTC))
    autumn = _next(night, datetime(2027, 10, 30, 12, tzinfo=UTC), 2)

    assert spring == [datetime(2027, 3, 29, 0, 30, tzinfo=UTC)]
    assert autumn == [
        datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
        datetime(2027, 10, 31, 1, 30, tzinfo=UTC),
    ]


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2032, 1, 1)),
    st.lists(st.times().map(lambda one: one.replace(microsecond=0)), min_size=1, max_size=4),
    st.sampled_from(["America/Santiago", "Europe/Berlin", "Australia/Lord_Howe", "UTC"]),
)
def test_nominal_times_come_in_order_and_show_what_was_asked_for(
    after: datetime, walls: list[time], zone: str
) -> None:
    when = Daily(at=tuple(walls), zone=zone)
    found = _next(when, after.replace(tzinfo=UTC), 5)

    assert found == sorted(set(found))
    assert found[0] > after.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "wall", "day", "fault"),
    [
        ("America/New_York", time(2, 30), date(2027, 3, 14), Fault.SKIPPED),
        ("America/New_York", time(1, 30), date(2027, 11, 7), Fault.REPEATED),
        ("Europe/Berlin", time(2, 30), date(2027, 3, 28), Fault.SKIPPED),
        ("Europe/Berlin", time(2, 30), date(2027, 10, 31), Fault.REPEATED),
        ("America/Santiago", time(0, 0), date(2027, 9, 5), Fault.SKIPPED),
        ("America/Santiago", time(23, 30), date(2027, 4, 3), Fault.REPEATED),
        ("Australia/Lord_Howe", time(2, 15), date(2027, 10, 3), Fault.SKIPPED),
        ("Australia/Lord_Howe", time(1, 45), date(2027, 4, 4), Fault.REPEATED),
        ("Australia/Lord_Howe", time(1, 15), date(2027, 4, 4), Fault.DOUBLED),
        ("Europe/Berlin", time(1, 30), date(2027, 10, 31), Fault.DOUBLED),
    ],
)
def test_a_wall_time_that_a_clock_change_hits_is_found_with_its_day(
    zone: str, wall: time, day: date, fault: Fault
) -> None:
    found = list(unclear_times(Daily(at=(wall,), zone=zone), *YEAR_2027))

    assert Unclear(datetime.combine(day, wall), zone, fault) in found


@pytest.mark.parametrize(
    "when",
    [
        Daily(at=(time(8),), zone="America/New_York"),
        Daily(at=(time(2), time(2, 30), time(4)), zone="UTC"),
        Daily(at=(time(2, 45),), zone="Australia/Lord_Howe"),
        Every(timedelta(minutes=1)),
    ],
    ids=str,
)
def test_what_no_clock_change_hits_is_clear(when: Daily | Every) -> None:
    assert list(unclear_times(when, *YEAR_2027)) == []


def test_the_zone_of_the_business_stands_in_until_it_is_known() -> None:
    morning = Daily(at=(time(8),), zone=BUSINESS)

    with pytest.raises(Refused):
        next(morning.times_after(datetime(2027, 1, 1, tzinfo=UTC)))
    assert morning.in_zone("Europe/Berlin") == Daily(at=(time(8),), zone="Europe/Berlin")
    assert Daily(at=(time(2),)).in_zone("Europe/Berlin").zone == "UTC"


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (Every(timedelta(minutes=1)), "every 1 min"),
        (Every(timedelta(seconds=5)), "every 5 s"),
        (Every(timedelta(seconds=90)), "every 90 s"),
        (Daily(at=(time(8), time(20, 30)), zone="UTC"), "daily at 08:00, 20:30 UTC"),
    ],
)
def test_when_is_said_in_words(when: Daily | Every, words: str) -> None:
    assert str(when) == words
