"""What a provider tells by webhook, looked into at once."""

from temporalio import workflow
from temporalio.exceptions import ActivityError

with workflow.unsafe.imports_passed_through():
    from activities.sweep_bookings import BookingSweeps
    from domain.sweeps import LookOrder, LookReport, ProviderNotice
    from workflows import display
    from workflows.policies import NOTICE, TRANSITION
    from workflows.search_attributes import FOUND_BY_REGISTRATION
    from workflows.second_look import second_look


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
            workflow.set_current_details("### It was about none of our registrations")
            return LookReport()
        if workflow.patched(FOUND_BY_REGISTRATION):
            display.index_registration(look.registration_id)
        workflow.set_current_details(
            f"### Looking at what stands there\n\n- registration: `{look.registration_id}`"
        )
        order = LookOrder(looks=(look,))
        try:
            report = await workflow.execute_activity_method(
                BookingSweeps.look_again, order, **NOTICE.under("Look at its bookings")
            )
            second = await second_look(report, notice.read_lag, order.again_after, NOTICE)
        except ActivityError:
            # Nobody comes after it: the last look tells an operator where it gets no answer either.
            return await workflow.execute_activity_method(
                BookingSweeps.look_again,
                order.model_copy(update={"last": True}),
                **TRANSITION.under("Look for the last time, and tell"),
            )
        return report.without_doubts().plus(second)
