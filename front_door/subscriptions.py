"""The paid plan of one account: Stripe is asked and told, and our row follows."""

from uuid import UUID

from activities.card_lookup import card_page, customer_of
from activities.clock import Clock
from domain.invoices import InvoicePage
from domain.pages import card_saved, subscribed
from domain.payments import CardSetup
from domain.refusals import Refused, refuse
from domain.subscription_answers import InvoicesAnswer, SubscriptionAnswer
from domain.subscriptions import CheckoutOrder, CheckoutPage, Subscription
from front_door.stripe_notices import StripeNotices
from gateways import Payments, Records

NOT_SUBSCRIBED = "This account has no subscription that goes on. Subscribe first."


class Subscriptions:
    """Everything that an account may do about its subscription. Every call may be repeated.

    Args of construction:
        price_id: of the paid plan; None where none is sold.
    """

    def __init__(
        self,
        records: Records,
        payments: Payments,
        notices: StripeNotices,
        public_url: str,
        price_id: str | None,
        clock: Clock,
    ) -> None:
        self._records = records
        self._payments = payments
        self._billing = payments.billing
        self._notices = notices
        self._public_url = public_url
        self._price_id = price_id
        self._clock = clock

    async def get(self, user_id: UUID) -> SubscriptionAnswer:
        """Where it stands, as far as Stripe has told."""
        return self._answer(await self._records.subscription(user_id))

    async def checkout(self, user_id: UUID) -> CheckoutPage:
        """A page on which the parent subscribes: the one still open, or a new one.

        Raises:
            Refused: `not_offered`, `profile_incomplete` or `already_subscribed`.
        """
        if self._price_id is None:
            raise refuse("not_offered", "No subscription is offered here.")
        profile = await self._records.profile(user_id)
        if profile.guardian is None:
            raise refuse(
                "profile_incomplete",
                "Tell us who you are first, so that we can write to you: update_profile in the "
                "chat.",
            )
        row = await self._records.subscription(user_id)
        if row.live:
            raise _already_subscribed()
        customer_id = await customer_of(self._records, self._payments, profile)
        page = await self._open_page(user_id, row.unsettled_page)
        if page is not None:
            return page
        if any(billed.live for billed in await self._billing.subscriptions(customer_id)):
            raise await self._seen_at_last(user_id)
        order = CheckoutOrder(
            user_id=user_id,
            customer_id=customer_id,
            price_id=self._price_id,
            return_url=subscribed(self._public_url),
            instead_of=row.checkout_session_id,
        )
        page = await self._billing.start_checkout(order)
        kept = await self._records.save_checkout(
            user_id, page.session_id, page.expires_at, instead_of=row.checkout_session_id
        )
        if kept.checkout_session_id == page.session_id:
            return page
        # Asked for twice, and what became of the page before was seen in between.
        return await self._open_page(user_id, kept.unsettled_page) or await self.checkout(user_id)

    async def cancel(self, user_id: UUID) -> SubscriptionAnswer:
        """Let it end with its period. Until then everything stays as it is.

        Raises:
            Refused: `not_subscribed`.
        """
        return await self._end_with_period(user_id, wanted=True)

    async def reactivate(self, user_id: UUID) -> SubscriptionAnswer:
        """Let it go on after all, as long as it has not ended.

        Raises:
            Refused: `not_subscribed`.
        """
        return await self._end_with_period(user_id, wanted=False)

    async def card_page(self, user_id: UUID) -> CardSetup:
        """A page on which the parent saves another card: the one still open, or a new one.

        Once it is saved the subscription, and what is owed for it, is charged to that card.

        Raises:
            Refused: `not_subscribed`.
        """
        await self._live(user_id)
        return await card_page(self._records, self._payments, user_id, card_saved(self._public_url))

    async def invoices(self, user_id: UUID, limit: int, after: str | None) -> InvoicesAnswer:
        """The account's invoices, newest first: so many, older than `after`.

        Raises:
            Refused: `not_found`.
        """
        customer_id = (await self._records.payer(user_id)).stripe_customer_id
        if customer_id is None:
            return InvoicesAnswer.of(InvoicePage())
        page = await self._billing.invoices(customer_id, limit, after)
        if page is None:
            raise refuse("not_found", "There is no such invoice in your account.", "after")
        return InvoicesAnswer.of(page)

    async def _open_page(self, user_id: UUID, session_id: str | None) -> CheckoutPage | None:
        if session_id is None:
            return None
        checkout = await self._billing.checkout(session_id)
        if checkout.complete:
            raise await self._seen_at_last(user_id)
        return checkout.page

    async def _seen_at_last(self, user_id: UUID) -> Refused:
        """Stripe has a subscription that our row does not show yet."""
        await self._notices.look(user_id)
        return _already_subscribed()

    async def _end_with_period(self, user_id: UUID, *, wanted: bool) -> SubscriptionAnswer:
        row = await self._live(user_id)
        billed = (
            await self._billing.end_with_period(row.subscription_id, wanted=wanted)
            if row.subscription_id is not None
            else None
        )
        await self._notices.look(user_id)
        if billed is None or not billed.live:
            raise refuse("not_subscribed", NOT_SUBSCRIBED)
        told = {
            "cancel_at_period_end": billed.cancel_at_period_end,
            "current_period_end": billed.current_period_end,
        }
        # Of what was changed Stripe's own answer is told, whether or not the row shows it yet.
        return (await self.get(user_id)).model_copy(update=told)

    async def _live(self, user_id: UUID) -> Subscription:
        row = await self._records.subscription(user_id)
        if not row.live:
            raise refuse("not_subscribed", NOT_SUBSCRIBED)
        return row

    def _answer(self, row: Subscription) -> SubscriptionAnswer:
        return SubscriptionAnswer.of(row, self._clock.now())


def _already_subscribed() -> Refused:
    return refuse("already_subscribed", "This account is subscribed already. Nothing was changed.")
