"""The service's sweeps, run at once and for everything: nobody here can wait for five minutes."""

import asyncio
import time
from contextlib import suppress
from datetime import timedelta
from itertools import count

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from bench.complaint import BenchError
from bench.world import World
from domain.frozen import Frozen
from domain.outbox import LetterSweep, ReminderOrder
from domain.sweeps import BookingSweep, FeeSweep, RunSweep
from workflows.queues import MAINTENANCE

AT_ONCE = timedelta()
EVERYTHING = 10_000

RUNS = RunSweep(
    age=AT_ONCE,
    far_every=AT_ONCE,
    near=AT_ONCE,
    near_every=AT_ONCE,
    away_from_opening=AT_ONCE,
    late_every=AT_ONCE,
    limit=EVERYTHING,
)
FEES = FeeSweep(
    young_every=AT_ONCE, every=AT_ONCE, undecided=timedelta(minutes=10), limit=EVERYTHING
)

LETTERS = LetterSweep(first_after=AT_ONCE, limit=EVERYTHING)

WITHIN_S = 330.0
"""Longer than the longest try of a sweep, which a dead worker does not tell of."""
IN_A_STORY_S = 120.0
"""Under blows a sweep may not come to its end for long; the family goes on without it."""
AGAIN_S = 0.5
FIRST_STAGES = 10
"""More than the service's own sweep has, which runs beside."""

ROUNDS = 2
"""What one puts off, the next one finds."""

NEVER = timedelta(days=1_000)
_numbers = count(1)


async def swept(world: World) -> tuple[str, ...]:
    """Each of them over everything, and what they begin seen to its end; what went wrong."""
    try:
        for _ in range(ROUNDS):
            name = f"last-{next(_numbers)}"
            await asyncio.gather(sweep_bookings(world, name), sweep_fees(world, name))
            await sweep_runs(world, name)
            await sweep_letters(world, name, LETTERS)
            await idle(world)
    except BenchError as failed:
        return (str(failed),)
    return ()


async def sweep_bookings(world: World, name: str) -> None:
    """Look at the bookings of all that have ended, looked at before or not."""
    # A stage beyond those of every sweep before it, and never the last.
    stages = FIRST_STAGES + next(_numbers)
    order = BookingSweep(
        delays=(*(AT_ONCE,) * stages, NEVER),
        limit=EVERYTHING,
        per_account=EVERYTHING,
        away_from_openings=AT_ONCE,
        read_lag=timedelta(seconds=3),
        again_after=timedelta(seconds=1),
    )
    await _swept(world, "sweep_bookings", order, f"sweep-bookings-{name}")


async def sweep_runs(world: World, name: str) -> None:
    """Ask after all that are under way."""
    await _swept(world, "sweep_registrations", RUNS, f"sweep-registrations-{name}")


async def sweep_fees(world: World, name: str, within_s: float = WITHIN_S) -> None:
    """Ask after all fees that are not settled."""
    await _swept(world, "sweep_fees", FEES, f"sweep-fees-{name}", within_s)


async def sweep_letters(world: World, name: str, order: LetterSweep | None = None) -> None:
    """Try letters again: those whose turn it is by now, unless told otherwise."""
    await _swept(world, "sweep_letters", order or LetterSweep(), f"sweep-letters-{name}")


async def remind(world: World, name: str) -> None:
    """Tell what is due to be told now."""
    await _swept(world, "process_notifications", ReminderOrder(), f"process-notifications-{name}")


async def idle(world: World, within_s: float = WITHIN_S) -> bool:
    """Whether no run is open any more, within the time there is."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with suppress(RPCError):  # it is being killed just now
            running = await world.door.temporal.count_workflows("ExecutionStatus = 'Running'")
            if not running.count:
                return True
        await asyncio.sleep(AGAIN_S)
    return False


async def _swept(
    world: World, workflow: str, order: Frozen, run: str, within_s: float = WITHIN_S
) -> None:
    """Start it and wait until it is over, whatever dies meanwhile."""
    client = world.door.temporal
    deadline = time.monotonic() + within_s
    while not await _is_over(client, workflow, order, run):
        if time.monotonic() > deadline:
            raise BenchError(f"{run} does not come to its end.")
        await asyncio.sleep(AGAIN_S)


async def _is_over(client: Client, workflow: str, order: Frozen, run: str) -> bool:
    try:
        known = await client.get_workflow_handle(run).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            await _begun(client, workflow, order, run)
        return False
    if known.status is WorkflowExecutionStatus.RUNNING:
        return False
    if known.status is not WorkflowExecutionStatus.COMPLETED:
        raise BenchError(f"{run} ended as {known.status.name if known.status else 'nothing'}.")
    return True


async def _begun(client: Client, workflow: str, order: Frozen, run: str) -> None:
    try:
        await client.start_workflow(
            workflow,
            order,
            id=run,
            task_queue=MAINTENANCE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
    except (RPCError, WorkflowAlreadyStartedError):
        return
