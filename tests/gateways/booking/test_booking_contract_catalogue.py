"""What every booking provider tells of its offer and of the family, in memory or over the wire."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import Rejected, Unauthorised
from tests.gateways.booking.booking_worlds import (
    CATEGORY,
    GUARDIAN,
    PER_CHILD,
    PRODUCT,
    BookingWorld,
    child,
)


async def test_an_account_is_the_same_object_each_time(world: BookingWorld) -> None:
    assert world.providers.account("default") is world.provider


async def test_an_account_without_keys_is_unauthorised(world: BookingWorld) -> None:
    with pytest.raises(Unauthorised):
        world.providers.account("nobody")


async def test_access_tells_what_the_keys_may_do(world: BookingWorld) -> None:
    access = await world.provider.access()

    assert access.account_id
    assert access.permissions


async def test_a_product_tells_whether_it_can_be_booked_and_at_what_rate(
    world: BookingWorld,
) -> None:
    product = await world.provider.product(PRODUCT)

    assert product.blocked_because() is None
    assert product.price_per_category == {CATEGORY: PER_CHILD}


async def test_an_unknown_product_is_rejected_as_not_found(world: BookingWorld) -> None:
    with pytest.raises(Rejected) as rejected:
        await world.provider.product("no-such-product")

    assert rejected.value.kind == "not_found"


async def test_a_slot_on_sale_shows_its_free_seats(world: BookingWorld) -> None:
    event = world.add_event(seats=7)

    slot = await world.provider.slot(PRODUCT, event.event_id, event.starts_at, ahead=False)

    assert slot is not None
    assert (slot.event_id, slot.start_time, slot.seats_available) == (*event, 7)


async def test_before_the_opening_only_the_back_office_sees_the_slot(world: BookingWorld) -> None:
    event = world.add_event(seats=7, opens_at=datetime.now(UTC) + timedelta(hours=1))
    where = (PRODUCT, event.event_id, event.starts_at)

    assert await world.provider.slot(*where, ahead=False) is None
    ahead = await world.provider.slot(*where, ahead=True)
    assert ahead is not None
    assert ahead.seats_available == 7


async def test_an_event_that_does_not_exist_has_no_slot(world: BookingWorld) -> None:
    event = world.add_event(seats=1)

    assert await world.provider.slot(PRODUCT, "other", event.starts_at, ahead=True) is None


async def test_a_family_asked_for_again_is_the_same_people_in_the_order_of_the_children(
    world: BookingWorld,
) -> None:
    mia, leo = child("Mia"), child("Leo")
    first = await world.provider.people(GUARDIAN, (mia, leo), CATEGORY)

    again = await world.provider.people(GUARDIAN, (leo, mia), CATEGORY)

    assert len(set(first.person_ids)) == 2
    assert again.customer_id == first.customer_id
    assert again.person_ids == (first.person_ids[1], first.person_ids[0])


async def test_children_of_one_name_are_told_apart_by_their_birth_dates(
    world: BookingWorld,
) -> None:
    elder, younger = child("Mia", date(2012, 1, 1)), child("Mia", date(2018, 1, 1))

    people = await world.provider.people(GUARDIAN, (elder, younger), CATEGORY)

    assert len(set(people.person_ids)) == 2
    assert await world.provider.people(GUARDIAN, (elder, younger), CATEGORY) == people


async def test_a_guardian_is_found_by_mail_address_whatever_its_case(world: BookingWorld) -> None:
    first = await world.provider.people(GUARDIAN, (), CATEGORY)
    shouted = GUARDIAN.model_copy(update={"email": GUARDIAN.email.upper()})

    assert await world.provider.people(shouted, (), CATEGORY) == first
