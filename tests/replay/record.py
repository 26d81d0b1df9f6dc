"""Record the histories anew: `python -m tests.replay.record`.

Only for a new ending. A history that no longer replays is not recorded over: the change that
broke it would break sleeping runs the same way, and needs `workflow.patched()`.
"""

import asyncio
import sys
from pathlib import Path

from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from connection import add_search_attributes
from domain.identifiers import review_workflow_id
from tests.replay.endings import STORIES
from tests.replay.review_endings import IN_A_RUN_OF_ITS_OWN, REVIEW_STORIES
from tests.workflows.world import build_world
from workflows.search_attributes import SEARCH_ATTRIBUTES

HISTORIES = Path(__file__).parent / "histories"
"""One folder for each set of steps that runs were started with; the newest is recorded."""

EVERY = {
    **{name: (HISTORIES / "on_the_instant", story) for name, story in STORIES.items()},
    **{name: (HISTORIES / "review", story) for name, story in REVIEW_STORIES.items()},
}


async def record(name: str) -> None:
    folder, story = EVERY[name]
    async with await WorkflowEnvironment.start_time_skipping(
        data_converter=pydantic_data_converter,
        test_server_existing_path=str(Path(sys.executable).parent / "temporal-test-server"),
    ) as env:
        await add_search_attributes(env.client, SEARCH_ATTRIBUTES)
        world = await build_world(env)
        async with world.served():
            registration_id = await story(world)
            run = world.run(registration_id)
            if name in IN_A_RUN_OF_ITS_OWN:
                run = world.client.get_workflow_handle(review_workflow_id(registration_id))
            history = await run.fetch_history()
    (folder / f"{name}.json").write_text(history.to_json() + "\n")


async def main() -> None:
    wanted = sys.argv[1:] or [
        name for name, (folder, _) in EVERY.items() if not (folder / f"{name}.json").exists()
    ]
    for name in wanted:
        await record(name)
        print(f"recorded {name}")  # noqa: T201 - a command's answer


if __name__ == "__main__":
    asyncio.run(main())
