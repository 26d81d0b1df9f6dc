"""`release replay`: would this code break a run that lives now?"""

import asyncio
from datetime import timedelta
from typing import Any, cast

from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.console.command_line import CommandLine
from tests.workflows.world import World
from workflows.queues import MAINTENANCE

MARK = "Mia Lind"
ID = "sweep-letters-of-old"


@workflow.defn(name="sweep_letters")
class SweptOtherwise:
    """As a release may have had it that this one has forgotten."""

    def __init__(self) -> None:
        self._begun = False

    @workflow.run
    async def run(self, _order: dict[str, str]) -> None:
        self._begun = True
        await workflow.sleep(timedelta(days=30))

    @workflow.update
    async def begun(self) -> None:
        await workflow.wait_condition(lambda: self._begun)


async def test_it_names_each_run_that_this_code_breaks_and_nothing_of_what_it_holds(
    world: World, starter: CommandLine
) -> None:
    async with world.served():
        cancelled = await world.scheduled(timedelta(days=30))
        await world.door.changes.cancel(world.user, cancelled)
        await world.run(cancelled).result()
        await world.scheduled(timedelta(days=30))
    await _listed(world, 2)

    assert await starter.json("release", "replay") == {"replayed": 2, "broken": [], "left": 0}

    await _swept_otherwise(world)
    await _listed(world, 3)
    broken = await starter.run("release", "replay")

    assert broken.exit_code == 1
    (line,) = [each for each in broken.stdout.splitlines() if ID in each]
    assert "[TMPRL1100] Nondeterminism error" in line
    assert "3 replayed, 1 broken." in broken.stdout
    assert "changing-workflows.md" in broken.stderr
    assert MARK not in broken.output
    malformed = await starter.run("release", "replay", "--query", "Colour = 'blue'")
    assert malformed.exit_code == 1
    assert malformed.stderr.startswith("Temporal does not understand the query: ")
    only = ("--query", "WorkflowType = 'registration'", "--limit", 1)
    assert await starter.json("release", "replay", *only) == {
        "replayed": 1,
        "broken": [],
        "left": 1,
    }


async def _swept_otherwise(world: World) -> None:
    async with Worker(
        world.client,
        task_queue=MAINTENANCE,
        workflows=[SweptOtherwise],
        workflow_runner=UnsandboxedWorkflowRunner(),
        build_id="of-old",
    ):
        run = await world.client.start_workflow(
            SweptOtherwise.run, {"mark": MARK}, id=ID, task_queue=MAINTENANCE
        )
        # The SDK leaves a type parameter of its updates open.
        await cast("Any", run).execute_update(SweptOtherwise.begun)


async def _listed(world: World, runs: int) -> None:
    """Wait until visibility, which lags behind, has as many."""
    async with asyncio.timeout(30):
        while (await world.client.count_workflows("")).count < runs:  # noqa: ASYNC110 - the server's own time
            await asyncio.sleep(0.05)
