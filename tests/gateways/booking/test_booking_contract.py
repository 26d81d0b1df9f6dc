"""What every booking provider does, in memory or over the wire."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.booking import NOBODY, ProviderPeople
from domain.errors import (
    NotOpenYet,
    Rejected,
    SoldOut,
    Throttled,
    UnknownOutcome,
)
from tests.gateways.booking.booking_worlds import (
    CATEGORY,
    GUARDIAN,
    PER_CHILD,
    PRODUCT,
    BookingWorld,
    child,
    order_for,
)


async def test_a_booking_is_confirmed_with_number_reference_price_and_acceptance(
    world: BookingWorld,
) -> None:
    family = await world.provider.people(GUARDIAN, (child("Mia"), child("Leo")), CATEGORY)
    order = order_for(world.add_event(seats=2), family)

    booking = (await world.provider.book(order)).booking

    assert world.live(order.reference) == [booking.booking_number]
    assert booking.reference == order.reference
    assert booking.accepted
    assert not booking.cancelled
    assert booking.price == PER_CHILD.plus(PER_CHILD)


async def test_the_caller_is_told_the_instant_just_before_the_request_leaves(
    world: BookingWorld, family: ProviderPeople
) -> None:
    told: list[datetime] = []
    before = datetime.now(UTC)

    confirmed = await world.provider.book(order_for(world.add_event(seats=1), family), told.append)

    assert told == [confirmed.first_byte_at]
    assert before <= told[0] <= datetime.now(UTC)
    assert confirmed.round_trip >= timedelta()


async def test_booking_twice_makes_two_bookings_for_nothing_removes_duplicates(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=2), family)
    await world.provider.book(order)
    await world.provider.book(order)

    assert len(world.live(order.reference)) == 2


async def test_before_the_opening_a_booking_is_not_open_yet(
    world: BookingWorld, family: ProviderPeople
) -> None:
    event = world.add_event(seats=1, opens_at=datetime.now(UTC) + timedelta(hours=1))
    order = order_for(event, family)

    with pytest.raises(NotOpenYet):
        await world.provider.book(order)

    assert world.live(order.reference) == []


@pytest.mark.parametrize("seats", [0, 1])
async def test_a_party_that_finds_too_few_seats_is_sold_out_and_nobody_is_booked(
    world: BookingWorld, seats: int
) -> None:
    pair = await world.provider.people(GUARDIAN, (child("Mia"), child("Leo")), CATEGORY)
    order = order_for(world.add_event(seats=seats), pair)

    with pytest.raises(SoldOut):
        await world.provider.book(order)

    assert world.live(order.reference) == []


async def test_a_throttled_booking_names_the_pause_and_books_nothing(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    world.throttle_next(timedelta(seconds=7))

    with pytest.raises(Throttled) as throttled:
        await world.provider.book(order)

    assert throttled.value.wait == timedelta(seconds=7)
    assert world.live(order.reference) == []


async def test_a_lost_answer_is_an_unknown_outcome_that_find_resolves(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    world.lose_next_answer()
    before = datetime.now(UTC)

    with pytest.raises(UnknownOutcome):
        await world.provider.book(order)

    found = await world.provider.find(order, since=before)
    assert [booking.booking_number for booking in found] == world.live(order.reference)
    assert len(found) == 1


async def test_what_changed_since_lists_every_reference_cancelled_ones_included(
    world: BookingWorld, family: ProviderPeople
) -> None:
    event, before = world.add_event(seats=2), datetime.now(UTC)
    orders = [order_for(event, family) for _ in range(2)]
    first, second = [(await world.provider.book(order)).booking for order in orders]
    await world.provider.cancel(first.booking_number, "given back")

    changed = await world.provider.changed_since(before)

    assert {
        one.reference: one.cancelled
        for one in changed
        if one.reference in {first.reference, second.reference}
    } == {first.reference: True, second.reference: False}
    assert await world.provider.changed_since(before + timedelta(days=1)) == []


async def test_find_sees_nothing_of_other_references(
    world: BookingWorld, family: ProviderPeople
) -> None:
    event = world.add_event(seats=2)
    before = datetime.now(UTC)
    await world.provider.book(order_for(event, family))

    assert await world.provider.find(order_for(event, family), since=before) == []


async def test_find_lists_every_booking_oldest_first_cancelled_ones_included(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=2), family)
    before = datetime.now(UTC)
    first = (await world.provider.book(order)).booking
    second = (await world.provider.book(order)).booking
    await world.provider.cancel(first.booking_number, "surplus")

    found = await world.provider.find(order, since=before)

    assert {booking.booking_number: booking.cancelled for booking in found} == {
        first.booking_number: True,
        second.booking_number: False,
    }
    ages = [booking.created_at for booking in found if booking.created_at is not None]
    assert ages == sorted(ages)
    assert len(ages) == 2


async def test_find_sees_a_booking_that_was_made_for_another_customer_record(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    before = datetime.now(UTC)
    await world.provider.book(order)
    twin = GUARDIAN.model_copy(update={"email": "someone.else@example.com"})
    elsewhere = await world.provider.people(twin, (child("Mia"),), CATEGORY)

    found = await world.provider.find(order.model_copy(update={"people": elsewhere}), since=before)

    assert len(found) == 1


async def test_find_shows_that_the_organiser_cancelled(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    before = datetime.now(UTC)
    booking = (await world.provider.book(order)).booking
    world.organiser_cancels(booking.booking_number)

    found = await world.provider.find(order, since=before)

    assert [each.cancelled for each in found] == [True]


async def test_a_booking_is_fetched_back_by_its_number_also_when_it_is_cancelled(
    world: BookingWorld, family: ProviderPeople
) -> None:
    order = order_for(world.add_event(seats=1), family)
    made = (await world.provider.book(order)).booking

    assert await world.provider.booking(made.booking_number) == made.model_copy(
        update={"created_at": (await world.provider.find(order, datetime.now(UTC)))[0].created_at}
    )
    await world.provider.cancel(made.booking_number, "surplus")

    cancelled = await world.provider.booking(made.booking_number)
    assert cancelled is not None
    assert (cancelled.cancelled, cancelled.reference) == (True, order.reference)


async def test_a_number_that_no_booking_has_is_none(world: BookingWorld) -> None:
    assert await world.provider.booking("999999") is None


async def test_find_without_the_familys_ids_sees_what_was_made_since(
    world: BookingWorld, family: ProviderPeople
) -> None:
    event = world.add_event(seats=2)
    order = order_for(event, family)
    before = datetime.now(UTC)
    first = (await world.provider.book(order)).booking
    await world.provider.cancel(first.booking_number, "surplus")
    second = (await world.provider.book(order)).booking
    await world.provider.book(order_for(event, family))

    found = await world.provider.find(order.model_copy(update={"people": NOBODY}), since=before)

    # Bookeo tells whole seconds: of two that were made within one, either may come first.
    numbers = {booking.booking_number for booking in found}
    assert numbers == {first.booking_number, second.booking_number}


async def test_cancelling_frees_the_seats_and_may_be_repeated(
    world: BookingWorld, family: ProviderPeople
) -> None:
    event = world.add_event(seats=1)
    order = order_for(event, family)
    booking = (await world.provider.book(order)).booking

    await world.provider.cancel(booking.booking_number, "surplus")
    await world.provider.cancel(booking.booking_number, "surplus")

    assert world.live(order.reference) == []
    slot = await world.provider.slot(PRODUCT, event.event_id, event.starts_at, ahead=False)
    assert slot is not None
    assert slot.seats_available == 1


async def test_a_number_nobody_knows_does_not_pass_for_cancelled(world: BookingWorld) -> None:
    with pytest.raises(Rejected) as rejected:
        await world.provider.cancel("999999", "surplus")

    assert rejected.value.kind == "not_found"
