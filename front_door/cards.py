"""Saving a card on a hosted page: no card data passes through this service."""

from uuid import UUID

from activities.card_lookup import card_page, with_latest_card
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

        A card saved on an earlier page is kept first.
        """
        return await card_page(self._records, self._payments, user_id, self._return_url)

    async def payment_method(self, user_id: UUID) -> PaymentMethodAnswer:
        """The saved card. Looks an unfinished page up, so that a just saved card is seen."""
        payer = await self._records.payer(user_id)
        payer = await with_latest_card(self._records, self._payments, payer)
        session = payer.setup_session_id
        pending = session is not None and (
            await self._payments.open_card_setup(session) is not None
        )
        return PaymentMethodAnswer.of(payer.card, setup_pending=pending)
