"""A second look at what seems missing at a provider: it may only be listed late."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.sweep_bookings import BookingSweeps
    from domain.sweeps import LookOrder, LookReport
    from workflows.policies import Policy


async def second_look(
    report: LookReport, read_lag: timedelta, again_after: timedelta, policy: Policy
) -> LookReport:
    """What came of looking again at what the first look doubted; nothing where it doubted nothing.

    Args:
        report: of the first look.
        read_lag: how long the provider is given to list what it has.
        again_after: when what gets no answer is looked at again.
        policy: of the look.
    """
    if not report.doubtful:
        return LookReport()
    await workflow.sleep(read_lag, summary="Give the provider time to list what it has")
    return await workflow.execute_activity_method(
        BookingSweeps.look_again,
        LookOrder(looks=report.doubtful, second=True, again_after=again_after),
        **policy.under("Look a second time at what seems missing"),
    )
