"""A workflow whose steps fail, with a person's name in what lies behind."""

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError
from temporalio.worker import Interceptor, Worker

from activities.failures import as_failure
from domain.errors import PaymentUnavailable
from workflows.sandboxing import workflow_runner

QUEUE = "failing"
LONG = "x" * 1_000


@activity.defn
async def refused(name: str) -> None:
    error = PaymentUnavailable(LONG)
    error.__cause__ = KeyError(name[::-1])
    raise as_failure(error) from error


@activity.defn
async def broken(name: str) -> None:
    raise KeyError(name[::-1]) from ValueError(name[::-1])


@workflow.defn
class Failing:
    @workflow.run
    async def run(self, name: str) -> None:
        """`name` is written backwards, so that only a failure has it as it is."""
        once = RetryPolicy(maximum_attempts=1)
        for step in (refused, broken):
            try:
                await workflow.execute_activity(
                    step, name, start_to_close_timeout=timedelta(seconds=5), retry_policy=once
                )
            except ActivityError as error:
                workflow.logger.warning("a step failed: %s", error)


async def failed(
    client: Client, name: str, run_id: str, *interceptors: Interceptor
) -> WorkflowHandle[Failing, None]:
    """The run of it, at its end, under a worker with those interceptors."""
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=[Failing],
        activities=[refused, broken],
        interceptors=interceptors,
        workflow_runner=workflow_runner(),
    ):
        run = await client.start_workflow(Failing.run, name[::-1], id=run_id, task_queue=QUEUE)
        await run.result()
        return run
