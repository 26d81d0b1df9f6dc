"""Types commands into the operator's command line while a worker of this project serves its jobs.

`python -m tests.schedules.follow ADDRESS COMMAND ...`; the document's own job must be there.
"""

import asyncio
import os
import shlex
import sys
from contextlib import AsyncExitStack

from temporalio.client import Client, ScheduleActionExecutionStartWorkflow
from temporalio.worker import Worker

from activities.armed_activities import TemporalActivities
from activities.clock import SystemClock
from activities.lane_room import LaneRoom
from activities.lane_watch import LaneWatch
from connection import Gateways
from domain.alerts import AlertKind, NewAlert
from gateways import Mail
from gateways.payload_codec import data_converter
from served import workers
from tests.console.command_line import new_office
from workflows.queues import MAINTENANCE

JOB = "count-alerts"


async def follow(address: str, commands: list[str]) -> None:
    """Type them in order, and wait for the run that one of them began."""

    async def connect() -> Client:
        return await Client.connect(address, data_converter=data_converter())

    office, client = await new_office(connect), await connect()
    for number in (1, 2):
        sentence = f"matter {number}"
        await office.records.raise_alert(
            NewAlert(key=f"matter/{number}", kind=AlertKind.RUN_MISSING, sentence=sentence)
        )
    async with AsyncExitStack() as stack:
        gateways = await stack.enter_async_context(office.doors.gateways())
        for worker in _workers(client, gateways, office.doors.mail()):
            await stack.enter_async_context(worker)
        for command in commands:
            done = await office.starter.run(*shlex.split(command))
            print(done.output)  # noqa: T201 - a command's answer
            if done.exit_code != 0:
                raise SystemExit(done.exit_code)
        await _tell_of_run(client)


async def _tell_of_run(client: Client) -> None:
    described = await client.get_schedule_handle(JOB).describe()
    (began,) = described.info.recent_actions
    assert isinstance(began.action, ScheduleActionExecutionStartWorkflow)
    run = client.get_workflow_handle(began.action.workflow_id)
    found = await run.result()
    print(f"the run of {JOB} counted {found} alerts for {run.id}")  # noqa: T201 - likewise
    for one in [each.id async for each in await client.list_schedules()]:
        await client.get_schedule_handle(one).delete()


def _workers(client: Client, gateways: Gateways, mail: Mail) -> list[Worker]:
    room = LaneRoom(gateways.records)
    watch = LaneWatch(gateways.records, TemporalActivities(client), SystemClock())
    return workers(client, gateways, mail, room, watch, queues=[MAINTENANCE])


if __name__ == "__main__":
    os.environ["BUSINESS_TIME_ZONE"] = "America/New_York"
    asyncio.run(follow(sys.argv[1], sys.argv[2:]))
    sys.stdout.flush()
    os._exit(0)
