"""Looking at an account at Stripe: because Stripe told of it, because somebody here changed it, or
because nobody told of it for long.

Nothing is kept in a run: what was seen stands in the database.
"""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.account_look import AccountLooks
    from domain.account_looks import AccountLook, AccountReport, StripeNotice
    from workflows.policies import NOTICE


@workflow.defn(name="stripe_event")
class StripeEventWorkflow:
    """An event of Stripe's, named by its id: so it is taken once."""

    @workflow.run
    async def run(self, notice: StripeNotice) -> AccountReport:
        """Look at the account that it names."""
        return await workflow.execute_activity_method(
            AccountLooks.work_stripe_event, notice, **NOTICE.under(f"Look: {notice.kind}")
        )


@workflow.defn(name="account_look")
class AccountLookWorkflow:
    """Somebody here changed something at Stripe, or nobody told of an account. One run each."""

    @workflow.init
    def __init__(self, _order: AccountLook) -> None:
        self._wanted = True

    @workflow.run
    async def run(self, order: AccountLook) -> AccountReport:
        """Look at that account, once more where somebody changed something meanwhile."""
        report = AccountReport()
        while self._wanted:
            self._wanted = False
            report = await workflow.execute_activity_method(
                AccountLooks.look_at_account,
                order,
                **NOTICE.under("Look at the account at Stripe"),
            )
        return report

    @workflow.signal(name="look")
    def look(self) -> None:
        """What the look at work has seen may be older than the change."""
        self._wanted = True
