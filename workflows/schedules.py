"""The recurring jobs, as data: one declared row a job. `python starter.py schedules apply` and the
deploy step make Temporal agree with it.

A schedule starts each nominal time once, however many workers there are, and names the run after
it: `sweep-bookings-2026-11-23T14:05:00Z`.
"""

from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import (
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleState,
)

from domain.backups import BackupCheck, RetentionCleanup
from domain.frozen import Frozen
from domain.sweeps import BookingSweep, FeeSweep, RunSweep
from workflows.queues import MAINTENANCE


@dataclass(frozen=True)
class Job:
    """One recurring job."""

    id: str
    """Of the schedule; its runs are named after it."""
    workflow: str
    """Wire name."""
    order: Frozen
    """The workflow's input, the same each time."""
    every: timedelta
    catch_up: timedelta
    """After an outage, runs missed for no longer than this are made up for. Sweeps find what is
    due whenever they run, so a storm of them would find the same."""
    jitter: timedelta
    """Each run is later by up to this, so that jobs do not all begin on the full minute."""
    within: timedelta
    """A run that is not done by then is ended: the next one goes on."""
    note: str
    offset: timedelta = timedelta()
    """Of its nominal times, from midnight UTC where it runs once a day."""

    @property
    def schedule(self) -> Schedule:
        """What Temporal is told. One at a time: a run that is still at work is not joined."""
        return Schedule(
            action=ScheduleActionStartWorkflow(
                self.workflow,
                self.order,
                id=self.id,
                task_queue=MAINTENANCE,
                execution_timeout=self.within,
                static_summary=self.note,
            ),
            spec=ScheduleSpec(
                intervals=[ScheduleIntervalSpec(every=self.every, offset=self.offset)],
                jitter=self.jitter,
            ),
            policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=self.catch_up),
            state=ScheduleState(note=self.note),
        )


JOBS = (
    Job(
        id="sweep-bookings",
        workflow="sweep_bookings",
        order=BookingSweep(),
        every=timedelta(minutes=1),
        catch_up=timedelta(minutes=1),
        jitter=timedelta(seconds=10),
        within=timedelta(minutes=15),
        note="Looks again at the bookings of registrations that have ended",
    ),
    Job(
        id="sweep-registrations",
        workflow="sweep_registrations",
        order=RunSweep(),
        every=timedelta(minutes=1),
        catch_up=timedelta(minutes=1),
        jitter=timedelta(seconds=10),
        within=timedelta(minutes=15),
        note="Asks after the workflows of registrations under way",
    ),
    Job(
        id="sweep-fees",
        workflow="sweep_fees",
        order=FeeSweep(),
        every=timedelta(minutes=10),
        catch_up=timedelta(minutes=10),
        jitter=timedelta(minutes=1),
        within=timedelta(minutes=15),
        note="Looks at fees that are not settled",
    ),
    Job(
        id="backup-check",
        workflow="backup_check",
        order=BackupCheck(),
        every=timedelta(minutes=1),
        catch_up=timedelta(minutes=2),
        jitter=timedelta(seconds=10),
        within=timedelta(minutes=15),
        note="Begins the backups that are due",
    ),
    Job(
        id="retention-cleanup",
        workflow="retention_cleanup",
        order=RetentionCleanup(),
        every=timedelta(days=1),
        catch_up=timedelta(hours=24),
        jitter=timedelta(minutes=1),
        within=timedelta(hours=3),
        note="Removes the backups that no rule keeps",
        offset=timedelta(hours=4),
    ),
)
