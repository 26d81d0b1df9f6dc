"""Record the histories anew: `python -m tests.replay.record`.

Only for a new ending. A history that no longer replays is not recorded over: the change that
broke it would break sleeping runs the same way, and needs `workflow.patched()`.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHandle

from domain.identifiers import cancellation_workflow_id, review_workflow_id
from sandbox.program import ROOT
from tests.payload_keys import NEW
from tests.replay import commands
from tests.replay.armed_endings import ARMED_STORIES
from tests.replay.endings import STORIES, Story, booked, still_asleep
from tests.replay.fee_endings import CANCELLED_OR_REFUSED, FEE_STORIES
from tests.replay.refusal_endings import REFUSAL_STORIES
from tests.replay.review_endings import IN_A_RUN_OF_ITS_OWN, REVIEW_STORIES
from tests.workflows.arming import LEISURELY
from tests.workflows.time_skipping import time_skipping_server
from tests.workflows.world import TIMING, build_world

HISTORIES = commands.HISTORIES
ENCRYPTED = "encrypted"
"""The folder of those that were kept under a key which tests know."""
RECORDED: dict[str, dict[str, Story]] = {
    "on_the_instant": STORIES,
    "review": REVIEW_STORIES,
    "the_fee": FEE_STORIES,
    "armed": ARMED_STORIES,
    "refusals": REFUSAL_STORIES,
    ENCRYPTED: {story.__name__: story for story in (booked, still_asleep)},
}
"""One folder for each set of steps that runs were started with; the newest are recorded."""


async def record(folder: str, name: str) -> None:
    async with time_skipping_server() as env:
        world = await build_world(env, LEISURELY if folder == "armed" else TIMING)
        if folder == ENCRYPTED:
            world = world.with_payload_keys(NEW)
        async with world.served():
            registration_id = await RECORDED[folder][name](world)
            run = world.run(registration_id)
            if name in IN_A_RUN_OF_ITS_OWN:
                run = world.client.get_workflow_handle(review_workflow_id(registration_id))
            await keep(run, HISTORIES / folder / f"{name}.json")
            cancelling = world.client.get_workflow_handle(cancellation_workflow_id(registration_id))
            if name in CANCELLED_OR_REFUSED:
                await cancelling.result()
                await keep(cancelling, HISTORIES / folder / f"{name}.cancellation.json")


async def keep(run: WorkflowHandle[Any, Any], path: Path) -> None:
    """Write that history down, and its commands beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Failures say where in the code they were raised, by this machine's own folders.
    told = (await run.fetch_history()).to_json().replace(f"{ROOT}/", "")
    path.write_text(told + "\n")
    commands.write(path)


async def main() -> None:
    wanted = [
        (folder, name)
        for folder, stories in RECORDED.items()
        for name in stories
        if name in sys.argv[1:]
        or (len(sys.argv) == 1 and not (HISTORIES / folder / f"{name}.json").exists())
    ]
    for folder, name in wanted:
        await record(folder, name)
        print(f"recorded {folder}/{name}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    asyncio.run(main())
