"""A booking that stands while its fee is not paid."""

from uuid import UUID

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
