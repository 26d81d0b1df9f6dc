"""A booking that stands while its fee is not paid."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from domain.errors import PaymentError
from domain.registrations import Registration
from domain.states import RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.workflows.world import World, card


async def booked_but_unpaid(
    world: World, behaviour: CardBehaviour = CardBehaviour.DECLINES
) -> tuple[UUID, Registration]:
    registration_id = await world.scheduled()
    await world.use_card(card(2), behaviour)
    await world.until_opening(registration_id)
    row = await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.COMPLETED)
    return registration_id, row


async def asking(world: World) -> tuple[UUID, str]:
    """The bank wants the parent to approve the fee; with the payment that waits."""
    registration_id, _ = await booked_but_unpaid(world, CardBehaviour.ASKS_FOR_APPROVAL)
    (payment,) = world.payments.payments
    assert payment.answered.payment_intent_id is not None
    return registration_id, payment.answered.payment_intent_id


async def undecided(world: World, failure: PaymentError, *, made: bool) -> UUID:
    """Booked, while each answer to the charge, whether it was `made` or not, is that failure."""
    registration_id = await world.scheduled()
    world.payments.script.fail_next("charge", failure, after_commit=made, times=10_000)
    await booked_at_last(world, registration_id)
    return registration_id


async def booked_at_last(world: World, registration_id: UUID) -> None:
    """Past the opening, until its charge is given up for now."""
    await world.until_opening(registration_id)
    for _ in range(20):
        await world.until(world.clock.outside + timedelta(minutes=1))
        if world.records.rows[registration_id].status is RegistrationStatus.COMPLETED:
            return
    raise TimeoutError("the charge is still repeated")


async def look_at_fee(world: World, registration_id: UUID) -> None:
    """As the periodic sweep asks the run."""
    # The SDK leaves a type parameter of untyped handles open.
    run = cast("Any", world.run(registration_id))
    await run.execute_update("look_at_fee")
