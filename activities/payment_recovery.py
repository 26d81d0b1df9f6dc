"""The steps of a payment's recovery. Each asks Stripe first; each may be repeated."""

from datetime import timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.card_lookup import card_page
from activities.clock import Clock
from activities.delivery import taken
from activities.failures import as_failure
from activities.heartbeat import heartbeating
from activities.subscription_mirror import SubscriptionMirror
from domain.errors import OutsideError, PaymentError
from domain.invoices import Invoice, InvoiceStatus
from domain.pages import card_saved
from domain.payment_recovery import (
    Ending,
    LetterClaim,
    LetterKind,
    LetterOrder,
    Recovery,
    RecoveryLook,
    RecoveryOrder,
    ending_of,
)
from domain.recovery_letters import Owed, compose_recovery_letter
from gateways import Mail, Payments, Records

CLAIM_LASTS = timedelta(minutes=5)
"""Longer than a letter takes: who has neither sent it by then, nor said so, is gone."""


class PaymentRecoveries:
    """One invoice that could not be paid."""

    def __init__(
        self,
        records: Records,
        payments: Payments,
        mail: Mail,
        public_url: str,
        clock: Clock,
    ) -> None:
        self._records = records
        self._payments = payments
        self._billing = payments.billing
        self._mirror = SubscriptionMirror(records, payments.billing)
        self._mail = mail
        self._public_url = public_url
        self._clock = clock

    @activity.defn(name="look_at_invoice")
    async def look_at_invoice(self, order: RecoveryOrder) -> RecoveryLook:
        """What became of it; while it is owed, until when it is waited for."""
        try:
            with heartbeating():
                return await self._looked(order)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="end_grace")
    async def end_grace(self, order: RecoveryOrder) -> Ending:
        """Downgrade the account, unless the invoice was paid in the last moment."""
        try:
            with heartbeating():
                return await self._downgraded(order)
        except OutsideError as error:
            raise as_failure(error) from error

    @activity.defn(name="write_recovery_letter")
    async def write_recovery_letter(self, order: LetterOrder) -> None:
        """Send that letter, once; no warning where all was settled while it was held up.

        It may go out twice when the mark is lost; its Message-ID is then the same.
        """
        try:
            with heartbeating():
                await self._written(order)
        except OutsideError as error:
            raise as_failure(error) from error

    async def _downgraded(self, order: RecoveryOrder) -> Ending:
        invoice = await self._billing.give_up(order.invoice_id)
        subscription_id = invoice.subscription_id
        paid = invoice.status is InvoiceStatus.PAID
        if subscription_id is not None and not paid:
            # Void first: each is void, or it was paid, and never both.
            paid = await self._later_one_paid(subscription_id)
            if not paid:
                await self._billing.end(subscription_id)
        await self._mirror.refreshed(order.user_id)
        ending = Ending.PAID if paid else Ending.DOWNGRADED
        await self._records.end_recovery(order.invoice_id, ending)
        return ending

    async def _later_one_paid(self, subscription_id: str) -> bool:
        """Months billed meanwhile are not owed either, unless one was paid just now."""
        for later in await self._billing.owed(subscription_id):
            if (await self._billing.give_up(later.invoice_id)).status is InvoiceStatus.PAID:
                return True
        return False

    async def _asked(self, invoice_id: str) -> tuple[Invoice, Ending | None]:
        """The invoice, and how its recovery has ended at Stripe."""
        invoice = await self._billing.invoice(invoice_id)
        billed = (
            await self._billing.subscription(invoice.subscription_id)
            if invoice.subscription_id is not None
            else None
        )
        return invoice, ending_of(invoice, billed)

    async def _looked(self, order: RecoveryOrder) -> RecoveryLook:
        invoice, ending = await self._asked(order.invoice_id)
        if ending is not None:
            await self._records.end_recovery(order.invoice_id, ending)
            return RecoveryLook(ending=ending)
        kept = await self._records.open_recovery(
            Recovery(
                invoice_id=order.invoice_id,
                user_id=order.user_id,
                owed_since=invoice.since,
                grace_ends_at=order.timing.ends(invoice.since, self._clock.now()),
            )
        )
        return RecoveryLook(grace_ends_at=kept.grace_ends_at)

    async def _written(self, order: LetterOrder) -> None:
        invoice, ending = await self._asked(order.invoice_id)
        if order.letter is not LetterKind.DOWNGRADED and ending is not None:
            return
        info = activity.info()
        holder = f"{info.workflow_id}/{info.activity_id}"
        match await self._records.claim_letter(order, holder, CLAIM_LASTS):
            case LetterClaim.DONE:
                return
            case LetterClaim.ANOTHERS:
                raise ApplicationError("this letter is being sent", type="LetterHeld")
            case LetterClaim.OURS:
                await self._records.letter_done(order, sent=await self._sent(order, invoice))

    async def _sent(self, order: LetterOrder, invoice: Invoice) -> bool:
        profile = await self._records.profile(order.user_id)
        if profile.guardian is None:
            activity.logger.warning("there is nobody to write to about a subscription")
            return False
        owed = await self._owed(order, invoice)
        letter = compose_recovery_letter(order.letter, profile.guardian, owed, profile.reader)
        return await taken(self._mail, letter)

    async def _owed(self, order: LetterOrder, invoice: Invoice) -> Owed:
        recovery = await self._records.recovery(order.invoice_id)
        over = order.letter is LetterKind.DOWNGRADED
        return Owed(
            invoice_id=order.invoice_id,
            amount=invoice.amount_due,
            grace_ends_at=recovery.grace_ends_at if recovery else self._clock.now(),
            card_url=None if over else await self._card_page(order),
            pay_url=None if over else invoice.url,
        )

    async def _card_page(self, order: LetterOrder) -> str | None:
        try:
            page = await card_page(
                self._records, self._payments, order.user_id, card_saved(self._public_url)
            )
        except PaymentError:
            return None
        return page.url
