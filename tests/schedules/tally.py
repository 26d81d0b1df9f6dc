"""A recurring job for tests: it takes steps, and writes each into a ledger."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio import activity, workflow
from temporalio.client import Client, ScheduleOverlapPolicy
from temporalio.common import RetryPolicy
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from activities.clock import Clock, SystemClock
    from activities.heartbeat import heartbeating
    from activities.progress import Progress
    from domain.recurrence import Every, When
    from tests.schedules.ledger import Ledger, TallyOrder, TallyProgress
    from workflows.durations import Duration
    from workflows.nominal_time import nominal_time
    from workflows.policies import Policy
    from workflows.queues import MAINTENANCE
    from workflows.recurring import Job
    from workflows.sandboxing import workflow_runner

QUICK = Duration(
    name="QUICK",
    expected=timedelta(seconds=1),
    policy=Policy(
        start_to_close=timedelta(seconds=60),
        heartbeat=timedelta(seconds=15),
        schedule_to_close=timedelta(minutes=2),
        retry=RetryPolicy(initial_interval=timedelta(milliseconds=100), backoff_coefficient=1.0),
    ),
    whole_run=timedelta(minutes=3),
)
HEARTBEATS = timedelta(milliseconds=50)


class Tallying:
    """The steps of one worker."""

    def __init__(self, worker: str = "one", clock: Clock | None = None) -> None:
        self._worker = worker
        self._clock = clock or SystemClock()

    @activity.defn(name="tally")
    async def tally(self, order: TallyOrder) -> int:
        """Take the steps that are left, one after the other."""
        ledger, due = Ledger(Path(order.ledger)), order.due
        run = activity.info().workflow_run_id
        assert due is not None
        assert run is not None
        progress = Progress(TallyProgress())
        with heartbeating(HEARTBEATS, progress.details):
            for step in range(progress.reached.done, order.steps):
                ledger.take(due, step, run, self._worker, self._clock.now())
                await asyncio.sleep(order.step_seconds)
                progress.reached = TallyProgress(done=step + 1)
        return order.steps


@workflow.defn(name="tally")
class Tally:
    @workflow.run
    async def run(self, order: TallyOrder) -> int:
        options = QUICK.under("Take steps")
        options["heartbeat_timeout"] = timedelta(seconds=order.noticed_after_seconds)
        return await workflow.execute_activity_method(
            Tallying.tally, order.for_run(nominal_time()), **options
        )


def tally_job(
    name: str,
    order: TallyOrder,
    *,
    when: When | None = None,
    **declared: Any,
) -> Job:
    """A job that takes its steps; of itself once in a thousand days, unless told otherwise."""
    facts: dict[str, Any] = {
        "catch_up": timedelta(seconds=20),
        "overlap": ScheduleOverlapPolicy.SKIP,
        "note": f"Takes steps ({name})",
        **declared,
    }
    return Job(
        id=name,
        workflow=Tally,
        order=order,
        when=when or Every(timedelta(days=1000)),
        takes=QUICK,
        activities=lambda _outside: [Tallying().tally],
        **facts,
    )


def tally_worker(client: Client, tallying: Tallying | None = None, **options: Any) -> Worker:
    """A worker of the queue that jobs run on."""
    return Worker(
        client,
        task_queue=MAINTENANCE,
        workflows=[Tally],
        activities=[(tallying or Tallying()).tally],
        workflow_runner=workflow_runner(),
        # One that died is not waited for, as it would be for ten seconds.
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        max_heartbeat_throttle_interval=HEARTBEATS,
        default_heartbeat_throttle_interval=HEARTBEATS,
        **options,
    )


def whole_second(instant: datetime) -> datetime:
    return instant.replace(microsecond=0)


async def idle(client: Client, name: str) -> None:
    """Wait, bounded, until no run of that schedule is at work."""
    handle = client.get_schedule_handle(name)
    async with asyncio.timeout(30):
        while (await handle.describe()).info.running_actions:  # noqa: ASYNC110 - the other side is another process
            await asyncio.sleep(0.02)
