"""Backups, as the database keeps count of them."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from domain.backups import Backup, BackupSchedule, DueBackup, NewBackupSchedule, WrittenBackup


class BackupRecords(Protocol):
    """When backups are due, and what became of each."""

    async def due_backups(self, at: datetime) -> tuple[DueBackup, ...]:
        """What is due by that instant and was not begun, one a schedule: the latest.

        Each due time becomes a backup once, however often this is asked. After an outage the
        latest of the times that passed is made up for, and the others are not.
        """
        ...

    async def begin_backup(self, due: DueBackup) -> Backup:
        """It is being made, and any other of its schedule still at work is not any more.

        One that was written already is answered as it is. What was not due before, such as one
        that an operator asks for, becomes known by this.

        Raises:
            RecordMissing: there is no such schedule.
            Conflict: that time has a backup under another id.
        """
        ...

    async def skip_backup(self, backup_id: UUID) -> None:
        """It is not made, because another of its schedule is at work; unless it was begun."""
        ...

    async def note_backup_written(self, backup_id: UUID, written: WrittenBackup) -> Backup:
        """It is whole in the target. The first answer stays: a later one changes nothing.

        Raises:
            Conflict: it is not being made.
        """
        ...

    async def note_backup_verified(self, backup_id: UUID) -> Backup:
        """It was read back. Repeatable.

        Raises:
            Conflict: it was not written.
        """
        ...

    async def note_backup_failed(self, backup_id: UUID, failure: str) -> None:
        """It came to nothing; one that was verified stays so. Repeatable."""
        ...

    async def note_backup_removed(self, place: str) -> None:
        """The target has it no more. Repeatable; a place that is not known changes nothing."""
        ...

    async def list_backup_schedules(self) -> list[BackupSchedule]:
        """Every schedule, by name."""
        ...

    async def list_backups(self, limit: int) -> list[Backup]:
        """The latest due times and what became of them, latest first."""
        ...

    async def save_backup_schedule(self, schedule: NewBackupSchedule) -> BackupSchedule:
        """Create or change it.

        Raises:
            RecordRejected: `invalid_schedule`.
        """
        ...
