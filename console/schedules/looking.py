"""The schedules of the namespace, as somebody looks at them."""

from collections.abc import Sequence
from datetime import datetime

from temporalio.client import Client

from console.schedules.health import Health, health_of
from console.schedules.known import Known, answering, find, find_all
from console.schedules.meaning import differences, in_words
from domain.frozen import Frozen, Instant
from workflows.recurring import Job
from workflows.schedules import VERSION


class Compared(Frozen):
    """A job as Temporal has it."""

    agrees: bool
    """Whether it is what the release declares."""
    newer: bool = False
    """Whether a newer release than this one applied it."""
    paused: bool
    ran_at: Instant
    """When it last began, by Temporal's clock; when it was created or last changed, where it has
    not run since."""
    next_run: Instant | None = None
    health: Health = Health()


class Listed(Frozen):
    """A schedule as Temporal has it."""

    id: str
    when: str
    paused: bool
    note: str
    next_run: Instant | None = None
    """With jitter, as `last_run`."""
    last_run: Instant | None = None
    declared: bool
    """Whether this release declares it."""
    version: int | None = None
    """Of the table that it was applied from; None where it is none of ours."""
    health: Health


async def compare_schedule(client: Client, job: Job) -> Compared | None:
    """That job, in the business's zone, as Temporal has it; None where it has none such.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    with answering(client):
        known = await find(client, job.id)
        if known is None:
            return None
        differing = await differences(client, known.schedule, job.schedule(VERSION), job)
    info = known.described.info
    runs = [action.started_at for action in info.recent_actions]
    return Compared(
        agrees=not differing,
        newer=(known.version or 0) > VERSION,
        paused=known.paused,
        ran_at=max([info.created_at, info.last_updated_at or info.created_at, *runs]),
        next_run=_next_run(known),
        health=health_of(known, job),
    )


async def list_schedules(client: Client, jobs: Sequence[Job]) -> list[Listed]:
    """Every schedule of the namespace, ours and others.

    Raises:
        WorkflowsUnreachable: Temporal refused or did not answer.
    """
    declared = {job.id: job for job in jobs}
    with answering(client):
        known = await find_all(client, declared)
    return [_listed(one, declared.get(one.id)) for one in known.values()]


def _listed(known: Known, job: Job | None) -> Listed:
    latest = known.described.info.recent_actions[-1:]
    spec = known.schedule.spec
    zone = f" {spec.time_zone_name}" if spec.calendars and spec.time_zone_name else ""
    return Listed(
        id=known.id,
        when=f"{in_words(spec)}{zone}",
        paused=known.paused,
        note=known.schedule.state.note or "",
        next_run=_next_run(known),
        last_run=latest[0].scheduled_at if latest else None,
        declared=job is not None,
        version=known.version,
        health=health_of(known, job),
    )


def _next_run(known: Known) -> datetime | None:
    return next(iter(known.described.info.next_action_times), None)
