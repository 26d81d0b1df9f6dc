"""Every way a registration can go, as short stories over fakes."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

from domain.errors import SoldOut
from domain.states import RegistrationStatus
from gateways.fakes.payments import CardBehaviour
from tests.workflows.reviews import lost
from tests.workflows.world import World, card

Story = Callable[[World], Awaitable[UUID]]


async def booked(world: World) -> UUID:
    registration_id = await world.scheduled()
    await world.ended(registration_id)
    return registration_id


async def cancelled_asleep(world: World) -> UUID:
    registration_id = await world.scheduled()
    await world.door.changes.cancel(world.user, registration_id)
    await world.run(registration_id).result()
    return registration_id


async def rescheduled(world: World) -> UUID:
    registration_id = await world.scheduled()
    row = await world.records.registration(registration_id)
    later = row.scheduled_time + timedelta(days=2)
    world.event.opens_at = later
    await world.door.changes.reschedule(world.user, registration_id, later.isoformat(), None)
    await world.ended(registration_id)
    return registration_id


async def sold_out(world: World) -> UUID:
    world.provider.script.fail_next("book", SoldOut("gone"))
    return await booked(world)


async def needs_review(world: World) -> UUID:
    registration_id = await lost(world)
    await world.until(world.clock.outside + timedelta(days=31))
    await world.run(registration_id).result()
    return registration_id


async def mandate_revoked(world: World) -> UUID:
    registration_id = await world.scheduled()
    await world.door.registrations.revoke_mandate(world.user, registration_id)
    await world.ended(registration_id)
    return registration_id


async def fee_declined_then_paid(world: World) -> UUID:
    registration_id = await world.scheduled()
    await world.use_card(card(2), CardBehaviour.DECLINES)
    await world.until_opening(registration_id)
    await world.row_when(registration_id, lambda r: r.status is RegistrationStatus.COMPLETED)
    await world.use_card(card(3), CardBehaviour.PAYS)
    await world.door.changes.retry_fee(world.user, registration_id)
    await world.ended(registration_id)
    return registration_id


async def still_asleep(world: World) -> UUID:
    return await world.scheduled(timedelta(days=30))


STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        booked,
        cancelled_asleep,
        rescheduled,
        sold_out,
        needs_review,
        mandate_revoked,
        fee_declined_then_paid,
        still_asleep,
    )
}
