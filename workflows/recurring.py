"""A recurring job, as data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleCalendarSpec,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleRange,
    ScheduleSpec,
    ScheduleState,
)

from activities.outside import Outside
from domain.frozen import Frozen
from domain.recurrence import Every, When
from workflows.durations import Duration
from workflows.queues import MAINTENANCE

MARK = "signupassist-schedules"
"""The memo by which a schedule, and each of its runs, is known as ours; its value is the version of
the table that it was applied from. Never encrypted: a release without the keys must read it."""

Served = Sequence[Callable[..., Any]]
"""Activities, as a worker registers them."""


@dataclass(frozen=True)
class Job:
    """One row of the table of schedules. Each file of `workflows/jobs` declares one."""

    id: str
    """Of the schedule; its runs are named after it and their nominal time."""
    workflow: type
    """Its class; the wire name is in its definition."""
    order: Frozen
    """The workflow's input, the same each time."""
    when: When
    catch_up: timedelta
    """After an outage, nominal times missed for no longer than this are made up for; at least
    10 s, which is Temporal's own least. What is older is left out and counted as missed."""
    takes: Duration
    """How long one activity of it is expected to take."""
    note: str
    activities: Callable[[Outside], Served]
    """What a worker serves for it."""
    overlap: ScheduleOverlapPolicy = ScheduleOverlapPolicy.SKIP
    """What becomes of a nominal time that meets a run at work. SKIP drops it; BUFFER_ONE keeps the
    first such for when that run ends."""
    jitter: timedelta = timedelta()
    """Each run begins later by up to this, so that jobs do not all begin on the full minute. The
    nominal time has none of it."""
    children: tuple[type, ...] = ()
    """Workflows that it starts, one for each thing it works on (`workflows.entities`)."""

    def in_zone(self, business: str) -> "Job":
        """The same, wall times of the business being those of that zone."""
        return replace(self, when=self.when.in_zone(business))

    def schedule(self, version: int) -> Schedule:
        """What Temporal is told.

        Args:
            version: of the table.
        """
        return Schedule(
            action=ScheduleActionStartWorkflow(
                _run(self.workflow),
                self.order,
                id=self.id,
                task_queue=MAINTENANCE,
                execution_timeout=self.takes.whole_run,
                memo={MARK: in_clear(version)},
                static_summary=self.note,
            ),
            spec=_spec(self.when, self.jitter),
            policy=SchedulePolicy(overlap=self.overlap, catchup_window=self.catch_up),
            state=ScheduleState(note=self.note),
        )


def in_clear(version: int) -> Payload:
    """A number as anybody can read it, whatever encrypts the other payloads."""
    return Payload(metadata={"encoding": b"json/plain"}, data=str(version).encode())


def _run(workflow: Any) -> Any:
    return workflow.run


def _spec(when: When, jitter: timedelta) -> ScheduleSpec:
    if isinstance(when, Every):
        return ScheduleSpec(intervals=[ScheduleIntervalSpec(every=when.every)], jitter=jitter)
    calendars = [
        ScheduleCalendarSpec(
            hour=[ScheduleRange(wall.hour)],
            minute=[ScheduleRange(wall.minute)],
            second=[ScheduleRange(wall.second)],
        )
        for wall in when.at
    ]
    return ScheduleSpec(calendars=calendars, time_zone_name=when.zone, jitter=jitter)
