"""Having a schedule begin runs, or none for a while, by hand."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from temporalio.client import (
    Client,
    ScheduleActionExecutionStartWorkflow,
    ScheduleBackfill,
    ScheduleHandle,
    ScheduleOverlapPolicy,
)

from console.schedules.known import ANSWER_WITHIN, Known, answering, needed
from domain.errors import OutsideError
from domain.frozen import Frozen, Instant
from workflows.recurring import Job

BEGUN_WITHIN = timedelta(seconds=10)
LOOK_EVERY = timedelta(milliseconds=100)

MOST_RUNS = 500
"""Of one backfill: half of what Temporal buffers for a schedule."""

A_MOMENT = timedelta(milliseconds=1)


class NothingToBackfill(OutsideError):
    """The span holds no nominal time that could be made up for, or too many."""


class Triggered(Frozen):
    """What came of asking for a run now."""

    id: str
    run: str | None = None
    """The workflow id of the run that began; None where none did, yet or at all."""
    skipped: bool = False
    """Whether none begins, because the run before is still at work."""


class Backfilled(Frozen):
    """What was asked for."""

    id: str
    times: tuple[Instant, ...]
    """The nominal times, each of which gets a run."""


async def pause_schedule(client: Client, name: str, because: str) -> None:
    """Let it begin no more runs by itself; one that is at work goes on.

    Raises:
        NoSuchSchedule: there is none of that name.
        WorkflowsUnreachable: Temporal refused or did not answer; the call may be repeated.
    """
    with answering(client):
        await needed(client, name)
        await _handle(client, name).pause(note=because, rpc_timeout=ANSWER_WITHIN)


async def unpause_schedule(client: Client, name: str, jobs: Sequence[Job]) -> None:
    """Let it begin runs again, and have its declared note back. Raises as `pause_schedule`.

    What was due meanwhile is left out.
    """
    note = next((job.note for job in jobs if job.id == name), "Unpaused by hand")
    with answering(client):
        await needed(client, name)
        await _handle(client, name).unpause(note=note, rpc_timeout=ANSWER_WITHIN)


async def trigger_schedule(client: Client, name: str) -> Triggered:
    """Have it begin a run now, paused or not, and see which. Its nominal time is now.

    Raises as `pause_schedule`.
    """
    with answering(client):
        before = await needed(client, name)
        await _handle(client, name).trigger(rpc_timeout=ANSWER_WITHIN)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + BEGUN_WITHIN.total_seconds()
        while True:
            after = await needed(client, name)
            if begun := _runs(after) - _runs(before):
                return Triggered(id=name, run=max(begun))
            if _skipped(after) > _skipped(before):
                return Triggered(id=name, skipped=True)
            if loop.time() > deadline:
                return Triggered(id=name)
            await asyncio.sleep(LOOK_EVERY.total_seconds())


async def backfill_schedule(
    client: Client, job: Job, since: datetime, until: datetime
) -> Backfilled:
    """Have every nominal time of that span run now, one after the other, whether it ran or not.

    Raises:
        NothingToBackfill: the span holds none, or more than MOST_RUNS.
        NoSuchSchedule: the job is not applied.
        WorkflowsUnreachable: Temporal refused or did not answer. Look before asking again: another
            backfill runs them once more.
    """
    times: list[datetime] = []
    following = since
    for following in job.when.times_after(since - A_MOMENT):
        if following > until or len(times) > MOST_RUNS:
            break
        times.append(following)
    if not times:
        raise NothingToBackfill(f"{job.id} has no nominal time in that span.")
    if len(times) > MOST_RUNS:
        raise NothingToBackfill(
            f"That span holds more than {MOST_RUNS} nominal times of {job.id}: choose less."
        )
    with answering(client):
        await needed(client, job.id)
        # A run counts by when it is to begin, jitter included: before the next nominal time.
        span = ScheduleBackfill(
            start_at=times[0] - A_MOMENT,
            end_at=following - A_MOMENT,
            overlap=ScheduleOverlapPolicy.BUFFER_ALL,
        )
        await _handle(client, job.id).backfill(span, rpc_timeout=ANSWER_WITHIN)
    return Backfilled(id=job.id, times=tuple(times))


def _handle(client: Client, name: str) -> ScheduleHandle:
    return client.get_schedule_handle(name)


def _runs(known: Known) -> set[str]:
    return {
        one.action.workflow_id
        for one in known.described.info.recent_actions
        if isinstance(one.action, ScheduleActionExecutionStartWorkflow)
    }


def _skipped(known: Known) -> int:
    return known.described.info.num_actions_skipped_overlap
