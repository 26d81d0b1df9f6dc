"""The pages on which a parent can act on a fee: made when they are asked for, and kept nowhere."""

from uuid import UUID

from activities.card_lookup import card_page, with_latest_card
from activities.clock import Clock
from activities.outstanding import Outstanding
from activities.permission import Permission
from domain.errors import MandateKeyUnknown, PaymentError
from domain.mandates import Use
from domain.pages import card_saved, payment_approved
from domain.registrations import Registration
from domain.states import FeeStatus, RegistrationStatus
from gateways import Mandates, Payments, Records


class FeeLinks:
    """Links for the parent alone. A payment service that does not answer gives none.

    A program that was given no key to verify permissions with gives none to approve a fee either.
    """

    def __init__(
        self,
        records: Records,
        payments: Payments,
        mandates: Mandates,
        public_url: str,
        clock: Clock,
    ) -> None:
        self._records = records
        self._payments = payments
        self._permission = Permission(mandates, clock)
        self._outstanding = Outstanding(records, payments)
        self._public_url = public_url
        self._clock = clock

    async def approval(self, row: Registration) -> str | None:
        """The bank's page for a fee that requires action; None where nothing is to be approved."""
        asks = row.fee_status is FeeStatus.REQUIRES_ACTION
        if not asks or row.status is not RegistrationStatus.COMPLETED:
            return None
        waiting = await self._outstanding.waiting(row.id)
        if waiting is None or waiting.payment_intent_id is None:
            return None
        agreement = await self._records.agreement(row.id)
        try:
            if self._permission.faults(agreement, Use.CHARGING):
                return None
            return await self._payments.approval_page(
                waiting.charge, waiting.payment_intent_id, payment_approved(self._public_url)
            )
        except (MandateKeyUnknown, PaymentError):
            return None

    async def for_letter(self, row: Registration) -> str | None:
        """What a letter about an unpaid fee leads to: the bank's page, or one for another card."""
        if row.fee_status is FeeStatus.DUE:
            return await self.card_page(row.user_id)
        return await self.approval(row)

    async def has_card(self, user_id: UUID) -> bool:
        """Whether there is one that is valid, be it saved on the page a moment ago."""
        try:
            payer = await self._records.payer(user_id)
            payer = await with_latest_card(self._records, self._payments, payer)
        except PaymentError:
            return False
        today = self._clock.now().date()
        return payer.card is not None and not payer.card.expired(today)

    async def card_page(self, user_id: UUID) -> str | None:
        """A page on which that parent can save a card."""
        try:
            page = await card_page(
                self._records, self._payments, user_id, card_saved(self._public_url)
            )
        except PaymentError:
            return None
        return page.url
