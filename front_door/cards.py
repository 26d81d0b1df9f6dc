"""Saving a card on a hosted page: no card data passes through this service."""

from uuid import UUID

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
        """A page on which the parent saves a card; it replaces an unfinished earlier one."""
        profile = await self._records.profile(user_id)
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
        session = profile.setup_session_id
        if session is None:
            return PaymentMethodAnswer(card=profile.card)
        card = await self._payments.card_from_setup(session)
        if card is None:
            return PaymentMethodAnswer(card=profile.card, setup_pending=True)
        saved = await self._records.save_card(user_id, session, card)
        return PaymentMethodAnswer(card=saved.card)
