"""What shows only where something is wrong, made to happen: so that its names are seen too."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from structlog.testing import capture_logs
from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    SchedulePolicy,
    ScheduleSpec,
)
from temporalio.worker import Worker

from bench.complaint import BenchError
from bench.world import World
from connection import connect_temporal
from telemetry.metrics import metrics_runtime
from telemetry_settings import MetricsSettings

QUEUE = "drill"
SEEN_WITHIN_S = 30

CATCH_UP = timedelta(seconds=10)
"""Temporal grants no less."""
AWAY_S = CATCH_UP.total_seconds() + 5


@workflow.defn(name="drill_changed", sandboxed=False)
class Before:
    """A run as it was begun."""

    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(timedelta(hours=1))


@workflow.defn(name="drill_changed", sandboxed=False)
class After:
    """The same as a release has it that forgot the runs which sleep."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)


@workflow.defn(name="drill_large", sandboxed=False)
class Large:
    """Three payloads, each small enough, that are too much for one message of gRPC."""

    @workflow.run
    async def run(self) -> None:
        asked = [
            workflow.execute_activity(
                swallow, "x" * 1_900_000, start_to_close_timeout=timedelta(minutes=1)
            )
            for _ in range(3)
        ]
        await asyncio.gather(*asked)


@activity.defn
async def swallow(_text: str) -> None:
    """Never reached."""


async def happen(world: World, metrics_port: int) -> None:
    """All of them, one after the other. Temporal is away for some seconds, and is back at the end.

    Args:
        world: where.
        metrics_port: where the worker of these runs shows its figures, from now on.

    Raises:
        BenchError: one did not happen.
    """
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)  # it tells of what is on purpose
    with capture_logs():
        runtime = metrics_runtime(MetricsSettings(metrics_port=metrics_port), above=0)
    client = await connect_temporal(runtime)
    world.progress.say("a run that does not replay, and a message that is too large")
    await _change_and_boast(client)
    world.progress.say(f"Temporal is away for {AWAY_S:.0f} s")
    await _leave_schedules_behind(world, client)


async def _change_and_boast(client: Client) -> None:
    changed = await client.start_workflow(Before.run, id="drill-changed", task_queue=QUEUE)
    async with _serving(client, Before):
        await _in_history(client, changed.id, "TIMER_STARTED")
    async with _serving(client, After, Large):
        large = await client.start_workflow(Large.run, id="drill-large", task_queue=QUEUE)
        await changed.signal("wake")
        await _in_history(client, changed.id, "WORKFLOW_TASK_FAILED")
        await _in_history(client, large.id, "WORKFLOW_TASK_FAILED", "WORKFLOW_EXECUTION_TERMINATED")


@asynccontextmanager
async def _serving(client: Client, *workflows: type) -> AsyncGenerator[None]:
    # Without a cache every task is a replay.
    async with Worker(
        client,
        task_queue=QUEUE,
        workflows=workflows,
        activities=[swallow],
        max_cached_workflows=0,
        max_concurrent_workflow_task_polls=1,
    ):
        yield


async def _in_history(client: Client, run: str, *events: str) -> None:
    handle = client.get_workflow_handle(run)
    kinds = list[str]()
    for _ in range(SEEN_WITHIN_S * 4):
        history = await handle.fetch_history()
        kinds = [EventType.Name(event.event_type) for event in history.events]
        if any(kind.endswith(events) for kind in kinds):
            return
        await asyncio.sleep(0.25)
    raise BenchError(f"{run} has no {' or '.join(events)} in its history: {', '.join(kinds)}.")


async def _leave_schedules_behind(world: World, client: Client) -> None:
    await client.create_schedule(
        "drill-missed",
        Schedule(
            action=ScheduleActionStartWorkflow(Before.run, id="drill-missed", task_queue=QUEUE),
            spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=2))]),
            policy=SchedulePolicy(catchup_window=CATCH_UP),
        ),
    )
    await asyncio.sleep(3)
    await asyncio.to_thread(world.stack.kill, "temporal")
    await asyncio.sleep(AWAY_S)
    await asyncio.to_thread(world.stack.restart, "temporal")
