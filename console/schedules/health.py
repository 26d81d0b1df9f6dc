"""Which runs of a schedule were missed, skipped or left out."""

import re
from datetime import UTC, datetime
from itertools import takewhile

from temporalio.client import ScheduleActionExecutionStartWorkflow

from console.schedules.known import Known
from domain.frozen import Frozen, Instant
from workflows.recurring import Job

NOMINAL = re.compile(r"-(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)$")
"""How Temporal ends the id of a run: with its nominal time."""

MOST = 10_000
"""Nominal times that are looked at between two runs: a week of a minutely job."""


class Health(Frozen):
    """How the runs of a schedule went, as far as Temporal remembers."""

    began: int = 0
    """Since the schedule was created, as the next two."""
    missed: int = 0
    """Left out after an outage, because they were older than the catch-up window."""
    skipped: int = 0
    """Left out because the run before was still at work."""
    left_out: int = 0
    """Nominal times from when the first of its last ten runs began to that of the last which began
    none: missed, skipped, or while it was paused. None for a schedule that is not declared."""
    left_out_last: Instant | None = None
    """The latest of them."""
    due_last: Instant | None = None
    """The nominal time of the last run."""


def health_of(known: Known, job: Job | None = None) -> Health:
    """How its runs went.

    Args:
        known: the schedule as Temporal has it.
        job: the declared one, in the business's zone; None for one that is not ours.
    """
    info = known.described.info
    due = sorted(
        datetime.fromisoformat(found[1]).astimezone(UTC)
        for one in info.recent_actions
        if isinstance(one.action, ScheduleActionExecutionStartWorkflow)
        and (found := NOMINAL.search(one.action.workflow_id))
    )
    # Whatever began since the first of them is among them. What is older ran perhaps before that,
    # also where a backfill has put nominal times long past into the list.
    since = min((one.started_at for one in info.recent_actions), default=None)
    left_out = _left_out(job, since, due) if job and since and due else []
    return Health(
        began=info.num_actions,
        missed=info.num_actions_missed_catchup_window,
        skipped=info.num_actions_skipped_overlap,
        left_out=len(left_out),
        left_out_last=left_out[-1] if left_out else None,
        due_last=due[-1] if due else None,
    )


def _left_out(job: Job, since: datetime, due: list[datetime]) -> list[datetime]:
    began = set(due)
    between = takewhile(lambda one: one < due[-1], job.when.times_after(since))
    return [one for _, one in zip(range(MOST), between, strict=False) if one not in began]
