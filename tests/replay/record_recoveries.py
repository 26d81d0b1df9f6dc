"""Record the histories of recoveries: `python -m tests.replay.record_recoveries`.

Only for a new ending: a recovery sleeps for thirty days. A history that no longer replays is not
recorded over; the change that broke it needs `workflow.patched()`.
"""

import asyncio
import sys
from pathlib import Path

from tests.replay.record import keep
from tests.replay.recovery_endings import RECOVERY_STORIES, Story
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import build_world

HISTORIES = Path(__file__).parent / "histories" / "recoveries"


STORIES = tuple(RECOVERY_STORIES.values())


async def record(story: Story) -> None:
    async with time_skipping_server() as env:
        world = await build_world(env)
        async with world.served():
            workflow_id = await story(world)
            path = HISTORIES / f"{story.__name__}.json"
            await keep(world.client.get_workflow_handle(workflow_id), path)


async def main() -> None:
    for story in STORIES:
        path = HISTORIES / f"{story.__name__}.json"
        if story.__name__ not in sys.argv[1:] and (len(sys.argv) > 1 or path.exists()):
            continue
        await record(story)
        print(f"recorded {story.__name__}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    asyncio.run(main())
