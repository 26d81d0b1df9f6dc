"""A payment that failed: the grace, its letters, and how it can end.

The payloads of the workflow `payment_recovery` and of what starts it: ids and instants only.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.frozen import Frozen, Instant
from domain.invoices import Invoice, InvoiceStatus
from domain.subscriptions import Billed


class LetterKind(StrEnum):
    """What a parent is told by mail of a payment that failed."""

    PAYMENT_FAILED_IMMEDIATE = "payment_failed_immediate"
    PAYMENT_FAILED_7DAY = "payment_failed_7day"
    PAYMENT_FAILED_1DAY = "payment_failed_1day"
    DOWNGRADED = "downgraded"


class Reminder(Frozen):
    """A letter so long before the end of the grace."""

    letter: LetterKind
    before_end: timedelta


class RecoveryTiming(Frozen):
    """The durations of one recovery. Sent with the workflow's input, so a sleeping run keeps its
    own. The defaults are the service's promises.
    """

    grace: timedelta = timedelta(days=30)
    """From the failed payment to the downgrade."""
    reminders: tuple[Reminder, ...] = (
        Reminder(letter=LetterKind.PAYMENT_FAILED_7DAY, before_end=timedelta(days=7)),
        Reminder(letter=LetterKind.PAYMENT_FAILED_1DAY, before_end=timedelta(days=1)),
    )
    """Earliest first."""
    least_notice: timedelta = timedelta(days=7)
    """However late we hear of it, nobody is downgraded sooner than this after we did."""

    def ends(self, owed_since: datetime, now: datetime) -> datetime:
        """When the grace of what is owed since then ends.

        The payment service's clock may be ahead of ours: what lies ahead counts from now.
        """
        return max(min(owed_since, now) + self.grace, now + self.least_notice)


class Ending(StrEnum):
    """How a recovery ended."""

    PAID = "paid"
    CANCELLED = "cancelled"
    """Nobody wants the subscription beyond what is past: there is nothing to recover."""
    WRITTEN_OFF = "written_off"
    """An operator ended the invoice at the payment service."""
    DOWNGRADED = "downgraded"


class RecoveryOrder(Frozen):
    """The workflow's input."""

    invoice_id: str
    user_id: UUID
    timing: RecoveryTiming = RecoveryTiming()


class Recovery(Frozen):
    """The row of `payment_recoveries`."""

    invoice_id: str
    user_id: UUID
    owed_since: Instant
    grace_ends_at: Instant
    ended_at: Instant | None = None
    ending: Ending | None = None


class RecoveryLook(Frozen):
    """What an invoice came to, so far."""

    ending: Ending | None = None
    """None while it is owed and the subscription goes on."""
    grace_ends_at: Instant | None = None
    """None where it is settled."""


class LetterOrder(Frozen):
    """Write that letter about that invoice, once."""

    user_id: UUID
    invoice_id: str
    letter: LetterKind


class LetterClaim(StrEnum):
    """Whose it is to send a letter now."""

    OURS = "ours"
    DONE = "done"
    """It was sent, or refused for good."""
    ANOTHERS = "anothers"
    """Somebody else is sending it just now."""


def ending_of(invoice: Invoice, billed: Billed | None) -> Ending | None:
    """How the recovery of that invoice has ended; None where it goes on.

    `billed` is the subscription it is of, as the payment service has it; None where there is none.
    """
    if invoice.status is InvoiceStatus.PAID:
        return Ending.PAID
    if billed is None or not billed.renews:
        return Ending.CANCELLED
    if invoice.status in (InvoiceStatus.VOID, InvoiceStatus.UNCOLLECTIBLE):
        return Ending.WRITTEN_OFF
    return None
