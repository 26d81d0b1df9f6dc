"""Whom a provider forgets, and whom not."""

from datetime import UTC, datetime, timedelta

from domain.booking import ProviderPeople
from domain.family import Child
from tests.gateways.booking.booking_worlds import (
    CATEGORY,
    GUARDIAN,
    BookeoWorld,
    BookingWorld,
    child,
    order_for,
)

MIA, LEO = child("Mia"), child("Leo")
FAMILY = (MIA, LEO)
LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


async def known(world: BookingWorld, *children: Child) -> ProviderPeople:
    return await world.provider.people(GUARDIAN, children or FAMILY, CATEGORY)


async def test_a_family_without_a_place_is_forgotten_and_would_be_somebody_new(
    world: BookingWorld,
) -> None:
    before = await known(world)

    assert await world.provider.forget(GUARDIAN, FAMILY, LONG_AGO)
    assert await world.provider.forget(GUARDIAN, FAMILY, LONG_AGO)

    after = await known(world)
    assert after.customer_id != before.customer_id
    assert not set(after.person_ids) & set(before.person_ids)


async def test_a_family_whose_place_was_given_back_is_forgotten(world: BookingWorld) -> None:
    people = await known(world, MIA)
    made = await world.provider.book(order_for(world.add_event(seats=2), people))
    await world.provider.cancel(made.booking.booking_number, "given back")

    assert await world.provider.forget(GUARDIAN, FAMILY, LONG_AGO)

    assert (await known(world, MIA)).customer_id != people.customer_id


async def test_a_family_that_has_a_place_stays_the_organiser_s_own(world: BookingWorld) -> None:
    people = await known(world, MIA)
    order = order_for(world.add_event(seats=2), people)
    await world.provider.book(order)

    assert not await world.provider.forget(GUARDIAN, FAMILY, LONG_AGO)

    assert len(world.live(order.reference)) == 1
    assert await known(world, MIA) == people


async def test_whom_the_organiser_knew_before_stays(world: BookingWorld) -> None:
    people = await known(world, MIA)
    later = datetime.now(UTC) + timedelta(hours=1)

    assert not await world.provider.forget(GUARDIAN, FAMILY, later)

    assert await known(world, MIA) == people


async def test_whoever_booked_past_us_stays(bookeo: BookeoWorld) -> None:
    people = await known(bookeo, MIA)
    order = order_for(bookeo.add_event(seats=2), people)
    made = await bookeo.provider.book(order.model_copy(update={"reference": "by-phone-7"}))
    await bookeo.provider.cancel(made.booking.booking_number, "given back")

    assert not await bookeo.provider.forget(GUARDIAN, FAMILY, LONG_AGO)

    assert await known(bookeo, MIA) == people


async def test_a_customer_with_somebody_else_s_child_stays(bookeo: BookeoWorld) -> None:
    people = await known(bookeo, MIA, child("Cleo"))

    assert not await bookeo.provider.forget(GUARDIAN, FAMILY, LONG_AGO)

    assert (await known(bookeo, child("Cleo"))).customer_id == people.customer_id
