"""Saving a card on a hosted page: no card data passes through this service."""

from uuid import UUID

from activities.card_lookup import with_latest_card
from domain.answers import PaymentMethodAnswer
from domain.payments import CardSetup
from gateways import Payments, Records


class Cards:
    """The card of one account."""

    def __init__(self, records: Records, payments: Payments, return_url: str) -> None:
        self._records = records
        self._payments = payments
        self._return_url = return_url

    async def start_setup(self, user_id: UUID) -> CardSetup:
        """A page on which the parent saves a card: the one still open, or a new one.

        A card saved on an earlier page is kept first, so that no finished page is forgotten.
        """
        profile = await self._records.profile(user_id)
        profile = await with_latest_card(self._records, self._payments, profile)
        if profile.setup_session_id is not None:
            unfinished = await self._payments.open_card_setup(profile.setup_session_id)
            if unfinished is not None:
                return unfinished
        customer_id = profile.stripe_customer_id
        if customer_id is None:
            created = await self._payments.create_customer(user_id)
            profile = await self._records.save_customer(user_id, created)
            customer_id = profile.stripe_customer_id or created
        setup = await self._payments.start_card_setup(customer_id, self._return_url)
        await self._records.save_card_setup(user_id, setup.session_id)
        return setup

    async def payment_method(self, user_id: UUID) -> PaymentMethodAnswer:
        """The saved card. Looks an unfinished page up, so that a just saved card is seen."""
        profile = await self._records.profile(user_id)
        profile = await with_latest_card(self._records, self._payments, profile)
        session = profile.setup_session_id
        pending = session is not None and (
            await self._payments.open_card_setup(session) is not None
        )
        return PaymentMethodAnswer.of(profile.card, setup_pending=pending)
