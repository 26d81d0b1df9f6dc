"""One backup: written, read back, and what it replaces removed."""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.backups import Backups
    from activities.retention import Retention
    from domain.backups import (
        DueBackup,
        FailedBackup,
        RetentionCleanup,
        WrittenBackup,
        WrittenOrder,
    )
    from workflows.durations import HOURS, TEN_MINUTES
    from workflows.policies import TRANSITION

LONGEST = timedelta(hours=30)
"""Twice the deadline of HOURS, for writing and for reading back, and room for the rest."""


@workflow.defn(name="backup")
class BackupWorkflow:
    """One at a time for each schedule, which its id says."""

    @workflow.run
    async def run(self, due: DueBackup) -> WrittenBackup:
        """Make it, or tell an operator that it came to nothing."""
        self._say("Writing the backup")
        try:
            written = await workflow.execute_activity_method(
                Backups.take_backup, due, **HOURS.under("Write the backup")
            )
            self._say("Reading it back", written)
            await workflow.execute_activity_method(
                Backups.verify_backup,
                WrittenOrder(backup=due, written=written),
                **HOURS.under("Read it back"),
            )
        except ActivityError as error:
            self._say(f"It came to nothing: {_named(error)}")
            await workflow.execute_activity_method(
                Backups.note_failed_backup,
                FailedBackup(backup=due, failure=_named(error)),
                **TRANSITION.under("Tell that it came to nothing"),
            )
            raise
        self._say("Read back; removing what no rule keeps", written)
        await self._clean_up(due)
        self._say("Written and read back", written)
        return written

    def _say(self, phase: str, written: WrittenBackup | None = None) -> None:
        what = f"\n\n- `{written.place}`: {written.rows} rows" if written else ""
        workflow.set_current_details(f"### {phase}{what}")

    async def _clean_up(self, due: DueBackup) -> None:
        try:
            await workflow.execute_activity_method(
                Retention.remove_old_backups,
                RetentionCleanup(schedule=due.schedule),
                **TEN_MINUTES.under("Remove what no rule keeps"),
            )
        except ActivityError as error:
            # The backup stands all the same, and the nightly run removes what is left.
            workflow.logger.warning("old backups were not removed: %s", _named(error))


def _named(error: ActivityError) -> str:
    """The type of what ended the activity."""
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type:
        return cause.type[:100]
    return type(cause or error).__name__
