"""What costs more than the parent agreed to, at each place where something is done."""

from datetime import timedelta
from typing import Any

import pytest

from domain.booking import Confirmed
from domain.errors import Unavailable
from domain.money import Money
from domain.refusals import Refused
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.workflows.world import World

TOO_DEAR = 60_000
"""Above the cap of 50,000 by itself."""


async def dearer_at_the_organiser(world: World) -> None:
    product = await world.provider.product("prod1")
    asked = {"Cchildren": Money(amount_cents=TOO_DEAR)}
    world.provider.add_product(product.model_copy(update={"price_per_category": asked}))


async def dearer_in_our_list(world: World) -> None:
    found = await world.records.program("swim-club", "prod1", "event1")
    assert found is not None
    await world.records.save_program(found.program.model_copy(update={"price_cents": TOO_DEAR}))


def answers_without_a_price(world: World) -> None:
    book = world.provider.book

    async def unpriced(*asked: Any) -> Confirmed:
        made = await book(*asked)
        return made.model_copy(update={"booking": made.booking.model_copy(update={"price": None})})

    setattr(world.provider, "book", unpriced)  # noqa: B010 - the fake's own type forbids it


def nothing_done(world: World) -> bool:
    return world.provider.sends == world.payments.sends == []


@pytest.mark.parametrize(
    ("dearer", "codes"),
    [
        (dearer_at_the_organiser, ["over_cap"]),
        (dearer_in_our_list, ["program_changed", "over_cap"]),
    ],
)
async def test_what_is_above_the_cap_is_not_confirmed(
    world: World, dearer: Any, codes: list[str]
) -> None:
    draft = await world.draft()
    await dearer(world)

    with pytest.raises(Refused) as refused:
        await world.confirm(draft)

    assert [reason.code for reason in refused.value.reasons] == codes
    await world.until(draft.scheduled_time + timedelta(minutes=5))
    assert world.records.rows[draft.registration_id].status is RegistrationStatus.DRAFT
    assert nothing_done(world)


async def test_a_price_raised_above_the_cap_before_the_opening_is_never_booked(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    await dearer_at_the_organiser(world)

    row = await world.ended(registration_id)

    assert row.failure_code is FailureCode.OVER_CAP
    assert nothing_done(world)


async def test_what_is_above_the_cap_is_not_booked_where_no_look_ahead_finishes(
    world: World,
) -> None:
    registration_id = await world.scheduled()
    await dearer_in_our_list(world)
    world.provider.script.fail_next("product", Unavailable("down"), times=100)

    row = await world.ended(registration_id)

    assert (row.status, row.failure_code) == (RegistrationStatus.FAILED, FailureCode.OVER_CAP)
    assert nothing_done(world)


async def test_what_is_above_the_cap_is_not_charged(world: World) -> None:
    registration_id = await world.scheduled()
    answers_without_a_price(world)
    open_charge = world.records.open_charge

    async def meanwhile(*asked: Any) -> Any:
        await dearer_in_our_list(world)
        return await open_charge(*asked)

    setattr(world.records, "open_charge", meanwhile)  # noqa: B010 - its own type forbids it
    await world.until_opening(registration_id)

    row = await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.COMPLETED)

    assert row.fee_status is FeeStatus.DUE
    assert world.bookings(registration_id) == [row.booking_number]
    assert world.payments.sends == []
