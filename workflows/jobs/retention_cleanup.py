"""The backups that no rule keeps, removed each night."""

from datetime import time, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.outside import Outside
    from activities.retention import Retention
    from domain.backups import RetentionCleanup, RetentionReport
    from domain.recurrence import Daily
    from workflows.durations import TEN_MINUTES
    from workflows.nominal_time import nominal_time
    from workflows.recurring import Job, Served


@workflow.defn(name="retention_cleanup")
class RetentionCleanupWorkflow:
    """Every backup also cleans up behind itself: this finds what that left."""

    @workflow.run
    async def run(self, order: RetentionCleanup) -> RetentionReport:
        """Remove them."""
        return await workflow.execute_activity_method(
            Retention.remove_old_backups,
            order.for_run(nominal_time()),
            **TEN_MINUTES.under("Remove what no rule keeps"),
        )


def _activities(outside: Outside) -> Served:
    return [Retention(outside.records, outside.archive, outside.clock).remove_old_backups]


JOB = Job(
    id="retention-cleanup",
    workflow=RetentionCleanupWorkflow,
    order=RetentionCleanup(),
    when=Daily(at=(time(4),)),
    catch_up=timedelta(hours=24),
    jitter=timedelta(minutes=1),
    takes=TEN_MINUTES,
    note="Removes the backups that no rule keeps",
    activities=_activities,
)
