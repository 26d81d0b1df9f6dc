from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.errors import Rejected, SoldOut, Unauthorised
from domain.states import FailureCode, FeeStatus, RegistrationStatus
from tests.workflows.world import World


def _no_seats(world: World) -> None:
    world.event.seats = 0


def _sold_out(world: World) -> None:
    world.provider.script.fail_next("book", SoldOut("gone"))


def _rejected(world: World) -> None:
    world.provider.script.fail_next("book", Rejected("refused", "no"))


def _keys_refused(world: World) -> None:
    world.provider.script.fail_next("book", Unauthorised("no"))


def _keys_refused_in_the_lead(world: World) -> None:
    world.provider.script.fail_next("product", Unauthorised("no"), times=5)


def _never_opens(world: World) -> None:
    assert world.event.opens_at is not None
    world.event.opens_at += timedelta(hours=3)


def _dearer_in_the_answer(world: World) -> None:
    world.event.price = world.event.price.model_copy(update={"amount_cents": 90_000})


@pytest.mark.parametrize(
    ("breaks", "code"),
    [
        (_no_seats, FailureCode.SOLD_OUT),
        (_sold_out, FailureCode.SOLD_OUT),
        (_rejected, FailureCode.REJECTED),
        (_keys_refused, FailureCode.UNAUTHORISED),
        (_keys_refused_in_the_lead, FailureCode.UNAUTHORISED),
        (_never_opens, FailureCode.NOT_OPENED),
        (_dearer_in_the_answer, FailureCode.OVER_CAP),
    ],
)
async def test_a_permanent_error_ends_at_once_without_booking_or_charge(
    world: World, breaks: Callable[[World], None], code: FailureCode
) -> None:
    registration_id = await world.scheduled()
    breaks(world)

    row = await world.ended(registration_id)

    assert (row.status, row.failure_code) == (RegistrationStatus.FAILED, code)
    assert row.error_message
    assert row.fee_status is FeeStatus.NOT_DUE
    assert world.bookings(registration_id) == []
    assert world.payments.sends == []
    assert world.subjects()[-1] == "Not booked"


async def test_a_product_withdrawn_before_the_opening_is_provider_blocked(world: World) -> None:
    registration_id = await world.scheduled()
    product = await world.provider.product("prod1")
    world.provider.add_product(product.model_copy(update={"api_bookings_allowed": False}))

    row = await world.ended(registration_id)

    assert row.failure_code is FailureCode.PROVIDER_BLOCKED
    assert "Please act" in world.subjects()
    assert world.provider.sends == []
