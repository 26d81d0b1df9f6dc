"""A booking prepared on a connection of its own, in memory or over the wire."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.booking import ProviderPeople
from domain.errors import LaneLost, NotOpenYet, SoldOut, Throttled, UnknownOutcome
from tests.gateways.booking.booking_worlds import BookeoWorld, BookingWorld, an_order, order_for
from tests.gateways.booking.scripted_bookeo import BODY, ORDER, answered_by


async def test_an_armed_booking_sends_nothing_until_told_and_then_books_once(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    armed = await world.provider.arm(order)
    assert world.live(order.reference) == []
    told: list[datetime] = []

    confirmed = await armed.send(told.append)
    armed.close()

    assert told == [confirmed.first_byte_at]
    assert told[0] <= datetime.now(UTC)
    assert world.live(order.reference) == [confirmed.booking.booking_number]


async def test_an_armed_booking_that_was_fired_is_sent_once_and_answered_when_asked_for(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    armed = await world.provider.arm(order)
    told: list[datetime] = []

    assert armed.fire(told.append)
    assert not armed.usable
    assert not armed.fire(told.append)
    confirmed = await armed.send(told.append)
    armed.close()

    assert told == [confirmed.first_byte_at]
    assert world.live(order.reference) == [confirmed.booking.booking_number]


async def test_what_was_closed_fires_nothing(world: BookingWorld, family: ProviderPeople) -> None:
    order = order_for(world.add_event(seats=1), family)
    armed = await world.provider.arm(order)
    armed.close()

    assert not armed.fire()
    with pytest.raises(LaneLost):
        await armed.send()

    assert world.live(order.reference) == []


async def test_an_armed_booking_is_refused_as_a_plain_one_is(
    world: BookingWorld, family: ProviderPeople
) -> None:
    full = await world.provider.arm(order_for(world.add_event(seats=0), family))
    later = datetime.now(UTC) + timedelta(hours=1)
    shut = await world.provider.arm(order_for(world.add_event(seats=1, opens_at=later), family))

    with pytest.raises(SoldOut):
        await full.send()
    with pytest.raises(NotOpenYet):
        await shut.send()
    full.close()
    shut.close()


async def test_a_lost_answer_of_an_armed_booking_is_unknown(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    armed = await world.provider.arm(order)
    world.lose_next_answer()

    with pytest.raises(UnknownOutcome):
        await armed.send()
    armed.close()

    assert len(world.live(order.reference)) == 1


async def test_a_throttled_armed_booking_says_for_how_long(
    world: BookingWorld, family: ProviderPeople
) -> None:
    armed = await world.provider.arm(order_for(world.add_event(seats=1), family))
    world.throttle_next(timedelta(seconds=7))

    with pytest.raises(Throttled) as throttled:
        await armed.send()
    armed.close()

    assert throttled.value.wait == timedelta(seconds=7)


@pytest.mark.parametrize(
    ("fault", "parameters"),
    [
        ("drop_before", {}),
        ("error_after", {"status": 500}),
        ("truncate", {"keep_bytes": 9}),
        ("empty_body", {}),
    ],
)
async def test_every_way_an_answer_can_break_leaves_the_outcome_unknown_or_found(
    bookeo: BookeoWorld, fault: str, parameters: dict[str, Any]
) -> None:
    order = await an_order(bookeo)
    armed = await bookeo.provider.arm(order)
    bookeo.control.add_fault(fault, endpoint="POST /v2/bookings", **parameters)

    try:
        confirmed = await armed.send()
    except UnknownOutcome:
        assert len(bookeo.live(order.reference)) == (0 if fault == "drop_before" else 1)
    else:
        assert bookeo.live(order.reference) == [confirmed.booking.booking_number]
    armed.close()


async def test_the_bytes_on_the_wire_are_those_of_a_plain_booking(bookeo: BookeoWorld) -> None:
    plain, lane = await an_order(bookeo), await an_order(bookeo)
    await bookeo.provider.book(plain)
    armed = await bookeo.provider.arm(lane)
    await armed.send()
    armed.close()

    booked = {record.external_ref: record for record in bookeo.control.bookings()}
    ours = {"externalRef", "bookingNumber", "customerId", "creationTime", "eventId"}
    assert _shape(booked[plain.reference], ours) == _shape(booked[lane.reference], ours)


def _shape(record: object, without: set[str]) -> set[str]:
    return {name for name in vars(record) if name not in without}


@pytest.mark.parametrize("warm", [True, False])
async def test_an_armed_booking_is_usable_until_it_was_sent(
    world: BookingWorld, family: ProviderPeople, warm: bool
) -> None:
    order = order_for(world.add_event(seats=1), family)
    armed = await world.provider.arm(order, warm=warm)
    assert armed.usable

    await armed.send()

    assert not armed.usable
    with pytest.raises(LaneLost):
        await armed.send()
    armed.close()
    assert len(world.live(order.reference)) == 1


async def test_an_armed_booking_given_back_is_not_usable_and_sends_nothing(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    armed = await world.provider.arm(order)
    armed.close()
    armed.close()

    assert not armed.usable
    with pytest.raises(LaneLost):
        await armed.send()
    assert world.live(order.reference) == []


async def test_a_connection_the_provider_drops_shows_before_anything_is_sent(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    armed = await world.provider.arm(order)
    told: list[datetime] = []
    world.drop_connections()

    async with asyncio.timeout(10):
        while armed.usable:  # noqa: ASYNC110 - the provider closes it
            await asyncio.sleep(0.01)

    with pytest.raises(LaneLost):
        await armed.send(told.append)
    assert told == []
    assert world.live(order.reference) == []


async def test_only_a_warm_lane_says_something_before_it_sends(bookeo: BookeoWorld) -> None:
    order = await an_order(bookeo)
    asked = [_warm_ups(bookeo)]
    for warm in (False, True):
        armed = await bookeo.provider.arm(order, warm=warm)
        asked.append(_warm_ups(bookeo))
        armed.close()

    assert [now - asked[0] for now in asked] == [0, 0, 1]


def _warm_ups(bookeo: BookeoWorld) -> int:
    ledger = bookeo.control.requests()
    return sum(entry.endpoint == "GET /v2/settings/apikeyinfo" for entry in ledger)


async def test_a_stand_in_tells_when_the_request_reached_it(
    world: BookingWorld, family: ProviderPeople
) -> None:
    armed = await world.provider.arm(order_for(world.add_event(seats=1), family))
    confirmed = await armed.send()
    armed.close()

    assert confirmed.arrived_at is not None
    # To the millisecond, for the stand-in rounds.
    assert confirmed.arrived_at - confirmed.first_byte_at > -timedelta(milliseconds=1)
    assert confirmed.arrived_at <= datetime.now(UTC)


@pytest.mark.parametrize("told", ["", "soon", "nan", "inf", "-1e300", "1e17"])
async def test_an_arrival_that_is_no_time_does_not_put_the_booking_in_doubt(told: str) -> None:
    answer = httpx.Response(201, json=BODY, headers={"X-Arrived-At-Ms": told})
    async with answered_by(lambda _: answer) as provider:
        confirmed = await provider.book(ORDER)

    assert confirmed.booking.booking_number == "123"
    assert confirmed.arrived_at is None
