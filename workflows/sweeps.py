"""The sweeps: each a short run of its schedule, named by its nominal time.

Nothing is kept in a run: what was looked at stands in the database, so the next one goes on.
"""

from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.sweep_bookings import BookingSweeps
    from activities.sweep_fees import FeeSweeps
    from activities.sweep_registrations import RegistrationSweeps
    from domain.sweeps import (
        BookingSweep,
        FeeReport,
        FeeSweep,
        LookOrder,
        LookReport,
        ProviderNotice,
        RunReport,
        RunSweep,
    )
    from workflows.policies import NOTICE, SWEEP, TRANSITION, Policy


@workflow.defn(name="sweep_bookings")
class SweepBookings:
    """Looks again at the bookings of registrations that have ended."""

    @workflow.run
    async def run(self, order: BookingSweep) -> LookReport:
        """Look at what is due; at what seems missing, once more after the provider's read lag."""
        report = await workflow.execute_activity_method(
            BookingSweeps.sweep_bookings,
            order,
            **SWEEP.under("Look again at bookings"),
        )
        second = await _second_look(report, order.read_lag, order.again_after, SWEEP)
        return report.without_doubts().plus(second)


@workflow.defn(name="sweep_registrations")
class SweepRegistrations:
    """Asks after the workflows of registrations under way."""

    @workflow.run
    async def run(self, order: RunSweep) -> RunReport:
        """Start again what lost its run, and tell."""
        return await workflow.execute_activity_method(
            RegistrationSweeps.sweep_registrations,
            order,
            **SWEEP.under("Ask after the workflows of registrations"),
        )


@workflow.defn(name="sweep_fees")
class SweepFees:
    """Looks at money that is not settled."""

    @workflow.run
    async def run(self, order: FeeSweep) -> FeeReport:
        """Have runs look at their fees, and tell of those that nobody tries."""
        return await workflow.execute_activity_method(
            FeeSweeps.sweep_fees, order, **SWEEP.under("Look at fees that are not settled")
        )


@workflow.defn(name="provider_notice")
class ProviderNoticed:
    """A provider says that a booking changed: what that is, is asked for, never believed."""

    @workflow.run
    async def run(self, notice: ProviderNotice) -> LookReport:
        """The sweep's look at that one registration, at once."""
        look = await workflow.execute_activity_method(
            BookingSweeps.find_noticed, notice, **NOTICE.under("Find the registration")
        )
        if look is None:
            return LookReport()
        order = LookOrder(looks=(look,))
        try:
            report = await workflow.execute_activity_method(
                BookingSweeps.look_again, order, **NOTICE.under("Look at its bookings")
            )
            second = await _second_look(report, notice.read_lag, order.again_after, NOTICE)
        except ActivityError:
            # Nobody comes after it: the last look tells an operator where it gets no answer either.
            return await workflow.execute_activity_method(
                BookingSweeps.look_again,
                order.model_copy(update={"last": True}),
                **TRANSITION.under("Look for the last time, and tell"),
            )
        return report.without_doubts().plus(second)


async def _second_look(
    report: LookReport, read_lag: timedelta, again_after: timedelta, policy: Policy
) -> LookReport:
    if not report.doubtful:
        return LookReport()
    await workflow.sleep(read_lag, summary="Give the provider time to list what it has")
    return await workflow.execute_activity_method(
        BookingSweeps.look_again,
        LookOrder(looks=report.doubtful, second=True, again_after=again_after),
        **policy.under("Look a second time at what seems missing"),
    )
