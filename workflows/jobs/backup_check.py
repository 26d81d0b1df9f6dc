"""The backups that are due, each begun in a workflow of its own."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.backups import Backups
    from activities.outside import Outside
    from domain import run_words
    from domain.backups import (
        BackupCheck,
        CheckReport,
        CheckTime,
        DueBackup,
        backup_workflow_id,
    )
    from domain.recurrence import Every
    from workflows.backup import LONGEST, BackupWorkflow
    from workflows.durations import A_MINUTE
    from workflows.entities import begin
    from workflows.nominal_time import nominal_time
    from workflows.recurring import Job, Served


@workflow.defn(name="backup_check")
class BackupCheckWorkflow:
    """One look, for one nominal time. It does not wait for what it begins."""

    @workflow.run
    async def run(self, order: BackupCheck) -> CheckReport:
        """Begin what is due; what meets a backup of its schedule still at work is skipped."""
        del order
        due = await workflow.execute_activity_method(
            Backups.due_backups,
            CheckTime(at=nominal_time()),
            **A_MINUTE.under("Which backups are due"),
        )
        begun, skipped = list[str](), list[str]()
        for one in due:
            if await self._began(one):
                begun.append(one.schedule)
            else:
                await workflow.execute_activity_method(
                    Backups.skip_backup, one, **A_MINUTE.under("Another one is at work")
                )
                skipped.append(one.schedule)
        return CheckReport(begun=tuple(begun), skipped=tuple(skipped))

    async def _began(self, due: DueBackup) -> bool:
        begun = await begin(
            BackupWorkflow.run,
            due,
            workflow_id=backup_workflow_id(due.schedule),
            within=LONGEST,
            words=run_words.backup(due.schedule, by_hand=False),
        )
        return begun is not None


def _activities(outside: Outside) -> Served:
    backups = Backups(outside.records, outside.archive)
    return [
        backups.due_backups,
        backups.skip_backup,
        backups.take_backup,
        backups.verify_backup,
        backups.note_failed_backup,
    ]


JOB = Job(
    id="backup-check",
    workflow=BackupCheckWorkflow,
    order=BackupCheck(),
    when=Every(timedelta(minutes=1)),
    catch_up=timedelta(minutes=2),
    jitter=timedelta(seconds=10),
    takes=A_MINUTE,
    note="Begins the backups that are due",
    activities=_activities,
    children=(BackupWorkflow,),
)
