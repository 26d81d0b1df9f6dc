"""The ways a fee and a booking can still go once the place is booked."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import pytest

from domain.contracts import RegistrationView
from domain.errors import PaymentUnavailable, PaymentUnknown, Rejected, Unavailable
from domain.refusals import Refused
from domain.states import FeeStatus
from gateways.fakes.payments import CardBehaviour
from tests.eventually import eventually
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


async def still_due(world: World) -> UUID:
    registration_id, _ = await booked_but_unpaid(world)
    await _moved_on(world, registration_id, FeeStatus.DUE)
    return registration_id


async def still_to_be_approved(world: World) -> UUID:
    registration_id, _ = await asking(world)
    await _moved_on(world, registration_id, FeeStatus.REQUIRES_ACTION)
    return registration_id


async def cancelled_while_to_be_approved(world: World) -> UUID:
    registration_id, _ = await asking(world)
    await world.door.changes.cancel(world.user, registration_id)
    await world.ended(registration_id)
    return registration_id


async def cancelled_and_not_refunded(world: World) -> UUID:
    registration_id = await booked(world)
    world.payments.refunds.refuses = "charge_disputed"
    await world.door.changes.cancel(world.user, registration_id)
    return registration_id


async def organiser_never_answers(world: World) -> UUID:
    registration_id = await booked(world)
    world.provider.script.fail_next("cancel", Unavailable("down"), times=10_000)
    asked = asyncio.ensure_future(world.door.changes.cancel(world.user, registration_id))
    await eventually(lambda: world.provider.script.pending("cancel") < 10_000)
    await world.until(world.clock.outside + timedelta(hours=2))
    with suppress(Refused):
        await asked
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
        still_due,
        still_to_be_approved,
        cancelled_while_to_be_approved,
        cancelled_and_not_refunded,
        organiser_never_answers,
    )
}

CANCELLED_OR_REFUSED = frozenset(
    {
        "cancelled_and_refunded",
        "cancelled_while_due",
        "cancelled_while_undecided",
        "not_given_back",
        "cancelled_while_to_be_approved",
        "cancelled_and_not_refunded",
        "organiser_never_answers",
    }
)
"""Those in which a workflow of its own gives the booking back, or tries to."""


async def _moved_on(world: World, registration_id: UUID, fee: FeeStatus) -> None:
    """Wait until the run itself has; its row is written before."""
    # The SDK leaves a type parameter of untyped handles open.
    run = cast("Any", world.run(registration_id))
    async with asyncio.timeout(30):
        while True:
            view = await run.query("status", result_type=RegistrationView)
            if view.standing.fee_status is fee:
                return
            await asyncio.sleep(0.05)
