import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from temporalio.exceptions import ApplicationError

from domain.clocks import ClockReading
from domain.contracts import BookingEnd
from domain.errors import SoldOut, Throttled, UnknownOutcome
from domain.pacing import Pause
from domain.states import FailureCode
from tests.activities.booth import MS, Booth
from tests.eventually import eventually

SOON = 150 * MS


async def test_it_is_sent_at_its_time_and_never_before(booth: Booth) -> None:
    order = await booth.executing(SOON)

    result = await booth.book(order)

    assert result.end is BookingEnd.BOOKED
    assert [at >= order.send_at for at in booth.sent(order.registration_id)] == [True]
    assert [made.answer for made in result.tries] == ["Booked"]


async def test_where_nothing_stands_against_it_it_is_sent_over_its_lane(booth: Booth) -> None:
    order = await booth.executing(400 * MS)
    booking = asyncio.create_task(booth.book(order))
    await eventually(lambda: bool(booth.provider.lanes))
    (lane,) = booth.provider.lanes
    fired = list[bool]()
    fire = lane.fire
    lane.fire = lambda told=None: fired.append(fire(told)) or True  # type: ignore[method-assign]

    assert (await booking).end is BookingEnd.BOOKED
    assert fired == [True]


async def test_a_window_that_opens_late_is_tried_until_it_does_and_each_try_is_told(
    booth: Booth,
) -> None:
    order = await booth.executing(SOON)
    booth.event.opens_at = order.send_at + 200 * MS

    result = await booth.book(order)

    answers = [made.answer for made in result.tries]
    assert answers[-1] == "Booked"
    assert set(answers[:-1]) == {"NotOpenYet"}
    assert result.booking is not None
    assert result.booking.attempts == len(answers) == len(booth.sent(order.registration_id))
    assert result.booking.first_request_at == result.tries[0].sent_at


async def test_sold_out_ends_the_tries_at_once(booth: Booth) -> None:
    order = await booth.executing(SOON)
    booth.provider.script.fail_next("book", SoldOut("gone"))

    result = await booth.book(order)

    assert (result.end, result.failure_code) == (BookingEnd.REFUSED, FailureCode.SOLD_OUT)
    assert [made.answer for made in result.tries] == ["SoldOut"]


async def test_a_provider_whose_clock_is_surely_behind_is_sent_to_later_by_what_is_sure(
    booth: Booth,
) -> None:
    order = await booth.executing(SOON)
    booth.provider.reading = ClockReading(offset=-300 * MS, uncertainty=20 * MS, readings=3)
    booth.provider.skew = -280 * MS

    result = await booth.book(order)

    assert result.booking is not None
    assert (result.booking.attempts, result.booking.clock_wait_ms) == (1, 280)
    assert result.booking.lateness_ms >= 280
    assert result.clocks.provider == booth.provider.reading


async def test_a_provider_whose_clock_is_ahead_is_not_sent_to_early(booth: Booth) -> None:
    order = await booth.executing(SOON)
    booth.provider.reading = ClockReading(offset=700 * MS, uncertainty=5 * MS, readings=9)
    booth.provider.skew = 700 * MS

    await booth.book(order)

    assert [at >= order.send_at for at in booth.sent(order.registration_id)] == [True]


async def test_a_throttled_account_goes_on_in_the_order_of_confirmation(booth: Booth) -> None:
    first, second = await booth.executing(SOON), await booth.executing(SOON)
    second = second.model_copy(update={"send_at": first.send_at + 40 * MS, "rank": 2})
    booth.provider.script.fail_next("book", Throttled(300 * MS))

    results = await asyncio.gather(booth.book(first), booth.book(second))

    assert [result.end for result in results] == [BookingEnd.BOOKED] * 2
    assert [made.answer for made in results[0].tries] == ["Throttled", "Booked"]
    resent, later = booth.sent(first.registration_id)[1], booth.sent(second.registration_id)[-1]
    assert resent >= first.send_at + 300 * MS
    assert later > resent
    assert later >= second.send_at + 300 * MS


async def test_a_pause_longer_than_the_grace_is_left_to_temporal(booth: Booth) -> None:
    order = await booth.executing(SOON)
    booth.provider.script.fail_next("book", Throttled(timedelta(minutes=1)))

    with pytest.raises(ApplicationError) as throttled:
        await booth.book(order)

    assert throttled.value.type == "Throttled"
    assert throttled.value.next_retry_delay == timedelta(minutes=1)
    assert booth.markers(order) == ["released"]


