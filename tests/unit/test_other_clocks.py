from datetime import UTC, datetime, timedelta

from activities.other_clocks import QUICKEST_DELIVERY, OtherClock
from domain.clocks import ClockReading

NOW = datetime(2027, 3, 1, 14, 0, tzinfo=UTC)
MS = timedelta(milliseconds=1)
AHEAD = 200 * MS


def test_what_is_read_between_asking_and_answer_bounds_the_clock_on_both_sides() -> None:
    clock = OtherClock()
    for way, back in ((30, 2), (2, 30), (10, 10)):
        clock.between(NOW - way * MS, NOW + AHEAD, NOW + back * MS)

    reading = clock.reading

    assert reading.offset is not None
    assert reading.uncertainty is not None
    assert reading.uncertainty <= 2 * MS
    assert abs(reading.offset - AHEAD) <= reading.uncertainty
    assert reading.readings == 3


def test_a_slow_delivery_tells_less_than_the_quickest_and_moves_nothing() -> None:
    clock = OtherClock()
    for late in (40, 5, 900):
        clock.handed_out(NOW + AHEAD, NOW + late * MS)

    reading = clock.reading

    assert reading.offset is not None
    assert reading.uncertainty is not None
    assert abs(reading.offset - AHEAD) <= reading.uncertainty
    assert abs(reading.uncertainty - QUICKEST_DELIVERY / 2) < MS


def test_a_clock_that_was_never_read_is_not_known() -> None:
    assert OtherClock().reading == ClockReading()
