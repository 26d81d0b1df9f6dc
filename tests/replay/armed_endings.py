"""The ways an armed registration can be taken back before it is sent."""

from uuid import UUID

from tests.replay.endings import Story
from tests.workflows.arming import armed
from tests.workflows.world import World


async def cancelled_while_armed(world: World) -> UUID:
    registration_id = await armed(world)
    await world.door.changes.cancel(world.user, registration_id)
    await world.run(registration_id).result()
    return registration_id


async def mandate_revoked_while_armed(world: World) -> UUID:
    registration_id = await armed(world)
    await world.door.registrations.revoke_mandate(world.user, registration_id)
    await world.run(registration_id).result()
    return registration_id


async def still_armed(world: World) -> UUID:
    return await armed(world)


ARMED_STORIES: dict[str, Story] = {
    story.__name__: story
    for story in (cancelled_while_armed, mandate_revoked_while_armed, still_armed)
}
