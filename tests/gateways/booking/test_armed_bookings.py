"""A booking prepared on a connection of its own, in memory or over the wire."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.booking import ProviderPeople
from domain.errors import NotOpenYet, SoldOut, Throttled, UnknownOutcome
from tests.gateways.booking.booking_worlds import BookeoWorld, BookingWorld, an_order, order_for


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
