from datetime import UTC, datetime, timedelta

from domain.clocks import LONGEST_COMPENSATION, ClockReading
from domain.pacing import Pace

MS = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)
T = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)


def test_the_burst_leaves_spaced_and_the_rest_at_the_rate() -> None:
    pace = Pace()

    delays = [pace.delay(rank) / MS for rank in range(1, 10)]

    assert [round(delay) for delay in delays] == [0, 40, 80, 120, 160, 200, 333, 667, 1000]


def test_no_window_of_time_holds_more_than_the_bucket_gives() -> None:
    pace = Pace(rate_per_second=5, burst=4, spacing=10 * MS)
    sent = [pace.delay(rank) for rank in range(1, 60)]

    for first in range(len(sent)):
        for last in range(first, len(sent)):
            passed = (sent[last] - sent[first]).total_seconds()
            assert last - first + 1 <= pace.burst + pace.rate_per_second * passed + 1e-6


def reading(offset: timedelta, width: timedelta = 20 * MS, readings: int = 3) -> ClockReading:
    return ClockReading(offset=offset, uncertainty=width, readings=readings)


def test_only_a_clock_that_is_surely_behind_is_waited_for_and_by_no_more_than_is_sure() -> None:
    assert reading(-700 * MS).surely_behind == 680 * MS
    assert reading(-700 * MS).behind_at_most == 720 * MS
    assert reading(-10 * MS).surely_behind == timedelta()
    assert reading(700 * MS).surely_behind == timedelta()


def test_too_few_readings_and_a_clock_too_far_off_are_not_believed() -> None:
    assert reading(-700 * MS, readings=2).surely_behind == timedelta()
    assert reading(-2 * LONGEST_COMPENSATION).surely_behind == timedelta()
    assert ClockReading().surely_behind == timedelta()


def test_a_reading_is_told_in_words_and_so_is_its_absence() -> None:
    assert reading(-700 * MS).in_words() == "-700 ms ± 20 ms (3 readings)"
    assert ClockReading().in_words() == "not known"
