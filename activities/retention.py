"""Removing the backups that no rule keeps."""

from collections.abc import Sequence

from temporalio import activity

from activities.clock import Clock
from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from domain.backups import RetentionCleanup, RetentionReport
from domain.errors import OutsideError
from domain.retention import Decision, decide
from gateways import BackupArchive, Records


class Retention:
    """Decides on every backup that the target lists, and removes what is not kept."""

    def __init__(self, records: Records, archive: BackupArchive, clock: Clock) -> None:
        self._records = records
        self._archive = archive
        self._clock = clock

    @activity.defn(name="remove_old_backups")
    async def remove_old_backups(self, order: RetentionCleanup) -> RetentionReport:
        """Remove them. What one attempt removed, the next does not find."""
        try:
            with heartbeating(UNHURRIED):
                decisions = await self.decisions(order.schedule)
                await self.carry_out(decisions)
        except OutsideError as error:
            raise as_failure(error) from error
        kept = sum(decision.keep for decision in decisions)
        return RetentionReport(kept=kept, removed=len(decisions) - kept)

    async def decisions(self, schedule: str | None = None) -> tuple[Decision, ...]:
        """What is to be done about each backup; nothing is done.

        Raises:
            BackupError, RecordsError: the target, or the rules, could not be read whole. Then
                nothing is decided, and so nothing removed.
        """
        rules = {one.name: one.keep for one in await self._records.list_backup_schedules()}
        stored = await self._archive.stored()
        own = [one for one in stored if schedule in (None, one.schedule)]
        return decide(own, rules, self._clock.now())

    async def carry_out(self, decisions: Sequence[Decision]) -> None:
        """Remove what they say."""
        for decision in decisions:
            if not decision.keep:
                await self._archive.remove(decision.backup.place)
                await self._records.note_backup_removed(decision.backup.place)
