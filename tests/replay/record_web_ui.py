"""Record runs that can be found by their registration: `python -m tests.replay.record_web_ui`.

Only what is missing. A history that no longer replays is not recorded over; the change that broke
it needs `workflow.patched()`.
"""

import asyncio
from collections.abc import Awaitable, Callable

from domain.identifiers import cancellation_workflow_id
from tests.replay.endings import Story
from tests.replay.fee_endings import cancelled_and_refunded, cancelled_while_due, not_given_back
from tests.replay.record import HISTORIES, keep
from tests.replay.record_sweeps import notice_seen_twice
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import World, build_world

FOLDER = HISTORIES / "found_by_registration"


def _cancelling(story: Story) -> Callable[[World], Awaitable[str]]:
    async def played(world: World) -> str:
        return cancellation_workflow_id(await story(world))

    return played


async def _noticed(world: World) -> str:
    await world.ended(await world.scheduled())
    return await notice_seen_twice(world)


STORIES: dict[str, Callable[[World], Awaitable[str]]] = {
    "cancelled_and_refunded": _cancelling(cancelled_and_refunded),
    "cancelled_while_due": _cancelling(cancelled_while_due),
    "not_given_back": _cancelling(not_given_back),
    "notice_seen_twice": _noticed,
}


async def record(name: str) -> None:
    async with time_skipping_server() as env:
        world = await build_world(env)
        async with world.served():
            run = world.client.get_workflow_handle(await STORIES[name](world))
            await run.result()
            await keep(run, FOLDER / f"{name}.json")


async def main() -> None:
    for name in STORIES:
        if not (FOLDER / f"{name}.json").exists():
            await record(name)
            print(f"recorded {name}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    asyncio.run(main())
