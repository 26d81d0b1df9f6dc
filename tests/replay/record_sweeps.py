"""Record the histories of sweeps that are missing: `python -m tests.replay.record_sweeps`.

A sweep is over within minutes, a notice within a day: a history that no longer replays hurts only
those at work while a release goes out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from console.schedules.applying import apply_schedules
from console.schedules.steering import trigger_schedule
from domain.sweeps import ProviderNotice
from tests.replay.record import keep
from tests.workflows.hiccups import knows_no_booking, lists_nothing
from tests.workflows.real_time import real_time_server
from tests.workflows.sweeping import (
    later,
    noticed,
    remind,
    sweep,
    sweep_fees,
    sweep_letters,
    sweep_runs,
)
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import World, build_world
from workflows.jobs.sweep_fees import JOB

HISTORIES = Path(__file__).parent / "histories" / "sweeps"
OF_A_SCHEDULE = "of_a_schedule"


async def bookings_seen_twice(world: World) -> str:
    await later(world)
    lists_nothing(world, calls=1)
    knows_no_booking(world, calls=1)
    await sweep(world)
    return "sweep-bookings"


async def runs_asked_after(world: World) -> str:
    await sweep_runs(world)
    return "sweep-runs"


async def fees_looked_at(world: World) -> str:
    await sweep_fees(world)
    return "sweep-fees"


async def letters_tried_again(world: World) -> str:
    await sweep_letters(world)
    return "sweep-letters-1"


async def reminded(world: World) -> str:
    await remind(world)
    return "process-notifications-1"


async def notice_seen_twice(world: World) -> str:
    (number,) = [receipt.booking_number for receipt in world.records.issued.values()]
    lists_nothing(world, calls=1)
    knows_no_booking(world, calls=1)
    await noticed(world, "recorded", ProviderNotice(booking_number=number))
    return "provider-notice-recorded"


STORIES: tuple[Callable[[World], Awaitable[str]], ...] = (
    bookings_seen_twice,
    runs_asked_after,
    fees_looked_at,
    letters_tried_again,
    reminded,
    notice_seen_twice,
)


async def record(story: Callable[[World], Awaitable[str]]) -> None:
    async with time_skipping_server() as env:
        world = await build_world(env)
        async with world.served():
            await world.ended(await world.scheduled())
            workflow_id = await story(world)
            run = world.client.get_workflow_handle(workflow_id)
            await keep(run, HISTORIES / f"{story.__name__}.json")


async def record_of_a_schedule() -> None:
    """One that a schedule began, and so has a nominal time: the other server has no schedules."""
    async with real_time_server() as env, (await build_world(env)).served():
        await apply_schedules(env.client, [JOB])
        begun = await trigger_schedule(env.client, JOB.id)
        assert begun.run is not None
        run = env.client.get_workflow_handle(begun.run)
        await run.result()
        await keep(run, HISTORIES / f"{OF_A_SCHEDULE}.json")


def _missing(name: str) -> bool:
    return not (HISTORIES / f"{name}.json").exists()


async def main() -> None:
    if _missing(OF_A_SCHEDULE):
        await record_of_a_schedule()
        print(f"recorded {OF_A_SCHEDULE}")  # noqa: T201 - a command's answer
    for story in STORIES:
        if _missing(story.__name__):
            await record(story)
            print(f"recorded {story.__name__}")  # noqa: T201 - likewise


if __name__ == "__main__":
    asyncio.run(main())
