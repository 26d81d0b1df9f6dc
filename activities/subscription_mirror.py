"""Our row of a subscription, made like what the payment service has."""

from uuid import UUID

from temporalio import activity

from domain.subscriptions import Billed, Subscription, SubscriptionStatus, chosen
from gateways import Billing, Records


class SubscriptionMirror:
    """Looks, then writes: in any order, also beside each other, what was seen last stays."""

    def __init__(self, records: Records, billing: Billing) -> None:
        self._records = records
        self._billing = billing

    async def refreshed(self, user_id: UUID) -> tuple[Subscription, Billed | None]:
        """The row after a look, and what was seen; None where there never was a subscription.

        Raises:
            OutsideError: the database or the payment service did not answer.
        """
        # The number of the look comes before the question: a change that this answer does not
        # show yet is told of by an event of its own, whose look has a higher one.
        opened = await self._records.begin_look(user_id)
        row = await self._without_ended_page(opened.subscription)
        billed = await self._billed(user_id, row)
        if billed is None:
            return row, None
        return await self._records.mirror(user_id, opened.look, billed), billed

    async def _without_ended_page(self, row: Subscription) -> Subscription:
        session_id = row.unsettled_page
        if session_id is None:
            return row
        checkout = await self._billing.checkout(session_id)
        if checkout.page is not None:
            return row
        return await self._records.end_checkout(row.user_id, session_id, checkout.card)

    async def _billed(self, user_id: UUID, row: Subscription) -> Billed | None:
        customer_id = (await self._records.payer(user_id)).stripe_customer_id
        if customer_id is None:
            return None
        found = await self._billing.subscriptions(customer_id)
        if sum(one.live for one in found) > 1:
            # Nothing here makes two. Which one to end, and what to give back, a person decides.
            activity.logger.error("an account pays for several subscriptions")
        best = chosen(found)
        if best is not None or row.subscription_id is None:
            return best
        known = await self._billing.subscription(row.subscription_id)
        return known or Billed(
            subscription_id=row.subscription_id,
            status=SubscriptionStatus.CANCELLED,
            created_at=activity.info().started_time,
        )
