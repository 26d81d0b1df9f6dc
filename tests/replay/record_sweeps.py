"""Record the histories of sweeps anew: `python -m tests.replay.record_sweeps`.

A sweep is over within minutes, a notice within a day: a history that no longer replays hurts only
those at work while a release goes out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from domain.sweeps import ProviderNotice
from tests.workflows.hiccups import knows_no_booking, lists_nothing
from tests.workflows.sweeping import later, noticed, sweep, sweep_fees, sweep_runs
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import World, build_world

HISTORIES = Path(__file__).parent / "histories" / "sweeps"


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
    notice_seen_twice,
)


async def record(story: Callable[[World], Awaitable[str]]) -> None:
    async with time_skipping_server() as env:
        world = await build_world(env)
        async with world.served():
            await world.ended(await world.scheduled())
            workflow_id = await story(world)
            history = await world.client.get_workflow_handle(workflow_id).fetch_history()
    HISTORIES.mkdir(exist_ok=True)
    (HISTORIES / f"{story.__name__}.json").write_text(history.to_json() + "\n")


async def main() -> None:
    for story in STORIES:
        await record(story)
        print(f"recorded {story.__name__}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    asyncio.run(main())
