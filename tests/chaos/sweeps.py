"""The sweeps that repair afterwards, run once at the end where the service has any."""

import asyncio
import time

from bench.world import World

SWEEPS = ("sweep", "reconcil")
"""By these words in its id a schedule is known as one."""

WITHIN_S = 60.0


async def swept(world: World) -> int:
    """Trigger each sweep that is scheduled, and wait until none runs; how many there are."""
    client = world.door.temporal
    found = [one async for one in await client.list_schedules()]
    sweeps = [one.id for one in found if any(word in one.id for word in SWEEPS)]
    for name in sweeps:
        await client.get_schedule_handle(name).trigger()
    deadline = time.monotonic() + WITHIN_S
    while sweeps and time.monotonic() < deadline:
        await asyncio.sleep(1)
        running = await client.count_workflows("ExecutionStatus = 'Running'")
        if not running.count:
            break
    return len(sweeps)
