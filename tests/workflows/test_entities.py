"""Each thing in a workflow of its own, under an id that says whose it is."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkflowRunner

from domain.job_orders import EntityReport
from tests.eventually import eventually
from tests.workflows.entities_under_test import Worked, WorkOnThing, WorkOnThings
from tests.workflows.things import Things
from workflows.entities import AT_ONCE, entity_id
from workflows.queues import MAINTENANCE
from workflows.sandboxing import workflow_runner

DUE = datetime(2026, 12, 1, 2, tzinfo=UTC)


def _worker(client: Client, worked: Worked, runner: WorkflowRunner | None = None) -> Worker:
    return Worker(
        client,
        task_queue=MAINTENANCE,
        workflows=[WorkOnThings, WorkOnThing],
        activities=[worked.work],
        workflow_runner=runner or workflow_runner(),
    )


@pytest.fixture
async def worked(env: WorkflowEnvironment) -> AsyncGenerator[Worked]:
    worked = Worked()
    async with _worker(env.client, worked):
        yield worked


async def _run(env: WorkflowEnvironment, things: Things, name: str = "a") -> EntityReport:
    return await env.client.execute_workflow(
        WorkOnThings.run, things, id=f"things-{name}", task_queue=MAINTENANCE
    )


def test_an_id_names_the_work_the_thing_and_where_asked_the_nominal_time() -> None:
    assert entity_id("backup", "7f") == "backup-7f"
    assert entity_id("purge", "7f", DUE) == "purge-7f-2026-12-01T02:00:00Z"


async def test_one_that_fails_holds_up_no_other(env: WorkflowEnvironment) -> None:
    names, worked = ("broken", *(f"thing{number}" for number in range(AT_ONCE))), Worked()

    # In the sandbox each of so many would load its modules anew.
    async with _worker(env.client, worked, UnsandboxedWorkflowRunner()):
        report = await _run(env, Things(names=names))

    assert report == EntityReport(done=AT_ONCE, failed=1)
    assert sorted(worked.on) == sorted(names)


async def _begun(env: WorkflowEnvironment, worked: Worked, name: str) -> Any:
    """A run that works on that one thing, which takes a while."""
    things = Things(names=(name,))
    begun = await env.client.start_workflow(
        WorkOnThings.run, things, id="things-a", task_queue=MAINTENANCE
    )
    await eventually(lambda: worked.on == [name])
    return begun


async def test_one_that_is_being_worked_on_is_left_to_that_run(
    env: WorkflowEnvironment, worked: Worked
) -> None:
    begun = await _begun(env, worked, "slow")

    with env.auto_time_skipping_disabled():
        assert await _run(env, Things(names=("slow", "other")), "b") == EntityReport(done=1, left=1)

    assert await begun.result() == EntityReport(done=1)
    assert worked.on == ["slow", "other"]


async def test_once_for_each_nominal_time_is_once_and_again_is_again(
    env: WorkflowEnvironment, worked: Worked
) -> None:
    once, again = Things(names=("a",), due=DUE, once=True), Things(names=("b",), due=DUE)

    assert [(await _run(env, once)).done, (await _run(env, once)).left] == [1, 1]
    assert [(await _run(env, again)).done, (await _run(env, again)).done] == [1, 1]

    assert worked.on == ["a", "b", "b"]


async def test_a_child_goes_on_where_the_run_that_began_it_is_ended(
    dev_server: WorkflowEnvironment,
) -> None:
    worked = Worked()
    async with _worker(dev_server.client, worked):
        begun = await _begun(dev_server, worked, "slow")

        await begun.terminate()

        child = dev_server.client.get_workflow_handle("thing-slow")
        assert (await begun.describe()).status is WorkflowExecutionStatus.TERMINATED
        assert (await child.describe()).status is WorkflowExecutionStatus.RUNNING
