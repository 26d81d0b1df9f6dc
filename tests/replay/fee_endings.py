"""The ways a fee and a booking can still go once the place is booked."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.errors import PaymentUnavailable, PaymentUnknown, Rejected
from domain.refusals import Refused
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


async def another_card_while_undecided(world: World) -> UUID:
    registration_id = await world.scheduled()
    await world.use_card(card(2), CardBehaviour.DECLINES)
    world.payments.script.fail_next("charge", PaymentUnavailable("down"), times=10_000)
    await world.until_opening(registration_id)
    await world.until(world.clock.outside + timedelta(minutes=4))
    world.payments.script.clear()
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


async def not_given_back(world: World) -> UUID:
    registration_id = await booked(world)
    world.provider.script.fail_next("cancel", Rejected("refused", "too late for that"))
    with pytest.raises(Refused):
        await world.door.changes.cancel(world.user, registration_id)
    return registration_id


FEE_STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        approved_then_looked_at,
        another_card_instead_of_approving,
        another_card_while_undecided,
        never_approved,
        cancelled_and_refunded,
        cancelled_while_due,
        cancelled_while_undecided,
        not_given_back,
    )
}

CANCELLED_OR_REFUSED = frozenset(
    {
        "cancelled_and_refunded",
        "cancelled_while_due",
        "cancelled_while_undecided",
        "not_given_back",
    }
)
"""Those in which a workflow of its own gives the booking back, or tries to."""
