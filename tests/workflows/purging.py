"""Nights in which accounts are erased, over a world made of fakes."""

from collections.abc import Sequence
from itertools import count

from temporalio.client import Client

from domain.erasures import AccountPurge
from domain.job_orders import EntityReport
from tests.workflows.world import World
from workflows.jobs.account_purge import AccountPurgeWorkflow
from workflows.queues import MAINTENANCE

_numbers = count(1)


class FakeHistories:
    """In the place of `activities.histories`: the time-skipping server deletes nothing."""

    forgotten: list[str]

    def __init__(self, client: Client) -> None:
        del client
        self.forgotten = []

    async def forget(self, workflow_ids: Sequence[str]) -> int:
        """Whatever it is asked for is found once, and gone with the next look."""
        fresh = [one for one in workflow_ids if one not in self.forgotten]
        self.forgotten += fresh
        return len(fresh)


async def night(world: World) -> EntityReport:
    """The job's run of one night, now."""
    return await world.client.execute_workflow(
        AccountPurgeWorkflow.run,
        AccountPurge(),
        id=f"account-purge-{next(_numbers)}",
        task_queue=MAINTENANCE,
    )
