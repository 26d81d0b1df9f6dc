"""Money that is not settled."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.late_charges import LateCharges
    from activities.late_refunds import LateRefunds
    from activities.outside import Outside
    from activities.sweep_fees import FeeSweeps
    from domain.recurrence import Every
    from domain.sweeps import FeeReport, FeeSweep
    from workflows.durations import A_MINUTE
    from workflows.nominal_time import nominal_time
    from workflows.recurring import Job, Served


@workflow.defn(name="sweep_fees")
class SweepFees:
    """Looks at money that is not settled."""

    @workflow.run
    async def run(self, order: FeeSweep) -> FeeReport:
        """Have runs look at their fees, and tell of those that nobody tries."""
        return await workflow.execute_activity_method(
            FeeSweeps.sweep_fees,
            order.for_run(nominal_time()),
            **A_MINUTE.under("Look at fees that are not settled"),
        )


def _activities(outside: Outside) -> Served:
    sweeps = FeeSweeps(
        outside.records,
        outside.runs,
        LateRefunds(outside.records, outside.payments),
        LateCharges(outside.records, outside.payments),
        outside.clock,
    )
    return [sweeps.sweep_fees]


JOB = Job(
    id="sweep-fees",
    workflow=SweepFees,
    order=FeeSweep(),
    when=Every(timedelta(minutes=10)),
    # What is due is found whenever it runs, so a storm of runs would find the same.
    catch_up=timedelta(minutes=10),
    jitter=timedelta(minutes=1),
    takes=A_MINUTE,
    note="Looks at fees that are not settled",
    activities=_activities,
)
