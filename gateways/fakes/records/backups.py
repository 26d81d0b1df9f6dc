from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from domain.backups import (
    Backup,
    BackupSchedule,
    BackupState,
    DueBackup,
    NewBackupSchedule,
    WrittenBackup,
)
from domain.errors import Conflict, RecordMissing
from gateways.fakes.records.tables import Tables, utc_now

_AT_WORK = frozenset({BackupState.RUNNING, BackupState.WRITTEN})
_TO_BEGIN = frozenset({BackupState.DUE, BackupState.SKIPPED, BackupState.FAILED})
_ENDED = frozenset({BackupState.VERIFIED, BackupState.FAILED, BackupState.REMOVED})


class Backups(Tables):
    """When backups are due, and what became of each."""

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__(now)
        self.backups: dict[UUID, Backup] = {}
        today = self.now().replace(hour=0, minute=0, second=0, microsecond=0)
        nightly = NewBackupSchedule(
            name="nightly", every=timedelta(days=1), next_due_at=today + timedelta(hours=27)
        )
        self.backup_schedules: dict[str, BackupSchedule] = {
            nightly.name: BackupSchedule(**nightly.model_dump(), created_at=self.now())
        }

    async def due_backups(self, at: datetime) -> tuple[DueBackup, ...]:
        for schedule in list(self.backup_schedules.values()):
            if schedule.enabled and schedule.next_due_at <= at:
                latest = at - (at - schedule.next_due_at) % schedule.every
                self._scheduled(schedule, next_due_at=latest + schedule.every)
                if self._of_time(schedule.name, latest) is None:
                    one = Backup(
                        id=uuid4(), schedule=schedule.name, due_at=latest, state=BackupState.DUE
                    )
                    self.backups[one.id] = one
        waiting = sorted(
            (one for one in self.backups.values() if one.state is BackupState.DUE),
            key=lambda one: (one.due_at, one.schedule),
        )
        latest_of = {one.schedule: one for one in waiting}
        for one in waiting:
            if latest_of[one.schedule] is not one:
                self._moved(one, BackupState.SKIPPED, ended_at=self.now())
        return tuple(
            DueBackup(backup_id=one.id, schedule=one.schedule, due_at=one.due_at)
            for one in waiting
            if latest_of[one.schedule] is one
            and one.due_at <= at
            and self.backup_schedules[one.schedule].enabled
        )

    async def begin_backup(self, due: DueBackup) -> Backup:
        if due.schedule not in self.backup_schedules:
            raise RecordMissing("there is no such schedule of backups")
        known = self.backups.get(due.backup_id)
        if known is None:
            if self._of_time(due.schedule, due.due_at) is not None:
                raise Conflict("that time has a backup under another id")
            known = Backup(
                id=due.backup_id, schedule=due.schedule, due_at=due.due_at, state=BackupState.DUE
            )
        if known.state not in _TO_BEGIN:
            return known
        for other in list(self.backups.values()):
            if other.schedule == known.schedule and other.state in _AT_WORK:
                self._moved(other, BackupState.FAILED, failure="interrupted", ended_at=self.now())
        begun = {"began_at": self.now(), "ended_at": None, "failure": None, "written": None}
        return self._moved(known, BackupState.RUNNING, **begun)

    async def skip_backup(self, backup_id: UUID) -> None:
        known = self.backups.get(backup_id)
        if known is not None and known.state is BackupState.DUE:
            self._moved(known, BackupState.SKIPPED, ended_at=self.now())

    async def note_backup_written(self, backup_id: UUID, written: WrittenBackup) -> Backup:
        known = self._backup(backup_id)
        if known.state is BackupState.RUNNING:
            return self._moved(known, BackupState.WRITTEN, written=written)
        if known.state not in (BackupState.WRITTEN, BackupState.VERIFIED):
            raise Conflict(f"the backup is {known.state.value}")
        return known

    async def note_backup_verified(self, backup_id: UUID) -> Backup:
        known, now = self._backup(backup_id), self.now()
        if known.state is BackupState.WRITTEN:
            return self._moved(known, BackupState.VERIFIED, verified_at=now, ended_at=now)
        if known.state is not BackupState.VERIFIED:
            raise Conflict(f"the backup is {known.state.value}")
        return known

    async def note_backup_failed(self, backup_id: UUID, failure: str) -> None:
        known = self.backups.get(backup_id)
        if known is not None and known.state in {BackupState.DUE, *_AT_WORK}:
            self._moved(known, BackupState.FAILED, failure=failure, ended_at=self.now())

    async def note_backup_removed(self, place: str) -> None:
        for known in list(self.backups.values()):
            if known.written is not None and known.written.place == place:
                self._moved(known, BackupState.REMOVED)

    async def list_backup_schedules(self) -> list[BackupSchedule]:
        return [self._shown(self.backup_schedules[name]) for name in sorted(self.backup_schedules)]

    async def list_backups(self, limit: int) -> list[Backup]:
        latest = sorted(self.backups.values(), key=lambda one: one.due_at, reverse=True)
        return latest[: max(limit, 0)]

    async def save_backup_schedule(self, schedule: NewBackupSchedule) -> BackupSchedule:
        known = self.backup_schedules.get(schedule.name)
        created_at = known.created_at if known is not None else self.now()
        saved = BackupSchedule(**schedule.model_dump(), created_at=created_at)
        self.backup_schedules[saved.name] = saved
        return self._shown(saved)

    def _backup(self, backup_id: UUID) -> Backup:
        if backup_id not in self.backups:
            raise RecordMissing("there is no such backup")
        return self.backups[backup_id]

    def _of_time(self, schedule: str, due_at: datetime) -> Backup | None:
        return next(
            (
                one
                for one in self.backups.values()
                if (one.schedule, one.due_at) == (schedule, due_at)
            ),
            None,
        )

    def _moved(self, backup: Backup, state: BackupState, **changes: object) -> Backup:
        moved = backup.model_copy(update={"state": state, **changes})
        self.backups[backup.id] = moved
        return moved

    def _scheduled(self, schedule: BackupSchedule, **changes: object) -> None:
        self.backup_schedules[schedule.name] = schedule.model_copy(update=changes)

    def _shown(self, schedule: BackupSchedule) -> BackupSchedule:
        own = [one for one in self.backups.values() if one.schedule == schedule.name]
        taken = [one.written.taken_at for one in own if one.verified_at and one.written]
        ended = sorted((one for one in own if one.state in _ENDED), key=lambda one: one.due_at)
        return schedule.model_copy(
            update={
                "newest_taken_at": max(taken, default=None),
                "last_failure": ended[-1].failure if ended else None,
            }
        )
