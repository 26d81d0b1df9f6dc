"""Begins the backups that are due, each in a workflow of its own."""

from temporalio import workflow
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

with workflow.unsafe.imports_passed_through():
    from activities.backups import Backups
    from domain.backups import (
        BackupCheck,
        CheckReport,
        CheckTime,
        DueBackup,
        backup_workflow_id,
    )
    from workflows.backup import LONGEST, BackupWorkflow
    from workflows.nominal_time import nominal_time
    from workflows.policies import SWEEP


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
            **SWEEP.under("Which backups are due"),
        )
        begun, skipped = list[str](), list[str]()
        for one in due:
            if await self._began(one):
                begun.append(one.schedule)
            else:
                await workflow.execute_activity_method(
                    Backups.skip_backup, one, **SWEEP.under("Another one is at work")
                )
                skipped.append(one.schedule)
        return CheckReport(begun=tuple(begun), skipped=tuple(skipped))

    async def _began(self, due: DueBackup) -> bool:
        try:
            await workflow.start_child_workflow(
                BackupWorkflow.run,
                due,
                id=backup_workflow_id(due.schedule),
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                parent_close_policy=workflow.ParentClosePolicy.ABANDON,
                execution_timeout=LONGEST,
                static_summary=f"Backup {due.schedule}",
            )
        except WorkflowAlreadyStartedError:
            return False
        return True
