"""Backups of the database: when they are due, what was written, and what became of each."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.frozen import Frozen, Instant
from domain.job_orders import JobOrder

MOST_KEPT = 1_000
"""Backups that one rule keeps, at the most."""

ScheduleName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""Names a schedule of backups, in ids and folders too. Chosen by an operator, about nobody."""


def backup_workflow_id(schedule: str) -> str:
    """The id of the one workflow that makes a backup of that schedule: never two at a time."""
    return f"backup-{schedule}"


def backup_alert_key(schedule: str) -> str:
    """The key of the alert that is open while the last backup of that schedule failed."""
    return f"backup_failed/{schedule}"


class BackupState(StrEnum):
    """How far a backup has come."""

    DUE = "due"
    """Its time has come, and no workflow has begun it yet."""
    RUNNING = "running"
    WRITTEN = "written"
    """Whole in the target, and not read back yet."""
    VERIFIED = "verified"
    """Read back, decrypted and counted."""
    SKIPPED = "skipped"
    """Its time met a backup of the same schedule still at work, or one that was due later."""
    FAILED = "failed"
    REMOVED = "removed"
    """No rule kept it any longer."""


class BackupCheck(Frozen):
    """Look which backups are due."""


class CheckTime(Frozen):
    """The nominal time of a check: what is due by then is begun, however late it runs."""

    at: Instant


class CheckReport(Frozen):
    """What came of a check, by schedules."""

    begun: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


class DueBackup(Frozen):
    """One backup to be made."""

    backup_id: UUID
    schedule: ScheduleName
    due_at: Instant


class WrittenBackup(Frozen):
    """A backup that is whole in the target."""

    place: str = Field(min_length=1, max_length=200)
    """Its folder there."""
    taken_at: Instant
    """By the database's clock: whatever was committed later is not in it."""
    rows: int = Field(ge=0)
    size_bytes: int = Field(ge=0)
    """As it is kept: compressed and encrypted."""
    chunks: int = Field(ge=1)
    key_name: str
    """Of the key among BACKUP_KEYS without which nobody reads it."""


class WrittenOrder(Frozen):
    """Read that backup back."""

    backup: DueBackup
    written: WrittenBackup


class FailedBackup(Frozen):
    """That backup came to nothing."""

    backup: DueBackup
    failure: str = Field(min_length=1, max_length=100)
    """The type of the error that ended it."""


class Backup(Frozen):
    """The row of `backups`."""

    id: UUID
    schedule: ScheduleName
    due_at: Instant
    state: BackupState
    began_at: Instant | None = None
    written: WrittenBackup | None = None
    verified_at: Instant | None = None
    ended_at: Instant | None = None
    failure: str | None = None


class StoredBackup(Frozen):
    """A backup as the target has it, which outlives the database."""

    place: str
    schedule: str
    due_at: Instant
    complete: bool
    """Whether its manifest is there, which is written last."""
    verified: bool
    """Whether it was whole when it was last read back."""


class RestoredBackup(Frozen):
    """What was put back into an empty database."""

    place: str
    taken_at: Instant
    rows: int = Field(ge=0)
    tables: int = Field(ge=0)
    erased: int = Field(default=0, ge=0)
    """Accounts of it that were erased since, and are so again."""
    unerased: int = Field(default=0, ge=0)
    """Likewise, and still there: the schema is of a release that erased nobody."""


class KeepRule(Frozen):
    """Which backups of a schedule are kept, counted over those that were verified, in UTC."""

    last: int = Field(default=7, ge=0, le=MOST_KEPT)
    daily: int = Field(default=14, ge=0, le=MOST_KEPT)
    """The latest of each of so many days that have one; and likewise the weeks and months."""
    weekly: int = Field(default=8, ge=0, le=MOST_KEPT)
    monthly: int = Field(default=12, ge=0, le=MOST_KEPT)


class NewBackupSchedule(Frozen):
    """When backups are made, and how long they are kept."""

    name: ScheduleName
    every: timedelta = Field(ge=timedelta(minutes=1), le=timedelta(days=366))
    next_due_at: Instant
    enabled: bool = True
    keep: KeepRule = KeepRule()


class BackupSchedule(NewBackupSchedule):
    """The row of `backup_schedules`, and how its backups stand."""

    created_at: Instant
    newest_taken_at: Instant | None = None
    """Of its newest backup that was verified: older work than this can be brought back."""
    last_failure: str | None = None
    """Of the last backup that ended, where that one failed."""


class RetentionCleanup(JobOrder):
    """Remove the backups that no rule keeps."""

    schedule: ScheduleName | None = None
    """Of that schedule alone; of every one where none is named."""


class RetentionReport(Frozen):
    """What came of it."""

    kept: int = 0
    removed: int = 0
