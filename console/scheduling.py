"""Making Temporal's schedules agree with the declared jobs. Run as a deploy step, by one at a time:
Temporal's update carries no token, so of two the last would win.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleDescription,
    ScheduleUpdate,
    ScheduleUpdateInput,
)
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import PayloadError, WorkflowsUnreachable
from domain.frozen import Frozen, Instant
from workflows.schedules import JOBS, Job

ANSWER_WITHIN = timedelta(seconds=10)


class Change(StrEnum):
    """What applying a job did."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Applied(Frozen):
    """One job after it was applied."""

    id: str
    change: Change
    paused: bool = False


class Compared(Frozen):
    """A job as Temporal has it."""

    agrees: bool
    """Whether it is what the release declares."""
    paused: bool
    ran_at: Instant
    """When it last began, by Temporal's clock; when it was created, where it has not run yet."""
    next_run: Instant | None = None


class Listed(Frozen):
    """A schedule as Temporal has it."""

    id: str
    every: str
    paused: bool
    note: str
    next_run: Instant | None = None
    last_run: Instant | None = None
    declared: bool
    """Whether it is one of ours."""


async def apply_schedules(client: Client, jobs: Sequence[Job] = JOBS) -> list[Applied]:
    """Create what is missing and change what differs; whoever paused one finds it paused still.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer; the call may be repeated.
    """
    try:
        return [await _apply(client, job) for job in jobs]
    except RPCError as error:
        raise _unreachable(client, error) from error


async def compare_schedule(client: Client, job: Job) -> Compared | None:
    """That job as Temporal has it; None where it has none such.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    try:
        known = await _describe(client, job.id)
    except RPCError as error:
        raise _unreachable(client, error) from error
    if known is None:
        return None
    wanted = await _meaning(client, job.schedule, job)
    runs = [action.started_at for action in known.info.recent_actions]
    return Compared(
        agrees=await _meaning(client, known.schedule, job) == wanted,
        paused=known.schedule.state.paused,
        ran_at=max([known.info.created_at, *runs]),
        next_run=next(iter(known.info.next_action_times), None),
    )


async def list_schedules(client: Client) -> list[Listed]:
    """Every schedule of the namespace.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    declared = {job.id for job in JOBS}
    try:
        found = [entry.id async for entry in await client.list_schedules()]
        # The list itself lags behind; each is asked for.
        known = [await _describe(client, name) for name in sorted({*found, *declared})]
    except RPCError as error:
        raise _unreachable(client, error) from error
    return [_listed(one, declared) for one in known if one is not None]


async def _apply(client: Client, job: Job) -> Applied:
    wanted = job.schedule
    known = await _describe(client, job.id)
    if known is None:
        try:
            await client.create_schedule(job.id, wanted, rpc_timeout=ANSWER_WITHIN)
        except ScheduleAlreadyRunningError:
            return await _apply(client, job)
        return Applied(id=job.id, change=Change.CREATED)
    state = known.schedule.state
    if await _meaning(client, known.schedule, job) == await _meaning(client, wanted, job):
        return Applied(id=job.id, change=Change.UNCHANGED, paused=state.paused)

    def renewed(asked: ScheduleUpdateInput) -> ScheduleUpdate:
        kept = asked.description.schedule.state
        # Who paused it said why in the note.
        note = kept.note if kept.paused else job.note
        return ScheduleUpdate(schedule=replace(wanted, state=replace(kept, note=note)))

    await client.get_schedule_handle(job.id).update(renewed, rpc_timeout=ANSWER_WITHIN)
    return Applied(id=job.id, change=Change.CHANGED, paused=state.paused)


async def _describe(client: Client, name: str) -> ScheduleDescription | None:
    try:
        return await client.get_schedule_handle(name).describe(rpc_timeout=ANSWER_WITHIN)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


async def _meaning(client: Client, schedule: Schedule, job: Job) -> tuple[object, ...]:
    """What of a schedule counts, in one form: the server fills in what was left out."""
    spec, policy, action = schedule.spec, schedule.policy, schedule.action
    if not isinstance(action, ScheduleActionStartWorkflow):
        return ()
    return (
        [(one.every, one.offset or timedelta()) for one in spec.intervals],
        (len(spec.calendars), len(spec.cron_expressions), len(spec.skip)),
        (spec.start_at, spec.end_at, spec.time_zone_name or ""),
        spec.jitter or timedelta(),
        (policy.overlap, policy.catchup_window, policy.pause_on_failure),
        (action.workflow, action.id, action.task_queue, action.execution_timeout),
        await _read(client, action.args, type(job.order)),
        await _read(client, [action.static_summary], str),
        await _encodings(client, [*action.args, action.static_summary]),
        job.note if schedule.state.paused else schedule.state.note,
    )


async def _read(client: Client, values: Sequence[object], kind: type) -> list[object]:
    """The values, those from the server decoded; as they are where they are something else."""
    read: list[object] = []
    for value in values:
        if not isinstance(value, Payload):
            read.append(value)
            continue
        try:
            read += await client.data_converter.decode([value], [kind])
        except (RuntimeError, ValueError, PayloadError):
            read.append(value)
    return read


async def _encodings(client: Client, values: Sequence[object]) -> list[dict[str, bytes]]:
    """How each is, or would be, kept: one under an older key is to be written anew."""
    payloads = [
        value if isinstance(value, Payload) else (await client.data_converter.encode([value]))[0]
        for value in values
    ]
    return [dict(payload.metadata) for payload in payloads]


def _listed(known: ScheduleDescription, declared: Collection[str]) -> Listed:
    intervals = [str(one.every) for one in known.schedule.spec.intervals]
    latest = known.info.recent_actions[-1:]
    return Listed(
        id=known.id,
        every=", ".join(intervals) or "by calendar",
        paused=known.schedule.state.paused,
        note=known.schedule.state.note or "",
        next_run=next(iter(known.info.next_action_times), None),
        last_run=latest[0].scheduled_at if latest else None,
        declared=known.id in declared,
    )


def _unreachable(client: Client, error: RPCError) -> WorkflowsUnreachable:
    return WorkflowsUnreachable(
        f"Temporal did not take the schedules of namespace {client.namespace} "
        f"({error.status.name}). Does the namespace exist, and may our key change it?"
    )
