from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from domain.backups import Backup, BackupSchedule, DueBackup, NewBackupSchedule, WrittenBackup
from gateways.supabase_records.client import ANY, DataApiClient

_BACKUP = TypeAdapter(Backup)
_BACKUPS = TypeAdapter(list[Backup])
_DUE = TypeAdapter(tuple[DueBackup, ...])
_SCHEDULE = TypeAdapter(BackupSchedule)
_SCHEDULES = TypeAdapter(list[BackupSchedule])


class Backups(DataApiClient):
    """When backups are due, and what became of each."""

    async def due_backups(self, at: datetime) -> tuple[DueBackup, ...]:
        return await self._call("due_backups", _DUE, at=at)

    async def begin_backup(self, due: DueBackup) -> Backup:
        return await self._call("begin_backup", _BACKUP, due=due)

    async def skip_backup(self, backup_id: UUID) -> None:
        await self._call("skip_backup", ANY, backup_id=backup_id)

    async def note_backup_written(self, backup_id: UUID, written: WrittenBackup) -> Backup:
        return await self._call(
            "note_backup_written", _BACKUP, backup_id=backup_id, written=written
        )

    async def note_backup_verified(self, backup_id: UUID) -> Backup:
        return await self._call("note_backup_verified", _BACKUP, backup_id=backup_id)

    async def note_backup_failed(self, backup_id: UUID, failure: str) -> None:
        await self._call("note_backup_failed", ANY, backup_id=backup_id, failure=failure)

    async def note_backup_removed(self, place: str) -> None:
        await self._call("note_backup_removed", ANY, place=place)

    async def list_backup_schedules(self) -> list[BackupSchedule]:
        return await self._call("list_backup_schedules", _SCHEDULES)

    async def list_backups(self, limit: int) -> list[Backup]:
        return await self._call("list_backups", _BACKUPS, limit=limit)

    async def save_backup_schedule(self, schedule: NewBackupSchedule) -> BackupSchedule:
        return await self._call("save_backup_schedule", _SCHEDULE, schedule=schedule)