async def test_it_is_sent_once_a_pause_longer_than_the_grace_is_over(booth: Booth) -> None:
    order = await booth.executing(SOON)
    pause = order.timing.opening_grace + 500 * MS
    booth.provider.script.fail_next("book", Throttled(pause))
    with pytest.raises(ApplicationError) as throttled:
        await booth.book(order)
    assert throttled.value.next_retry_delay is not None
    await asyncio.sleep(throttled.value.next_retry_delay.total_seconds())

    assert (await booth.book(order)).end is BookingEnd.BOOKED

    assert len(booth.sent(order.registration_id)) == 2


async def test_a_long_pause_that_another_process_wrote_is_left_to_temporal_before_the_instant(
    booth: Booth,
) -> None:
    order = (await booth.executing(800 * MS)).model_copy(update={"rank": 7, "sharing": 7})
    account = booth.household.program
    pause = Pause(since=order.send_at, until=order.send_at + timedelta(minutes=10))
    await booth.records.pause_account(account.provider, account.org_ref, pause)

    with pytest.raises(ApplicationError) as throttled:
        await booth.book(order)

    assert throttled.value.type == "Throttled"
    assert booth.markers(order) == ["released"]
    assert booth.provider.sends == []


async def test_a_provider_that_throttles_without_asking_for_quiet_is_given_some(
    booth: Booth,
) -> None:
    order = await booth.executing(SOON)
    booth.provider.script.fail_next("book", Throttled(timedelta()), times=3)

    result = await booth.book(order)

    assert result.end is BookingEnd.BOOKED
    sent = booth.sent(order.registration_id)
    assert all(later - earlier >= 50 * MS for earlier, later in pairwise(sent))


async def test_before_a_send_on_top_of_a_lost_one_it_is_looked_for_once_more(
    booth: Booth,
) -> None:
    order = await booth.executing(SOON)
    booth.provider.script.fail_next("book", UnknownOutcome("reset"))
    booth.provider.script.fail_next("book", Throttled(1200 * MS))

    booking = asyncio.create_task(booth.book(order))
    await eventually(lambda: len(booth.provider.sends) == 2)
    await booth.provider.book(booth.provider.sends[0][1])  # the lost one, made late
    result = await booking

    assert (result.end, booth.bookings(order)) == (BookingEnd.BOOKED, 1)
    assert result.booking is not None
    assert result.booking.found_by_lookup


async def test_a_clock_that_does_not_answer_costs_no_lateness(booth: Booth) -> None:
    order = await booth.executing(timedelta(seconds=7))
    booth.provider.narrows = True
    booth.provider.script.hold_next("probe_clock")

    result = await booth.book(order)

    assert result.booking is not None
    assert (result.booking.lateness_ms < 1_000, result.booking.armed_late) == (True, False)


async def test_an_account_row_that_is_read_slowly_costs_no_lateness(
    booth: Booth, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = (await booth.executing(800 * MS)).model_copy(update={"rank": 7, "sharing": 7})

    async def slow() -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr(booth.records, "account_pauses", slow)

    result = await booth.book(order)

    assert result.booking is not None
    assert result.booking.lateness_ms < 1_000


async def test_a_rank_beyond_the_burst_heeds_the_pause_another_process_wrote(
    booth: Booth,
) -> None:
    order = (await booth.executing(800 * MS)).model_copy(update={"rank": 7, "sharing": 7})
    account = booth.household.program
    pause = Pause(since=order.send_at, until=order.send_at + 300 * MS)
    await booth.records.pause_account(account.provider, account.org_ref, pause)

    await booth.book(order)

    assert [at >= pause.until for at in booth.sent(order.registration_id)] == [True]


async def test_a_dropped_connection_is_replaced_before_the_instant(booth: Booth) -> None:
    order = await booth.executing(700 * MS)

    booking = asyncio.create_task(booth.book(order))
    await eventually(lambda: bool(booth.provider.lanes))
    booth.provider.drop_lanes()
    result = await booking

    assert result.end is BookingEnd.BOOKED
    assert len(booth.provider.lanes) == 2
    assert result.booking is not None
    assert not result.booking.armed_late


async def test_one_that_is_armed_late_is_sent_without_a_connection_of_its_own_and_says_so(
    booth: Booth,
) -> None:
    order = await booth.executing(SOON)

    result = await booth.book(order)

    assert result.booking is not None
    assert result.booking.armed_late
    assert booth.provider.lanes == []


async def test_after_a_refusal_it_is_tried_when_the_providers_clock_says_it_must_be_open(
    booth: Booth,
) -> None:
    order = await booth.executing(SOON)
    booth.provider.reading = ClockReading(offset=-300 * MS, uncertainty=100 * MS, readings=3)
    booth.provider.skew = -390 * MS

    result = await booth.book(order)

    assert [made.answer for made in result.tries] == ["NotOpenYet", "Booked"]
    assert result.tries[1].sent_at >= order.send_at + 400 * MS
