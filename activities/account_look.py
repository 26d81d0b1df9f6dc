"""Whatever Stripe tells of, the same is done: look at the account, and go by what is there.

So events may come twice, late and in any order. None of them is believed but for whom it names.
"""

from uuid import UUID

from temporalio import activity

from activities.card_lookup import with_latest_card
from activities.failures import as_failure
from activities.heartbeat import UNHURRIED, heartbeating
from activities.recovery_runs import RecoveryRuns
from activities.subscription_mirror import SubscriptionMirror
from domain.account_looks import AccountLook, AccountReport, StripeNotice
from domain.errors import OutsideError
from domain.payment_recovery import RecoveryOrder
from domain.subscriptions import Billed, Subscription, SubscriptionStatus
from gateways import Payments, Records


class AccountLooks:
    """Cards, subscription and unpaid invoices of one account."""

    def __init__(self, records: Records, payments: Payments, runs: RecoveryRuns) -> None:
        self._records = records
        self._payments = payments
        self._billing = payments.billing
        self._mirror = SubscriptionMirror(records, payments.billing)
        self._runs = runs

    @activity.defn(name="work_stripe_event")
    async def work_stripe_event(self, notice: StripeNotice) -> AccountReport:
        """Look at the account that the event names; once for an event, but for a crash."""
        try:
            with heartbeating(UNHURRIED):
                taken = await self._records.take_event(notice)
                report = AccountReport()
                if taken.user_id is not None and not taken.worked:
                    report = await self.look(taken.user_id)
                await self._records.event_worked(notice.event_id)
                return report
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="look_at_account")
    async def look_at_account(self, order: AccountLook) -> AccountReport:
        """Look at that account."""
        try:
            with heartbeating(UNHURRIED):
                return await self.look(order.user_id)
        except OutsideError as error:
            raise as_failure(error) from error

    async def look(self, user_id: UUID) -> AccountReport:
        """Card, subscription and invoices; raises OutsideError."""
        payer = await self._records.payer(user_id)
        await with_latest_card(self._records, self._payments, payer)
        row, billed = await self._mirror.refreshed(user_id)
        if billed is not None and billed.live and row.card_to_use is not None:
            await self._use_card(row, billed, row.card_to_use)
            row, billed = await self._mirror.refreshed(user_id)
        return AccountReport(status=row.status, recoveries=await self._recover(user_id, billed))

    async def _use_card(self, row: Subscription, billed: Billed, card: str) -> None:
        """From now on, and for what is owed already."""
        if await self._billing.use_card(billed.subscription_id, card):
            for invoice in await self._billing.owed(billed.subscription_id):
                if invoice.failed:
                    await self._billing.pay(invoice.invoice_id, card)
        else:
            # Else nothing of this account would ever be seen to again.
            activity.logger.warning("a saved card is gone, and charges no subscription")
        await self._records.card_used(row.user_id, card)

    async def _recover(self, user_id: UUID, billed: Billed | None) -> int:
        """Have the oldest unpaid invoice seen to, and those that were so before.

        One grace at a time: the next begins once that one is paid, or ends with the subscription.
        """
        known = await self._records.open_recoveries(user_id)
        invoices = {recovery.invoice_id for recovery in known}
        if billed is not None and billed.renews and billed.status is SubscriptionStatus.PAST_DUE:
            owed = await self._billing.owed(billed.subscription_id)
            invoices |= {invoice.invoice_id for invoice in owed[:1] if invoice.failed}
        for invoice_id in sorted(invoices):
            await self._runs.reach(RecoveryOrder(invoice_id=invoice_id, user_id=user_id))
        return len(invoices)
