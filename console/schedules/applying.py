"""Making Temporal's schedules agree with the table: the deploy step's work, and nobody else's."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast
from uuid import uuid4

from temporalio.api.workflowservice.v1 import UpdateScheduleRequest
from temporalio.client import Client, Schedule, ScheduleAlreadyRunningError
from temporalio.service import RPCError, RPCStatusCode

from console.schedules.known import ANSWER_WITHIN, Known, answering, find
from console.schedules.linting import check_times
from console.schedules.meaning import differences
from console.schedules.planning import Change, NewerSchedules, plan_schedules
from domain.errors import WorkflowsUnreachable
from domain.frozen import Frozen
from workflows.recurring import Job
from workflows.schedules import VERSION

TRIES = 5
"""How often a schedule is looked at anew because somebody else changed it meanwhile."""


class Applied(Frozen):
    """One job after it was applied."""

    id: str
    change: Change
    paused: bool = False


async def apply_schedules(
    client: Client, jobs: Sequence[Job], *, version: int = VERSION, go_back: bool = False
) -> list[Applied]:
    """Create what is missing and change what differs; what agrees is not touched.

    Whoever paused one finds it paused still, with the reason they gave, and what is counted and
    remembered of its runs stays. Two at once do no harm.

    Args:
        client: of Temporal.
        jobs: the table, in the business's zone.
        version: of the table.
        go_back: also where a newer release applied its own.

    Raises:
        UnclearTimes: of one of them; nothing was changed.
        NewerSchedules: a newer release applied its own; nothing was changed.
        WorkflowsUnreachable: Temporal refused or did not answer; the call may be repeated.
    """
    check_times(jobs)
    if not go_back:
        (await plan_schedules(client, jobs, version)).refuse_to_go_back()
    with answering(client):
        return [await _apply(client, job, version, go_back=go_back) for job in jobs]


async def prune_schedules(
    client: Client, jobs: Sequence[Job], *, version: int = VERSION, go_back: bool = False
) -> list[str]:
    """Delete those of ours that are declared no more; runs of theirs that are at work end as usual.

    What bears no mark of ours is somebody else's, and stays.

    Args:
        client: of Temporal.
        jobs: the table; only its names count.
        version: of the table.
        go_back: also those that a newer release declared.

    Raises:
        NewerSchedules: a newer release applied its table, and may have declared them.
        WorkflowsUnreachable: Temporal refused or did not answer; the call may be repeated.
    """
    plan = await plan_schedules(client, jobs, version)
    if not go_back:
        plan.refuse_to_go_back()
    with answering(client):
        for name in plan.left_over:
            await client.get_schedule_handle(name).delete(rpc_timeout=ANSWER_WITHIN)
    return list(plan.left_over)


async def _apply(client: Client, job: Job, version: int, *, go_back: bool) -> Applied:
    """Write, look, and write again where somebody was faster, until it is as declared."""
    change = Change.UNCHANGED
    wanted = job.schedule(version)
    for _ in range(TRIES):
        known = await find(client, job.id)
        if known is None:
            change = Change.CREATED
            await _create(client, job.id, wanted)
            continue
        if not await differences(client, known.schedule, wanted, job):
            return Applied(id=job.id, change=change, paused=known.paused)
        if not go_back and (known.version or 0) > version:
            raise NewerSchedules(
                f"A newer release has just applied its own schedule {job.id}. It stays as it is."
            )
        change = change if change is Change.CREATED else Change.CHANGED
        await _update(client, known, _keeping_state(wanted, known, job))
    raise WorkflowsUnreachable(
        f"The schedule {job.id} does not become what this release declares: somebody else changes "
        "it, or Temporal does not take it. Is another release being deployed? Apply again later."
    )


async def _create(client: Client, name: str, wanted: Schedule) -> None:
    try:
        await client.create_schedule(name, wanted, rpc_timeout=ANSWER_WITHIN)
    except ScheduleAlreadyRunningError:
        return  # another deploy step was faster: the next look says with what


def _keeping_state(wanted: Schedule, known: Known, job: Job) -> Schedule:
    """The wanted one, but as far as somebody paused or limited the one that is there."""
    kept = known.schedule.state
    # Who paused it said why in the note.
    return replace(wanted, state=replace(kept, note=kept.note if kept.paused else job.note))


async def _update(client: Client, known: Known, schedule: Schedule) -> None:
    """Write it, unless it was changed since it was looked at.

    Temporal may say so, or drop the write in silence: the next look decides. The SDK's own update
    sends no token, and so would undo a pause that came just before it.
    """
    request = UpdateScheduleRequest(
        namespace=client.namespace,
        schedule_id=known.id,
        schedule=await cast("Any", schedule)._to_proto(client),  # noqa: SLF001 - see above
        conflict_token=known.described.raw_description.conflict_token,
        identity=client.identity,
        request_id=str(uuid4()),
    )
    try:
        await client.workflow_service.update_schedule(request, retry=True, timeout=ANSWER_WITHIN)
    except RPCError as refused:
        if refused.status not in (RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.ABORTED):
            raise
