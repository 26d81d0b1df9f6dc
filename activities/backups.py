"""Backups of the database: begun when they are due, written, and read back."""

from contextlib import suppress

import structlog
from temporalio import activity

from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from domain.alerts import AlertKind, NewAlert
from domain.backups import (
    BackupState,
    CheckTime,
    DueBackup,
    FailedBackup,
    WrittenBackup,
    WrittenOrder,
    backup_alert_key,
)
from domain.errors import OutsideError
from gateways import BackupArchive, Records

log = structlog.stdlib.get_logger(__name__)

TOLD_AFTER = 6
"""Attempts of one step, so six minutes: what fails so often does not pass by itself."""


class Backups:
    """The steps of one backup. Each may be repeated: the row says what was done already."""

    def __init__(self, records: Records, archive: BackupArchive) -> None:
        self._records = records
        self._archive = archive

    @activity.defn(name="due_backups")
    async def due_backups(self, check: CheckTime) -> tuple[DueBackup, ...]:
        """What is due, one a schedule, and stays so until it is begun or skipped."""
        try:
            return await self._records.due_backups(check.at)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="skip_backup")
    async def skip_backup(self, due: DueBackup) -> None:
        """Its time met a backup of the same schedule that is still at work."""
        try:
            await self._records.skip_backup(due.backup_id)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="take_backup")
    async def take_backup(self, due: DueBackup) -> WrittenBackup:
        """Write it. An attempt that follows another begins anew, unless that one was done."""
        chunks = 0

        def progress(done: int) -> None:
            nonlocal chunks
            chunks = done

        try:
            known = await self._records.begin_backup(due)
            if known.state is not BackupState.RUNNING and known.written is not None:
                return known.written
            with heartbeating(UNHURRIED, lambda: (chunks,)):
                written = await self._archive.write(due, progress)
            kept = (await self._records.note_backup_written(due.backup_id, written)).written
            if kept is None or kept.place == written.place:
                return written
            # An attempt that was given up had written it after all: one is enough.
            await self._archive.remove(written.place)
        except OutsideError as error:
            await self._tell_of_trouble(due, error)
            raise as_failure(error) from error
        return kept

    @activity.defn(name="verify_backup")
    async def verify_backup(self, order: WrittenOrder) -> None:
        """Read it back: what it says of itself must be true. Goes on where an attempt ended."""
        place, key = order.written.place, backup_alert_key(order.backup.schedule)
        chunks = _verified_so_far(place)

        def progress(done: int) -> None:
            nonlocal chunks
            chunks = done

        try:
            with heartbeating(UNHURRIED, lambda: (place, chunks)):
                await self._archive.verify(place, chunks, progress)
            await self._records.note_backup_verified(order.backup.backup_id)
            await self._records.settle_alert(key)
        except OutsideError as error:
            await self._tell_of_trouble(order.backup, error)
            raise as_failure(error) from error

    @activity.defn(name="note_failed_backup")
    async def note_failed_backup(self, failed: FailedBackup) -> None:
        """Write down that it came to nothing, and tell an operator."""
        backup = failed.backup
        try:
            await self._records.note_backup_failed(backup.backup_id, failed.failure)
            await self._tell(backup, f"came to nothing: {failed.failure}")
        except OutsideError as error:
            raise as_failure(error) from error
        log.warning("backup_failed", error=failed.failure)

    async def _tell_of_trouble(self, due: DueBackup, error: OutsideError) -> None:
        """Not only at the end, which may be half a day away."""
        if activity.info().attempt == TOLD_AFTER:
            with suppress(OutsideError):
                name = type(error).__name__
                await self._tell(due, f"has not come through yet, and is tried on: {name}")

    async def _tell(self, due: DueBackup, what: str) -> None:
        await self._records.raise_alert(
            NewAlert(
                key=backup_alert_key(due.schedule),
                kind=AlertKind.BACKUP_FAILED,
                sentence=(
                    f"The backup {due.schedule} that was due on {due.due_at:%Y-%m-%d at %H:%M} "
                    f"UTC {what}. See A backup failed in docs/operations.md. The next one that is "
                    "verified settles this."
                ),
            )
        )


def _verified_so_far(place: str) -> int:
    """How many chunks of that backup an attempt before this one has read back."""
    match list(activity.info().heartbeat_details):
        case [str(read), int(chunks)] if read == place:
            return chunks
        case _:
            return 0
