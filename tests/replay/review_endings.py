"""Every way a review can go, as short stories over fakes."""

from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from domain.identifiers import review_workflow_id
from domain.refusals import Refused
from tests.eventually import eventually
from tests.replay.endings import Story
from tests.workflows.reviews import booked_unseen, found, lost, nothing_found, resolve
from tests.workflows.world import World


async def found_booked(world: World) -> UUID:
    registration_id, booking = await booked_unseen(world)
    with suppress(Refused):
        await resolve(world, nothing_found(registration_id))
    await resolve(world, found(registration_id, booking.booking_number))
    await world.run(registration_id).result()
    return registration_id


async def found_not_booked(world: World) -> UUID:
    registration_id = await lost(world)
    await resolve(world, nothing_found(registration_id))
    await world.run(registration_id).result()
    return registration_id


async def still_in_review(world: World) -> UUID:
    return await lost(world)


async def never_decided(world: World) -> UUID:
    registration_id = await lost(world)
    await world.until(world.clock.outside + timedelta(days=31))
    await world.run(registration_id).result()
    return registration_id


async def found_booked_late(world: World) -> UUID:
    """By a run of its own, whose history this is."""
    registration_id, number = await _refused_late(world)
    await resolve(world, found(registration_id, number))
    return registration_id


async def found_booked_later_still(world: World) -> UUID:
    """Likewise, to its end."""
    registration_id = await found_booked_late(world)
    await world.client.get_workflow_handle(review_workflow_id(registration_id)).result()
    return registration_id


async def found_not_booked_late(world: World) -> UUID:
    """Likewise."""
    registration_id = await never_decided(world)
    await resolve(world, nothing_found(registration_id))
    await world.client.get_workflow_handle(review_workflow_id(registration_id)).result()
    return registration_id


async def decided_by_nobody_late(world: World) -> UUID:
    """Likewise: a decision that was refused, and no other."""
    registration_id, _ = await _refused_late(world)
    await world.until(world.clock.outside + timedelta(minutes=11))
    return registration_id


async def _refused_late(world: World) -> tuple[UUID, str]:
    """Too late for its own run, and against a booking that stands; with that booking's number."""
    registration_id, booking = await booked_unseen(world)
    await world.until(world.clock.outside + timedelta(days=31))
    await world.run(registration_id).result()
    with suppress(Refused):
        await resolve(world, nothing_found(registration_id))
    return registration_id, booking.booking_number


async def waits_for_a_decision(world: World) -> UUID:
    registration_id = await lost(world)
    await eventually(lambda: world.subjects()[-1] == "We are checking")
    return registration_id


REVIEW_STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (
        found_booked,
        found_not_booked,
        still_in_review,
        never_decided,
        found_booked_late,
        found_not_booked_late,
        decided_by_nobody_late,
        waits_for_a_decision,
        found_booked_later_still,
    )
}

IN_A_RUN_OF_ITS_OWN = frozenset(
    {
        "found_booked_late",
        "found_not_booked_late",
        "decided_by_nobody_late",
        "found_booked_later_still",
    }
)
"""Stories that end in the workflow `review`, not in the registration's."""
