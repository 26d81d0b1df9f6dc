"""Removes, each night, the backups that no rule keeps."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.retention import Retention
    from domain.backups import RetentionCleanup, RetentionReport
    from workflows.policies import RETENTION


@workflow.defn(name="retention_cleanup")
class RetentionCleanupWorkflow:
    """Every backup also cleans up behind itself: this finds what that left."""

    @workflow.run
    async def run(self, order: RetentionCleanup) -> RetentionReport:
        """Remove them."""
        return await workflow.execute_activity_method(
            Retention.remove_old_backups, order, **RETENTION.under("Remove what no rule keeps")
        )
