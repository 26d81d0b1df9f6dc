"""Checks and backups run by hand, over a database of a few rows."""

from datetime import datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.backups import (
    Backup,
    BackupCheck,
    BackupState,
    CheckReport,
    NewBackupSchedule,
    RetentionCleanup,
    RetentionReport,
    WrittenBackup,
    backup_workflow_id,
)
from tests.workflows.world import World
from workflows.backup import BackupWorkflow
from workflows.jobs.backup_check import BackupCheckWorkflow
from workflows.jobs.retention_cleanup import RetentionCleanupWorkflow
from workflows.queues import MAINTENANCE

ONLY_MAINTENANCE: dict[str, Any] = {"queues": (MAINTENANCE,)}

DAY = timedelta(days=1)


async def becomes_due(world: World, schedule: str = "nightly", *, ago: timedelta = DAY) -> datetime:
    """The schedule's next time is a past one; answers with it."""
    due_at = (await world.env.get_current_time() - ago).replace(microsecond=0)
    known = world.records.backup_schedules.get(schedule)
    changed = {"name": schedule, "every": 30 * DAY, "next_due_at": due_at}
    kept = known.model_dump(include={"keep"}) if known else {}
    await world.records.save_backup_schedule(NewBackupSchedule.model_validate({**kept, **changed}))
    return due_at


async def check(world: World) -> CheckReport:
    """One look which backups are due, now."""
    return await world.client.execute_workflow(
        BackupCheckWorkflow.run, BackupCheck(), id="backup-check", task_queue=MAINTENANCE
    )


def run_of(world: World, schedule: str = "nightly") -> WorkflowHandle[Any, WrittenBackup]:
    """The backup of that schedule, at work or ended."""
    return world.client.get_workflow_handle_for(BackupWorkflow.run, backup_workflow_id(schedule))


async def clean_up(world: World) -> RetentionReport:
    """The nightly run, now."""
    return await world.client.execute_workflow(
        RetentionCleanupWorkflow.run,
        RetentionCleanup(),
        id="retention-cleanup",
        task_queue=MAINTENANCE,
    )


def backup_of(world: World, due_at: datetime, schedule: str = "nightly") -> Backup:
    """What became of that time."""
    (one,) = [
        backup
        for backup in world.records.backups.values()
        if (backup.schedule, backup.due_at) == (schedule, due_at)
    ]
    return one


def states(world: World) -> list[BackupState]:
    """Of every backup, in the order in which they were due."""
    ordered = sorted(world.records.backups.values(), key=lambda one: one.due_at)
    return [one.state for one in ordered]
