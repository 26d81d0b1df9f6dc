"""The ways a fee and a booking can still go once the place is booked."""

from datetime import timedelta
from uuid import UUID

from domain.errors import PaymentUnknown
from gateways.fakes.payments import CardBehaviour
from tests.replay.endings import Story, booked
from tests.workflows.unpaid import asking, booked_but_unpaid, look_at_fee, undecided
from tests.workflows.world import World, card


async def approved_then_looked_at(world: World) -> UUID:
    registration_id, intent_id = await asking(world)
    world.payments.approve(intent_id)
    await look_at_fee(world, registration_id)
    await world.ended(registration_id)
    return registration_id


async def another_card_instead_of_approving(world: World) -> UUID:
    registration_id, _ = await asking(world)
    await world.door.changes.retry_fee(world.user, registration_id)
    await world.use_card(card(3), CardBehaviour.PAYS)
    await world.door.changes.retry_fee(world.user, registration_id)
    await world.ended(registration_id)
    return registration_id


async def never_approved(world: World) -> UUID:
    registration_id, _ = await asking(world)
    await world.until(world.clock.outside + timedelta(days=31))
    await world.ended(registration_id)
    return registration_id


async def cancelled_and_refunded(world: World) -> UUID:
    registration_id = await booked(world)
    await world.door.changes.cancel(world.user, registration_id)
    return registration_id


async def cancelled_while_due(world: World) -> UUID:
    registration_id, _ = await booked_but_unpaid(world)
    await world.door.changes.cancel(world.user, registration_id)
    await world.ended(registration_id)
    return registration_id


async def cancelled_while_undecided(world: World) -> UUID:
    registration_id = await undecided(world, PaymentUnknown("reset"), made=True)
    await world.door.changes.cancel(world.user, registration_id)
    await world.ended(registration_id)
    return registration_id


FEE_STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        approved_then_looked_at,
        another_card_instead_of_approving,
        never_approved,
        cancelled_and_refunded,
        cancelled_while_due,
        cancelled_while_undecided,
    )
}
